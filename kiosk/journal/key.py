"""Who seals the payloads: a key in a file here, or one that never leaves its token (token_key).

AES-256-GCM, a fresh nonce each, bound to the entry: nonce ‖ ciphertext ‖ tag (NIST SP 800-38D).
"""

import os
import stat
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.journal.durable import durable_file
from kiosk.journal.errors import JournalDamaged

NONCE_BYTES, KEY_BYTES = 12, 32


class JournalKey(Protocol):
    """Seals and opens payloads; `entry_key` binds a payload to its entry."""

    def seal(self, entry_key: str, plain: bytes) -> bytes:
        """The payload as it may lie on a disk."""
        ...

    def unseal(self, entry_key: str, sealed: bytes) -> bytes:
        """The plain payload; JournalDamaged when it is not what was sealed for this entry."""
        ...


class FileKey:
    """32 bytes at `path` (0600), made on first use. JournalDamaged when they can't be used, OSError from the disk."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            durable_file(path, AESGCM.generate_key(256))
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise JournalDamaged(f"its key {path} may be read by others, run chmod 600")
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise JournalDamaged(f"its key {path} has {len(key)} bytes instead of {KEY_BYTES}")
        self._cipher = AESGCM(key)

    def seal(self, entry_key: str, plain: bytes) -> bytes:
        """As JournalKey."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, entry_key.encode())

    def unseal(self, entry_key: str, sealed: bytes) -> bytes:
        """As JournalKey."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], entry_key.encode())
        except InvalidTag as error:
            raise JournalDamaged("a payload was changed") from error
