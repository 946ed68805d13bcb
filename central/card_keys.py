"""The keys of generation-2 cards, behind one small port: does this MAC come from that card?

Card key = CMAC(master key, card id); cryptogram = first 8 bytes of CMAC(card key, data); CMAC with AES, in the gm
profile with SM4. The master key lies in an HSM (`central/hsm.py`), or in a file when the configuration says so.
"""

import hmac
import os
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from backend_client.crypto.suite import INTERNATIONAL, CryptoSuite

CRYPTOGRAM_BYTES = 8


class CardKeys(Protocol):
    """Keeper of the card master key, which never comes out. Step 1 is `host_random`, step 2 `matches`.

    `elsewhere`: it has to be waited for, so that a thread must do it.
    """

    elsewhere: bool

    def host_random(self) -> bytes:
        """8 bytes for the card's INTERNAL AUTHENTICATE."""
        ...

    def matches(self, card_id: str, data: bytes, cryptogram: bytes) -> bool:
        """Is this the cryptogram that the card would answer to the data?"""
        ...


def aes_block(key: bytes, block: bytes) -> bytes:
    """One block through AES, 16 bytes: only to compute CMAC's subkey at the key ceremony."""
    encryptor = Cipher(AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


class SoftwareCardKeys:
    """The master key in this process's memory. `suite`: of the profile, for its CMAC."""

    elsewhere = False

    def __init__(self, master_key: bytes, suite: CryptoSuite = INTERNATIONAL) -> None:
        self._master_key, self._cmac = master_key, suite.cmac

    def card_key(self, card_id: str) -> bytes:
        """CMAC of the card id under the master key, for personalising; ValueError when the id isn't hex."""
        return self._cmac(self._master_key, bytes.fromhex(card_id))

    def host_random(self) -> bytes:
        """8 random bytes."""
        return os.urandom(CRYPTOGRAM_BYTES)

    def matches(self, card_id: str, data: bytes, cryptogram: bytes) -> bool:
        """Compared in constant time."""
        try:
            expected = self._cmac(self.card_key(card_id), data)[:CRYPTOGRAM_BYTES]
        except ValueError:
            return False
        return hmac.compare_digest(expected, cryptogram)


class NoCardKeys:
    """A central without the master key: it takes cards that sign, and no others."""

    elsewhere = False

    def host_random(self) -> bytes:
        """8 random bytes, which nobody will check."""
        return os.urandom(CRYPTOGRAM_BYTES)

    def matches(self, card_id: str, data: bytes, cryptogram: bytes) -> bool:
        """Never."""
        del card_id, data, cryptogram
        return False
