"""TLS client authentication by a key that can't be read from a file: the handshake's signature is asked of the key.

Python's `ssl` takes keys from files only. OpenSSL lets an EC key have a method of its own (EC_KEY_METHOD(3)), which is
how engines do it; here its signing function is Python. It is reached through the very libssl that `ssl` is linked with.
"""

import _ssl
import ctypes
import logging
import ssl
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from backend_client.crypto.errors import KeyPlaceError

log = logging.getLogger(__name__)

# struct PySSLContext of CPython 3.11 to 3.13, Modules/_ssl.c: PyObject_HEAD, then SSL_CTX *ctx.
KNOWN_VERSIONS = ((3, 11), (3, 12), (3, 13))
CONTEXT_AT = object.__basicsize__
POINTER, INT = ctypes.c_void_p, ctypes.c_int
BYTES, SIZE = ctypes.POINTER(ctypes.c_ubyte), ctypes.POINTER(ctypes.c_uint)
# int sign(int type, const uchar *dgst, int dlen, uchar *sig, uint *siglen, BIGNUM *kinv, BIGNUM *r, EC_KEY *)
SIGN = ctypes.CFUNCTYPE(INT, INT, BYTES, INT, BYTES, SIZE, POINTER, POINTER, POINTER)
SHA256, SHA256_BYTES = ec.ECDSA(Prehashed(hashes.SHA256())), 32
P256 = 415  # NID_X9_62_prime256v1
# name: result, arguments; of libssl and libcrypto 3
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "SSL_CTX_get_options": (ctypes.c_uint64, [POINTER]),
    "SSL_CTX_use_certificate_chain_file": (INT, [POINTER, ctypes.c_char_p]),
    "SSL_CTX_use_PrivateKey": (INT, [POINTER, POINTER]),
    "EC_KEY_OpenSSL": (POINTER, []),
    "EC_KEY_METHOD_new": (POINTER, [POINTER]),
    "EC_KEY_METHOD_set_sign": (None, [POINTER, SIGN, POINTER, POINTER]),
    "EC_KEY_new_by_curve_name": (POINTER, [INT]),
    "EC_KEY_set_method": (INT, [POINTER, POINTER]),
    "EC_KEY_oct2key": (INT, [POINTER, ctypes.c_char_p, ctypes.c_size_t, POINTER]),
    "EC_KEY_free": (None, [POINTER]),
    "EVP_PKEY_new": (POINTER, []),
    "EVP_PKEY_set1_EC_KEY": (INT, [POINTER, POINTER]),
    "EVP_PKEY_free": (None, [POINTER]),
}
_kept: list[object] = []
"""Signing functions that OpenSSL points at, for as long as a context may sign."""


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    """libssl and libcrypto as `ssl` uses them: symbols are looked up in its module and what it is linked with."""
    library = ctypes.CDLL(_ssl.__file__)
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _pointer(context: ssl.SSLContext) -> ctypes.c_void_p:
    """The SSL_CTX of a context; proven by comparing what OpenSSL and Python say of its options."""
    if sys.implementation.name != "cpython" or sys.version_info[:2] not in KNOWN_VERSIONS:
        raise KeyPlaceError("TLS with a key in a token is known to work with CPython 3.11 to 3.13 only.")
    pointer = POINTER.from_address(id(context) + CONTEXT_AT)
    if _library().SSL_CTX_get_options(pointer) != int(context.options) & 0xFFFFFFFFFFFFFFFF:
        raise KeyPlaceError("This Python keeps its TLS context elsewhere; a key in a token can't be used.")
    return pointer


def _signer(key: ec.EllipticCurvePrivateKey) -> Any:
    def sign(_kind: int, digest: Any, length: int, out: Any, out_length: Any, *_: object) -> int:
        try:
            # TLS 1.2 may have hashed longer than the curve: ECDSA takes the leftmost bits (FIPS 186-5 section 6.4.1).
            signature = key.sign(bytes(digest[: min(length, SHA256_BYTES)]), SHA256)
        except (KeyPlaceError, ValueError) as error:
            log.warning("the device key did not sign: %s", error)
            return 0
        ctypes.memmove(out, signature, len(signature))
        out_length[0] = len(signature)
        return 1

    return SIGN(sign)


def _wrapped(key: ec.EllipticCurvePrivateKey) -> int:
    """An EVP_PKEY with the key's public half, whose signatures the key makes."""
    library, numbers = _library(), key.public_key().public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    method, function = library.EC_KEY_METHOD_new(library.EC_KEY_OpenSSL()), _signer(key)
    _kept.append(function)
    library.EC_KEY_METHOD_set_sign(method, function, None, None)
    inner, wrapped = library.EC_KEY_new_by_curve_name(P256), library.EVP_PKEY_new()
    library.EC_KEY_set_method(inner, method)
    taken = library.EC_KEY_oct2key(inner, point, len(point), None), library.EVP_PKEY_set1_EC_KEY(wrapped, inner)
    library.EC_KEY_free(inner)
    if taken != (1, 1):
        raise KeyPlaceError("OpenSSL did not take the device key; it must be on P-256.")
    return int(wrapped)


def client_context(certificate: Path, key: ec.EllipticCurvePrivateKey, ca_file: str | None) -> ssl.SSLContext:
    """A context that shows this certificate (PEM, leaf first) and signs with this key, wherever it lies.

    KeyPlaceError when key and certificate don't fit.
    """
    context = ssl.create_default_context(cafile=ca_file)
    library, pointer = _library(), _pointer(context)
    shown = library.SSL_CTX_use_certificate_chain_file(pointer, str(certificate).encode())
    wrapped = _wrapped(key)
    used = library.SSL_CTX_use_PrivateKey(pointer, wrapped)
    library.EVP_PKEY_free(wrapped)  # the context holds its own reference
    if (shown, used) != (1, 1):
        raise KeyPlaceError(f"The device key does not fit the certificate {certificate}; enrol the terminal again.")
    return context
