"""The journal's key in a PKCS#11 token (TPM, HSM, SoftHSM): made there, used there, never readable (PKCS#11 3.0).

Needs CKM_AES_GCM (section 2.12.4). One login for the process; the module is the token maker's library.
"""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import (
    EncryptedDataInvalid,
    EncryptedDataLenRange,
    GeneralError,
    NoSuchKey,
    PKCS11Error,
    UserAlreadyLoggedIn,
)

from kiosk.journal.errors import JournalDamaged, JournalKeyMissing
from kiosk.journal.key import NONCE_BYTES

ALTERED = (EncryptedDataInvalid, EncryptedDataLenRange, GeneralError)  # SoftHSM 2.6.1 says GeneralError (measured)


@dataclass(frozen=True)
class TokenPlace:
    """Where the key is: the maker's library, the token's label, the key's label, and the file with the PIN."""

    module: Path
    token: str
    label: str
    pin_file: Path


class TokenKey:
    """As JournalKey. JournalKeyMissing when library, token, PIN or mechanism is missing; made on first use."""

    def __init__(self, place: TokenPlace) -> None:
        self._lock = threading.Lock()
        try:
            self._session = _session(place)
            self._key = _found_or_made(self._session, place.label)
        except (OSError, PKCS11Error) as error:
            raise JournalKeyMissing(f"{place.token}: {type(error).__name__}") from error

    def seal(self, entry_key: str, plain: bytes) -> bytes:
        """As JournalKey."""
        nonce = os.urandom(NONCE_BYTES)
        try:
            with self._lock:
                sealed: bytes = self._key.encrypt(
                    plain, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, entry_key.encode())
                )
        except PKCS11Error as error:
            raise JournalKeyMissing(type(error).__name__) from error
        return nonce + sealed

    def unseal(self, entry_key: str, sealed: bytes) -> bytes:
        """As JournalKey."""
        params = GCMParams(sealed[:NONCE_BYTES], entry_key.encode())
        try:
            with self._lock:
                plain: bytes = self._key.decrypt(
                    sealed[NONCE_BYTES:], mechanism=Mechanism.AES_GCM, mechanism_param=params
                )
        except ALTERED as error:
            raise JournalDamaged("a payload was changed") from error
        except PKCS11Error as error:
            raise JournalKeyMissing(type(error).__name__) from error
        return plain


def _session(place: TokenPlace) -> pkcs11.Session:
    pin = place.pin_file.read_text(encoding="utf-8").strip()
    token = pkcs11.lib(str(place.module)).get_token(token_label=place.token)
    if Mechanism.AES_GCM not in token.slot.get_mechanisms():
        raise JournalKeyMissing(f"the token {place.token} has no AES-GCM")
    try:
        return token.open(rw=True, user_pin=pin)
    except UserAlreadyLoggedIn:  # a login holds for the whole process (PKCS#11 section 2.6)
        return token.open(rw=True)


def _found_or_made(session: pkcs11.Session, label: str) -> Any:
    """The key; which operations it has, python-pkcs11 decides when it runs, so its types don't say."""
    try:
        return session.get_key(object_class=ObjectClass.SECRET_KEY, label=label)
    except NoSuchKey:
        return session.generate_key(
            KeyType.AES,
            256,
            label=label,
            store=True,
            capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
            template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        )
