"""The only personal data in the journal, sealed: AES-256-GCM, a fresh nonce each, bound to its entry."""

import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.journal.errors import JournalDamaged

NONCE_BYTES, KEY_BYTES = 12, 32


def load_key(path: Path) -> bytes:
    """The key at `path` (32 bytes, 0600), made on first use. JournalDamaged when it can't be used."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(AESGCM.generate_key(256))
            file.flush()
            os.fsync(file.fileno())
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise JournalDamaged(f"its key {path} may be read by others, run chmod 600")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise JournalDamaged(f"its key {path} has {len(key)} bytes instead of {KEY_BYTES}")
    return key


def seal(key: bytes, entry_key: str, plain: bytes) -> bytes:
    """nonce ‖ ciphertext, bound to the entry's idempotency key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, entry_key.encode())


def unseal(key: bytes, entry_key: str, sealed: bytes) -> bytes:
    """The plain payload; JournalDamaged when it is not what was sealed for this entry."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], entry_key.encode())
    except InvalidTag as error:
        raise JournalDamaged("a payload was changed") from error
