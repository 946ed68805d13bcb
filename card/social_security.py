"""The social-security application (LD/T 32): find it, read its files. APDUs as in docs/protocol.md.

`Application` can be made in one way only, by proving that the card is one; PIN and keys (`card.pin`, `card.proof`) take
nothing else. So no command that could harm a stranger's card is ever sent to one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import city
from card.apdu import Answer, Channel, command
from card.errors import (
    CommunicationError,
    InvalidatedCard,
    MissingRecord,
    ProtectedCard,
    SwappedCard,
    TornRecord,
    UnsupportedCard,
)
from card.layers import is_warning_with_data
from card.records import INDISPENSABLE, PLACES, CardData, RecordPlace, decode, value_of
from card.status_words import WRONG_LE, StatusWord, execution_failed
from card.tlv import fields

AID = city.CARD_APPLICATION
SELECT, READ_RECORD = 0xA4, 0xB2
BY_NAME = 0x04
SELECT_FORMS: tuple[tuple[int, int | None], ...] = ((0x00, None), (0x00, 256), (0x0C, None))
"""(P2, Le): most cards take the first; a T=1 card may want an Le, an old one no answer at all (ISO 7816-4, 7.1.1)."""
FILE_FORMS: tuple[tuple[int, int], ...] = ((0x00, 0x00), (0x02, 0x00), (0x02, 0x0C), (0x04, 0x00))
"""(P1, P2) for a file identifier: readers in the field send P1 00 or 02."""
OTHER_FORM = (StatusWord.WRONG_LENGTH, StatusWord.WRONG_P1_P2, StatusWord.OFFSET_OUTSIDE)
OUT_OF_USE = (StatusWord.APPLICATION_INVALIDATED, StatusWord.FILE_TERMINATED, StatusWord.APPLICATION_LOCKED)
SELECTED_ALL_THE_SAME = (StatusWord.WARNING, StatusWord.INFORMATION_UNFORMATTED)
FILE_IS_THERE = (StatusWord.RECORD_NOT_FOUND, StatusWord.SECURITY_STATUS)
FILE_INFORMATION, FILE_PARAMETERS, DF_NAME = 0x6F, 0x62, 0x84
CARD_ID = PLACES[0]
ALL = PLACES


@dataclass(frozen=True)
class Application:
    """A card proven to be a social-security card. `card_id` 卡识别码, 32 upper-case hex digits."""

    channel: Channel
    card_id: str


def open_application(channel: Channel) -> Application:
    """Select the application and prove it by its first record.

    Raises UnsupportedCard (anyone else's card), InvalidatedCard, CommunicationError, RecordError.
    """
    _select(channel)
    values = _read_file(channel, [CARD_ID])
    return Application(channel, value_of(CARD_ID.tag, values[CARD_ID.tag]).hex().upper())


def read_values(application: Application, places: Sequence[RecordPlace] = ALL) -> Mapping[int, bytes]:
    """Record values by tag, one command a record on a card that takes short file ids. MissingRecord, TornRecord."""
    values = {CARD_ID.tag: bytes.fromhex(application.card_id)}
    rest = [place for place in places if place is not CARD_ID]
    for _, file in groupby(rest, key=lambda place: place.file):
        values |= {tag: value_of(tag, raw) for tag, raw in _read_file(application.channel, list(file)).items()}
    return values


def read_data(application: Application, places: Sequence[RecordPlace] = ALL) -> CardData:
    """The card's data, typed. Any RecordError of a bad card; UnsupportedCard for an unknown generation."""
    data = decode(read_values(application, places))
    if data.generation == 0:
        raise UnsupportedCard
    return data


def read_card(channel: Channel, places: Sequence[RecordPlace] = ALL) -> CardData:
    """From a fresh channel to typed data."""
    return read_data(open_application(channel), places)


def check_same_card(channel: Channel, data: CardData) -> Application:
    """The application again; SwappedCard unless 卡识别码 is that of `data`."""
    application = open_application(channel)
    if application.card_id != data.card_id:
        raise SwappedCard
    return application


def _select(channel: Channel) -> None:
    for p2, le in SELECT_FORMS:
        answer = channel.send(command(0x00, SELECT, BY_NAME, p2, AID, le))
        if answer.sw not in OTHER_FORM and answer.sw >> 8 != WRONG_LE:
            break
    _judge_selection(answer)
    name = _df_name(answer.data)
    if name and not name.startswith(AID):  # ISO 7816-4, 7.1.1: what we send may be the beginning of the whole name
        raise UnsupportedCard


def _judge_selection(answer: Answer) -> None:
    if answer.sw in OUT_OF_USE:
        raise InvalidatedCard
    if execution_failed(answer.sw):
        raise CommunicationError(answer.sw, "SELECT")
    if not _is_selected(answer):
        raise UnsupportedCard


def _is_selected(answer: Answer) -> bool:
    return is_warning_with_data(answer) or answer.sw in SELECTED_ALL_THE_SAME


def _df_name(information: bytes) -> bytes:
    """Tag 84 of file control information (6F) or parameters (62); b"" when the card gives none."""
    outer = fields(information)
    return fields(outer.get(FILE_INFORMATION) or outer.get(FILE_PARAMETERS, b"")).get(DF_NAME, b"")


def _read_file(channel: Channel, places: Sequence[RecordPlace]) -> dict[int, bytes]:
    """Records as they come, by tag. By short file id; by SELECT EF for the whole file where the card refuses those."""
    first, *others = places
    answer = _read(channel, first, first.short_id)
    by_short_id = is_warning_with_data(answer) or answer.sw in FILE_IS_THERE
    if not by_short_id:
        if execution_failed(answer.sw):
            raise CommunicationError(answer.sw, f"READ RECORD {first.tag:02X}")
        select_file(channel, first.file)
        answer = _read(channel, first, 0)
    records = {first.tag: _taken(answer, first)}
    for place in others:
        records[place.tag] = _taken(_read(channel, place, place.short_id if by_short_id else 0), place)
    return records


def _read(channel: Channel, place: RecordPlace, short_id: int) -> Answer:
    """READ RECORD, by number (ISO 7816-4, 7.3.3); asked again for all there is where the card dislikes our length."""
    answer = channel.send(_read_command(place.number, short_id, place.length + 2))
    if answer.sw == StatusWord.WRONG_LENGTH:
        answer = channel.send(_read_command(place.number, short_id, 256))
    return answer


@cache
def _read_command(number: int, short_id: int, le: int) -> bytes:
    return command(0x00, READ_RECORD, number, short_id << 3 | 0x04, le=le)


def _taken(answer: Answer, place: RecordPlace) -> bytes:
    if answer.data and is_warning_with_data(answer):
        return answer.data
    if answer.sw == StatusWord.RECORD_NOT_FOUND:
        if place.tag in INDISPENSABLE:
            raise MissingRecord(place.tag)
        return b""  # a record that does not exist says as much as one that was never written
    if answer.ok:
        raise TornRecord(place.tag)
    if answer.sw == StatusWord.SECURITY_STATUS:
        raise ProtectedCard(place.tag)
    raise CommunicationError(answer.sw, f"READ RECORD {place.tag:02X}")


def select_file(channel: Channel, file: int) -> None:
    """SELECT EF in any form that the card takes. UnsupportedCard; CommunicationError when the card broke down."""
    for p1, p2 in FILE_FORMS:
        answer = channel.send(command(0x00, SELECT, p1, p2, file.to_bytes(2, "big")))
        if _is_selected(answer):
            return
        if execution_failed(answer.sw):
            raise CommunicationError(answer.sw, "SELECT EF")
    raise UnsupportedCard
