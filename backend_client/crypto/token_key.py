"""A P-256 key that lies in a PKCS#11 token and signs there; it looks like a private key of `cryptography`."""

import hashlib
from typing import Any, NoReturn

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.constants import DEFAULT
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from backend_client.crypto.errors import KeyPlaceError
from backend_client.crypto.pkcs11_place import Place, open_token

CURVE = "secp256r1"
# What the public half is for is left to the token: tpm2-pkcs11 1.9 refuses to be told (measured with swtpm).
PUBLIC = dict.fromkeys((Attribute.VERIFY, Attribute.ENCRYPT, Attribute.WRAP), DEFAULT)


class TokenKey(ec.EllipticCurvePrivateKey):
    """The key at a place. KeyPlaceError when it isn't there or the token fails."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._session = open_token(place)
        with self._session.use() as token:
            found = {one[Attribute.CLASS]: one for one in token.get_objects({Attribute.LABEL: place.object})}
            if not {ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY} <= found.keys():
                raise KeyPlaceError(f"The token {place.token!r} has no key {place.object!r}; enrol the terminal.")
            self._private: Any = found[ObjectClass.PRIVATE_KEY]
            shown: Any = found[ObjectClass.PUBLIC_KEY]
            public = serialization.load_der_public_key(encode_ec_public_key(shown))
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise KeyPlaceError(f"The key {place.object!r} is not an elliptic-curve key.")
        self._public = public

    @classmethod
    def generate(cls, place: Place) -> "TokenKey":
        """Make the key in the token, never to leave it. KeyPlaceError when one is there."""
        with open_token(place).use() as token:
            if list(token.get_objects({Attribute.LABEL: place.object})):
                raise KeyPlaceError(f"The token {place.token!r} has a key {place.object!r} already.")
            parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters(CURVE)}
            domain = token.create_domain_parameters(KeyType.EC, parameters, local=True)
            domain.generate_keypair(
                store=True, label=place.object, capabilities=MechanismFlag.SIGN, public_template=PUBLIC,
                private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )  # fmt: skip
        return cls(place)

    def sign(
        self, data: "bytes | bytearray | memoryview[int]", signature_algorithm: ec.EllipticCurveSignatureAlgorithm
    ) -> bytes:
        """DER signature over SHA-256, or over a digest of its length (`Prehashed`), made in the token."""
        hashing = signature_algorithm.algorithm
        digest = bytes(data) if isinstance(hashing, Prehashed) else hashlib.sha256(data).digest()
        known = isinstance(hashing, hashes.SHA256 | Prehashed) and len(digest) == hashes.SHA256.digest_size
        if not isinstance(signature_algorithm, ec.ECDSA) or not known:
            raise KeyPlaceError("The token's key signs with ECDSA over SHA-256 only.")
        with self._session.use():
            raw = bytes(self._private.sign(digest, mechanism=Mechanism.ECDSA))
        return encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """Bits."""
        return self._public.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        """Never."""
        del algorithm, peer_public_key
        raise KeyPlaceError("The token's key signs and does nothing else.")

    def private_numbers(self) -> NoReturn:
        """Never."""
        raise KeyPlaceError("The key does not leave its token.")

    def private_bytes(self, *_: object, **__: object) -> NoReturn:
        """Never."""
        raise KeyPlaceError("The key does not leave its token.")

    def __copy__(self) -> "TokenKey":
        return self

    def __deepcopy__(self, memo: object) -> "TokenKey":
        return self
