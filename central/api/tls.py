"""TLS for uvicorn."""

import os
import ssl
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from uvicorn import Config

from central.api.wire import Wire
from central.enrolment.authority import server_certificate
from central.keys import Keys


def tls_files(keys: Keys, host: str) -> tuple[Path, Path]:
    """Certificate and CA as PEM files for the server at `host`; the certificate is made anew at each start."""
    chain, authority = keys.folder / "tls.pem", keys.folder / "device-ca.pem"
    for path, certificate in ((chain, server_certificate(keys, host)), (authority, keys.device_ca)):
        unfinished = path.with_suffix(f".{os.getpid()}")  # several workers write theirs, and read each other's
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(certificate.public_bytes(Encoding.PEM))
        unfinished.replace(path)
    return chain, authority


def secured(config: Config, keys: Keys, host: str) -> Config:
    """The configuration with TLS 1.2 or newer; clients may show a certificate of our device CA, and no other."""
    _ = keys.tls_key
    chain, authority = tls_files(keys, host)
    config.http = Wire
    config.ssl_certfile, config.ssl_keyfile = str(chain), str(keys.folder / "tls.key")
    config.ssl_ca_certs, config.ssl_cert_reqs = str(authority), ssl.CERT_OPTIONAL
    return config
