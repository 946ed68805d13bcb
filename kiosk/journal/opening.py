"""The journal that a configuration names, with its key."""

from kiosk.config import Config
from kiosk.journal.errors import JournalKeyMissing
from kiosk.journal.journal import Journal
from kiosk.journal.key import JournalKey


def journal_key(config: Config) -> JournalKey | None:
    """The key in the token; None when the configuration keeps it in a file. JournalKeyMissing when it can't be used."""
    place = config.journal
    if place.key == "file":
        return None
    try:
        from kiosk.journal.token_key import TokenKey, TokenPlace
    except ImportError as error:
        raise JournalKeyMissing("python-pkcs11 is not installed") from error
    if place.module is None or place.pin_file is None:
        raise JournalKeyMissing("module and pin_file are not configured")
    return TokenKey(TokenPlace(place.module, place.token, place.label, place.pin_file))


def open_journal(config: Config) -> Journal:
    """Open it, made on first use. JournalError when that can't be done."""
    return Journal(config.journal_path, journal_key(config) or config.journal_key_path)
