"""`kiosk card read` and `kiosk card trace`: the card that is in a reader now, or one that was recorded."""

from datetime import UTC, datetime
from pathlib import Path

from smartcard import scard

from card import pcsc, replay, transcript
from card.apdu import Channel
from card.channel import open_channel, open_port, with_layers
from card.dates import CardDate
from card.errors import CardError, PcscError
from card.failures import CardFailure
from card.masking import masked
from card.patience import within
from card.pin import tries_left
from card.proof import read_certificate
from card.records import CardData
from card.social_security import open_application, read_card, read_data
from kiosk.__version__ import VERSION

PATIENCE_SECONDS = 15.0


def reader_named(part: str) -> str:
    """The first reader whose name contains `part`; PcscError (PCSC_DOWN, READER_ABSENT) otherwise."""
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
    raise PcscError(CardFailure.READER_ABSENT, pcsc.NO_READERS, f"looking for {part!r}")


def read_values(part: str) -> dict[str, object]:
    """All values of the card in the reader, by name; the holder's beside the card's, dates in ISO form."""

    def work() -> CardData:
        with open_channel(reader_named(part)) as channel:
            return read_card(channel)

    return _flat(within(PATIENCE_SECONDS, work))


def replayed_values(recorded: Path) -> dict[str, object]:
    """The same from a transcript. Raises what the card raised; TranscriptError when it can't be read."""
    card = transcript.load(recorded)
    replay.connect(card)
    return _flat(read_card(with_layers(replay.RecordedCard(card))))


def _flat(data: CardData) -> dict[str, object]:
    flat = {**vars(data), **vars(data.holder)}
    del flat["holder"]
    return {name: value.isoformat() if isinstance(value, CardDate) else value for name, value in flat.items()}


def trace(part: str, out: Path) -> str:
    """Record everything that a terminal asks a card before the PIN, masked, for support. One sentence about it."""
    recorded, error = within(PATIENCE_SECONDS, lambda: _recorded(reader_named(part)))
    end = "card read" if error is None else f"{error.failure.value} {error.failure.name}"
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M}"
    remarks: dict[str, object] = {"program": f"kiosk {VERSION}", "at": at, "end": end}
    whole = transcript.Transcript(recorded.atr, recorded.exchanges, recorded.connect, remarks)
    out.write_text(transcript.write(masked(whole)), encoding="utf-8")
    return f"{out}: {len(whole.exchanges)} exchanges, {end}; names and numbers are masked."


def _recorded(reader: str) -> tuple[transcript.Transcript, CardError | None]:
    try:
        with open_port(reader) as (port, atr):
            raw = atr.raw if atr is not None else b""
            return transcript.record(raw, port, lambda recorder: _examine(with_layers(recorder, atr)))
    except PcscError as error:
        return transcript.Transcript(b"", connect=error.code), error


def _examine(channel: Channel) -> None:
    application = open_application(channel)
    data = read_data(application)
    tries_left(application)
    if data.generation == 3:
        read_certificate(application)
