"""国密: SM2 signatures (GB/T 32918.2, GM/T 0009) through OpenSSL 3's libcrypto by ctypes: `cryptography` lacks it.

Keys are plain bytes: a private one is 32 bytes, a public one 64 (x‖y), a signature 64 (r‖s). SM3 and SM4 it has.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.cmac import CMAC

from backend_client.crypto.errors import CryptoError

SIGNER_ID = b"1234567812345678"
"""The signer's id where nobody agreed on another (GM/T 0009 section 10)."""
# GB/T 32918.5: a, b, and x and y of the base point.
CURVE = bytes.fromhex(
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc"
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93"
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)
UNSIGNED, TEXT, OCTETS, KEY_PAIR = 2, 4, 5, 0x87  # OSSL_PARAM(3), EVP_PKEY_fromdata(3)


class _Parameter(ctypes.Structure):
    """OSSL_PARAM(3)."""

    _fields_ = (
        ("name", ctypes.c_char_p), ("kind", ctypes.c_uint), ("data", ctypes.c_char_p), ("size", ctypes.c_size_t),
        ("returned", ctypes.c_size_t),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libcrypto.so.3")
    except OSError as error:
        raise CryptoError("OpenSSL 3 (libcrypto.so.3) is not installed; the gm profile needs it.") from error
    for name in ("EVP_MD_CTX_new", "EVP_PKEY_Q_keygen", "EVP_PKEY_CTX_new_from_name"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


def _demand(result: int | None, doing: str) -> int:
    """What libcrypto gave; it says 0 or less when it could not."""
    if result is None or result <= 0:
        _library().ERR_clear_error()
        raise CryptoError(f"OpenSSL could not {doing}; see that the key is an SM2 key.")
    return result


@contextmanager
def _held(address: int | None, free: str, doing: str) -> Iterator[ctypes.c_void_p]:
    """A C object, freed at the end."""
    pointer = ctypes.c_void_p(_demand(address, doing))
    try:
        yield pointer
    finally:
        getattr(_library(), free)(pointer)


def _key(public: bytes, private: bytes | None = None) -> AbstractContextManager[ctypes.c_void_p]:
    """An EVP_PKEY from its numbers: five times as fast as from DER, whose decoders are searched for each time."""
    lib, key = _library(), ctypes.c_void_p()
    values = [(b"group", TEXT, b"SM2"), (b"pub", OCTETS, b"\x04" + public)]
    if private is not None:
        values.append((b"priv", UNSIGNED, int.from_bytes(private, "big").to_bytes(32, sys.byteorder)))
    parameters = (_Parameter * (len(values) + 1))(
        *(_Parameter(n, kind, data, len(data), 0) for n, kind, data in values)
    )
    with _held(lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None), "EVP_PKEY_CTX_free", "find SM2") as context:
        _demand(lib.EVP_PKEY_fromdata_init(context), "read a key")
        _demand(lib.EVP_PKEY_fromdata(context, ctypes.byref(key), KEY_PAIR, parameters), "read a key")
    return _held(key.value, "EVP_PKEY_free", "read a key")


@contextmanager
def _digest_context(start: str, key: ctypes.c_void_p, signer_id: bytes) -> Iterator[ctypes.c_void_p]:
    lib, inner = _library(), ctypes.c_void_p()
    with _held(lib.EVP_MD_CTX_new(), "EVP_MD_CTX_free", "sign") as context:
        _demand(getattr(lib, start)(context, ctypes.byref(inner), b"SM3", None, None, key, None), "sign with SM2")
        _demand(lib.EVP_PKEY_CTX_set1_id(inner, signer_id, len(signer_id)), "take the signer's id")
        yield context


def sm2_generate() -> tuple[bytes, bytes]:
    """A new key: (private 32 bytes, public 64 bytes)."""
    lib, out = _library(), ctypes.c_void_p()
    with _held(lib.EVP_PKEY_Q_keygen(None, None, b"SM2"), "EVP_PKEY_free", "make a key") as key:
        length = _demand(lib.i2d_PrivateKey(key, ctypes.byref(out)), "write a key")
        der = ctypes.string_at(out, length)
        lib.CRYPTO_clear_free(out, ctypes.c_size_t(length), b"", 0)
    private_at = der.index(bytes.fromhex("0201010420")) + 5
    return der[private_at : private_at + 32], der[-64:]


def sm2_sign(private: bytes, public: bytes, message: bytes, signer_id: bytes = SIGNER_ID) -> bytes:
    """64 bytes r‖s over SM3(ZA‖message). CryptoError when the key is none."""
    lib, room = _library(), ctypes.create_string_buffer(80)
    length = ctypes.c_size_t(len(room))
    with (
        _key(public, private) as key,
        _digest_context("EVP_DigestSignInit_ex", key, signer_id) as context,
    ):
        _demand(lib.EVP_DigestSign(context, room, ctypes.byref(length), message, ctypes.c_size_t(len(message))), "sign")
    r, s = decode_dss_signature(room.raw[: length.value])
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def sm2_verify(public: bytes, message: bytes, signature: bytes, signer_id: bytes = SIGNER_ID) -> bool:
    """Is this the key's signature over the message? False for everything that can't be one."""
    if len(signature) != 64 or len(public) != 64:
        return False
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    lib = _library()
    try:
        with (
            _key(public) as key,
            _digest_context("EVP_DigestVerifyInit_ex", key, signer_id) as context,
        ):
            size, length = ctypes.c_size_t(len(der)), ctypes.c_size_t(len(message))
            return bool(lib.EVP_DigestVerify(context, der, size, message, length) == 1)
    except CryptoError:
        return False
    finally:
        lib.ERR_clear_error()


def sm2_digest(public: bytes, message: bytes, signer_id: bytes = SIGNER_ID) -> bytes:
    """e = SM3(ZA‖message), the 32 bytes that a card signs (GB/T 32918.2 sections 5.5 and 6.1)."""
    bits = (8 * len(signer_id)).to_bytes(2, "big")
    return sm3(sm3(bits + signer_id + CURVE + public) + message)


def sm3(data: bytes) -> bytes:
    """GB/T 32905: 32 bytes."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def sm4_cmac(key: bytes, data: bytes) -> bytes:
    """CMAC (GB/T 15852.1 MAC algorithm 5, as RFC 4493) with SM4 (GB/T 32907): 16 bytes."""
    mac = CMAC(SM4(key))
    mac.update(data)
    return mac.finalize()
