"""The card master key in an HSM (PKCS#11): neither it nor any card's key ever leaves.

A card's key is AES-CMAC(master, card id). Over one whole block CMAC is E(master, block ⊕ K1) (RFC 4493 section 2.4),
which is what CKM_AES_ECB_ENCRYPT_DATA derives inside the token. K1, fixed per master key, is kept beside it as a data
object; so the master key may be used for derivation only, and a derived key for MACs only.
"""

import hmac
from typing import Any

from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

from backend_client.crypto.errors import KeyPlaceError
from backend_client.crypto.pkcs11_place import Place, open_token
from central.card_keys import CRYPTOGRAM_BYTES, aes_block

BLOCK = 16
R_128 = 0x87  # RFC 4493 section 2.3


def subkey(master_key: bytes) -> bytes:
    """K1 of a master key (RFC 4493 section 2.3)."""
    number = int.from_bytes(aes_block(master_key, bytes(BLOCK)), "big") << 1
    if number >> 128:
        number ^= (1 << 128) | R_128
    return number.to_bytes(BLOCK, "big")


def import_master_key(place: Place, master_key: bytes) -> None:
    """The key ceremony: put the master key into the token, for derivation only. KeyPlaceError when one is there."""
    with open_token(place).use() as token:
        if list(token.get_objects({Attribute.LABEL: place.object})):
            raise KeyPlaceError(f"The token {place.token!r} has a key {place.object!r} already; nothing was changed.")
        kept = {Attribute.LABEL: place.object, Attribute.TOKEN: True, Attribute.PRIVATE: True}
        token.create_object(
            {
                **kept, Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES,
                Attribute.VALUE: master_key, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False,
                Attribute.DERIVE: True, Attribute.SIGN: False, Attribute.ENCRYPT: False, Attribute.DECRYPT: False,
                Attribute.WRAP: False, Attribute.UNWRAP: False,
            }
        )  # fmt: skip
        token.create_object({**kept, Attribute.CLASS: ObjectClass.DATA, Attribute.VALUE: subkey(master_key)})


class HsmCardKeys:
    """Checks cryptograms in the token."""

    elsewhere = True

    def __init__(self, place: Place) -> None:
        self._session = open_token(place)
        with self._session.use() as token:
            found = {one[Attribute.CLASS]: one for one in token.get_objects({Attribute.LABEL: place.object})}
            if not {ObjectClass.SECRET_KEY, ObjectClass.DATA} <= found.keys():
                raise KeyPlaceError(f"The token {place.token!r} has no card master key; run `central hsm-import`.")
            self._master: Any = found[ObjectClass.SECRET_KEY]  # a key class made at run time, from its attributes
            self._k1 = bytes(found[ObjectClass.DATA][Attribute.VALUE])

    def host_random(self) -> bytes:
        """8 bytes of the HSM's own generator."""
        with self._session.use() as token:
            return bytes(token.generate_random(8 * CRYPTOGRAM_BYTES))

    def matches(self, card_id: str, data: bytes, cryptogram: bytes) -> bool:
        """Is this the cryptogram that the card would answer to the data? KeyPlaceError when the HSM fails."""
        try:
            name = bytes.fromhex(card_id)
        except ValueError:
            return False
        if len(name) != BLOCK:
            return False
        with self._session.use():
            expected = self._mac(name, data)
        return hmac.compare_digest(expected[:CRYPTOGRAM_BYTES], cryptogram)

    def _mac(self, name: bytes, data: bytes) -> bytes:
        block = bytes(a ^ b for a, b in zip(name, self._k1, strict=True))
        attributes = {
            Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.TOKEN: False, Attribute.SIGN: True,
            Attribute.ENCRYPT: False, Attribute.DECRYPT: False, Attribute.DERIVE: False, Attribute.WRAP: False,
        }  # fmt: skip
        key = self._master.derive_key(
            KeyType.AES, 128, mechanism=Mechanism.AES_ECB_ENCRYPT_DATA, mechanism_param=block, template=attributes
        )
        try:
            return bytes(key.sign(data, mechanism=Mechanism.AES_CMAC))
        finally:
            key.destroy()
