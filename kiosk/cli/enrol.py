"""`kiosk enrol`: a device key and a certificate for it, by a one-time code, later by the certificate itself."""

import ssl
from pathlib import Path

from backend_client.client import enrolment
from backend_client.client.errors import CentralError
from backend_client.client.keys import DeviceKey, KeyFileError
from kiosk.central_access import device_key, renewed
from kiosk.cli.errors import CommandError
from kiosk.config import Config


def _certificate_place(config: Config) -> Path:
    if config.central.certificate is None or not config.central.base_url.startswith("https://"):
        raise CommandError("Enrolment needs [central] base_url with https:// and `certificate`, a file to keep it in.")
    return config.central.certificate


def _key(config: Config) -> DeviceKey:
    """The key at its place; made there when there is none."""
    place = config.central.device_key
    try:
        return device_key(config)
    except KeyFileError:
        if isinstance(place, Path) and place.exists():
            raise
        return DeviceKey.create(place)


def enrol(config: Config, code: str) -> str:
    """The first certificate; one sentence about it. CommandError."""
    path = _certificate_place(config)
    try:
        key = _key(config)
        context = ssl.create_default_context(cafile=config.central.ca_file)
        made = enrolment.enrol(config.central.base_url, context, config.terminal.id, code, key.private)
    except (CentralError, KeyFileError, OSError) as error:
        raise CommandError(f"The terminal is not enrolled: {error}") from error
    enrolment.keep(made, path)
    return f"Enrolled until {made.not_valid_after_utc:%Y-%m-%d}; the key lies {key.place}."


def renew(config: Config) -> str:
    """The next certificate when the present one has less than 30 days left; one sentence. CommandError."""
    path = _certificate_place(config)
    try:
        until = renewed(config)
        present = enrolment.read(path)
    except (CentralError, KeyFileError, OSError, ValueError) as error:
        raise CommandError(f"The certificate is not renewed: {error}") from error
    if until is None:
        return f"Nothing to do: the certificate is valid until {present.not_valid_after_utc:%Y-%m-%d}."
    return f"Renewed until {until:%Y-%m-%d}."
