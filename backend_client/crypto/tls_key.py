"""A TLS client context whose key stays in a PKCS#11 token.

Python's `ssl` reads keys from files only. OpenSSL itself takes the key from libp11's engine (Debian's
libengine-pkcs11-openssl); we hand it to the context through libssl, the same library that `ssl` is linked to.
"""

import ctypes
import ssl
from pathlib import Path

from backend_client.crypto.errors import KeyPlaceError
from backend_client.crypto.pkcs11_place import Place

ENGINES = ("/usr/lib/x86_64-linux-gnu/engines-3/libpkcs11.so", "/usr/lib/aarch64-linux-gnu/engines-3/libpkcs11.so")
POINTER = ctypes.c_void_p
_engines: dict[str, int] = {}


def _crypto() -> ctypes.CDLL:
    library = ctypes.CDLL("libcrypto.so.3")
    library.ENGINE_by_id.restype = library.ENGINE_load_private_key.restype = POINTER
    library.ENGINE_by_id.argtypes = [ctypes.c_char_p]
    library.ENGINE_ctrl_cmd_string.argtypes = [POINTER, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
    library.ENGINE_init.argtypes = [POINTER]
    library.ENGINE_load_private_key.argtypes = [POINTER, ctypes.c_char_p, POINTER, POINTER]
    return library


def _engine(library: ctypes.CDLL, place: Place) -> int:
    """The engine on this module, loaded once per process."""
    path = next((one for one in ENGINES if Path(one).exists()), None)
    if path is None:
        raise KeyPlaceError("OpenSSL's PKCS#11 engine is missing; install libengine-pkcs11-openssl.")
    if place.module_path not in _engines:
        engine = library.ENGINE_by_id(b"dynamic")
        settings = (("SO_PATH", path), ("ID", "pkcs11"), ("LOAD", None), ("MODULE_PATH", place.module_path))
        for name, value in (*settings, ("PIN", place.pin)):
            text = value.encode() if value is not None else None
            if library.ENGINE_ctrl_cmd_string(engine, name.encode(), text, 0) != 1:
                raise KeyPlaceError(f"OpenSSL's PKCS#11 engine refuses {name}; check the module's path.")
        if library.ENGINE_init(engine) != 1:
            raise KeyPlaceError("OpenSSL's PKCS#11 engine can't start; check the module's path.")
        _engines[place.module_path] = engine
    return _engines[place.module_path]


def client_context(certificate: Path, place: Place, ca_file: str | None) -> ssl.SSLContext:
    """A context that shows this certificate (PEM, leaf first); KeyPlaceError when key and certificate don't fit."""
    context = ssl.create_default_context(cafile=ca_file)
    library, tls = _crypto(), ctypes.CDLL("libssl.so.3")
    uri = f"pkcs11:token={place.token};object={place.object};type=private"
    key = library.ENGINE_load_private_key(_engine(library, place), uri.encode(), None, None)
    # CPython keeps the SSL_CTX pointer right behind the object's head (Modules/_ssl.c, PySSLContext).
    pointer = POINTER.from_address(id(context) + object.__basicsize__)
    tls.SSL_CTX_use_certificate_chain_file.argtypes = [POINTER, ctypes.c_char_p]
    tls.SSL_CTX_use_PrivateKey.argtypes = [POINTER, POINTER]
    tls.SSL_CTX_check_private_key.argtypes = [POINTER]
    steps = (
        key is not None
        and tls.SSL_CTX_use_certificate_chain_file(pointer, str(certificate).encode()) == 1
        and tls.SSL_CTX_use_PrivateKey(pointer, key) == 1
        and tls.SSL_CTX_check_private_key(pointer) == 1
    )
    if not steps:
        raise KeyPlaceError(f"The key {place.object!r} does not fit the certificate {certificate}; enrol again.")
    return context
