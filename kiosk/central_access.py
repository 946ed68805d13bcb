"""How this terminal reaches central: address, time-outs, pinned CA, its own certificate and where its key lies."""

import ssl
from collections.abc import Mapping
from datetime import datetime

from backend_client.client import enrolment
from backend_client.client.keys import DeviceKey, KeyFileError
from backend_client.client.settings import CentralSettings
from backend_client.crypto.errors import KeyPlaceError
from kiosk.config import Config


def tls_context(config: Config) -> ssl.SSLContext | None:
    """TLS that shows our certificate; None while the terminal isn't enrolled. KeyFileError when they don't fit."""
    place, certificate = config.central.device_key, config.central.certificate
    if certificate is None or not certificate.exists() or not config.central.base_url.startswith("https://"):
        return None
    try:
        if isinstance(place, str):
            from backend_client.crypto.tls_key import client_context

            return client_context(certificate, device_key(config).private, config.central.ca_file)
        context = ssl.create_default_context(cafile=config.central.ca_file)
        context.load_cert_chain(certificate, place)
    except (KeyPlaceError, OSError) as error:
        raise KeyFileError(
            f"The certificate {certificate} can't be used ({error}); enrol the terminal again."
        ) from error
    return context


def settings_of(config: Config, seal_keys: Mapping[str, Mapping[str, object]] | None = None) -> CentralSettings:
    """The client's settings from the terminal's configuration."""
    central = config.central
    return CentralSettings(
        base_url=central.base_url, terminal_id=config.terminal.id, seal_keys=seal_keys or {},
        audience=central.audience, connect_timeout=central.connect_timeout, read_timeout=central.read_timeout,
        ca_file=central.ca_file, tls=tls_context(config),
    )  # fmt: skip


def device_key(config: Config) -> DeviceKey:
    """The terminal's own key; KeyFileError."""
    return DeviceKey.load(config.central.device_key)


def renewed(config: Config) -> datetime | None:
    """Get and keep the next certificate when this one has less than 30 days left; until when it is valid.

    None: nothing to do, or not enrolled. CentralError, KeyFileError, OSError and ValueError when it can't be done.
    """
    path, context = config.central.certificate, tls_context(config)
    if path is None or context is None or not enrolment.needs_renewal(enrolment.read(path)):
        return None
    made = enrolment.renew(config.central.base_url, context, config.terminal.id, device_key(config).private)
    enrolment.keep(made, path)
    return made.not_valid_after_utc
