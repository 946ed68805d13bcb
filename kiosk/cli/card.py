"""`kiosk card read`: the card that is in a reader now, as typed values."""

from smartcard import scard

from card import pcsc
from card.channel import open_channel
from card.dates import CardDate
from card.errors import ReaderMissing
from card.social_security import read_card


def reader_named(part: str) -> str:
    """The first reader whose name contains `part`; ServiceStopped or ReaderMissing otherwise."""
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    pcsc.check(code, "establishing a context")
    try:
        code, readers = scard.SCardListReaders(context, [])
        pcsc.check(code, "listing readers")
    finally:
        scard.SCardReleaseContext(context)
    for reader in readers:
        if part in reader:
            return str(reader)
    raise ReaderMissing


def read_values(part: str) -> dict[str, object]:
    """All values by name, the holder's beside the card's; dates in ISO form."""
    with open_channel(reader_named(part)) as channel:
        data = read_card(channel)
    flat = {**vars(data), **vars(data.holder)}
    del flat["holder"]
    return {name: value.isoformat() if isinstance(value, CardDate) else value for name, value in flat.items()}
