"""SELECT, READ RECORD and READ BINARY of the social-security application (docs/protocol.md)."""

from simulators.apdu import OK, Apdu, status
from simulators.chip_state import ChipState, give

AID = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
FCI = b"\x6f\x11\x84\x0f" + AID
EF05, EF06, EF15, EF16 = 0xEF05, 0xEF06, 0xEF15, 0xEF16
SHORT_IDS = {5: EF05, 6: EF06}
BINARY_SHORT_IDS = {0x15: EF15, 0x16: EF16}
RECORD_SIZE = 48
BY_NAME = 0x04
EF_BY = {"select-p1-02-only": (0x02,), "select-p1-04": (BY_NAME,), "short-ids-only": ()}


def select(chip: ChipState, apdu: Apdu) -> bytes:
    """The application by its name, or an EF of it."""
    if apdu.le is not None and chip.has("no-le-in-select"):
        return status(0x6700)
    if apdu.p1 == BY_NAME and not (chip.has("select-p1-04") and len(apdu.data) == 2):
        return _select_application(chip, apdu)
    return _select_file(chip, apdu)


def _select_application(chip: ChipState, apdu: Apdu) -> bytes:
    if apdu.data != AID:
        return status(0x6A82)
    chip.leave()
    chip.application = True
    if chip.has("select-6283"):
        return status(0x6283)
    return OK if chip.has("no-fci") else _file_information(chip, FCI, apdu.le)


def _file_information(chip: ChipState, information: bytes, le: int | None) -> bytes:
    if chip.has("t1"):
        return OK if le is None else give(chip, information, le)
    return give(chip, information, le or None)


def _select_file(chip: ChipState, apdu: Apdu) -> bytes:
    if chip.has("short-ids-only"):
        return status(0x6A81)
    accepted = next((ways for habit, ways in EF_BY.items() if chip.has(habit)), (0x00, 0x02))
    if apdu.p1 not in accepted and apdu.p1 in (0x00, 0x02):
        return status(0x6A86)
    wanted = int.from_bytes(apdu.data, "big")
    if apdu.p1 not in accepted or not chip.application or wanted not in _files(chip):
        return status(0x6A82)
    chip.selected = wanted
    information = b"\x6f\x04\x83\x02" + wanted.to_bytes(2, "big")
    return _file_information(chip, information, apdu.le) if chip.has("ef-fci") else OK


def _files(chip: ChipState) -> set[int]:
    certificates = {file for file in (EF15, EF16) if certificate(chip, file) is not None}
    return {EF05, EF06} | certificates


def certificate(chip: ChipState, file: int | None) -> bytes | None:
    """Content of a transparent file; None when the card hasn't got it."""
    return {EF15: chip.card.certificate, EF16: chip.card.sm2_certificate}.get(file or 0)


def read_record(chip: ChipState, apdu: Apdu) -> bytes:
    """One record, tag-length-value, of the selected file or by short id."""
    short_id, mode = apdu.p2 >> 3, apdu.p2 & 0x07
    if not chip.application or mode != 0x04:
        return status(0x6982 if not chip.application else 0x6A86)
    if short_id and (short_id not in SHORT_IDS or chip.has("no-short-ids")):
        return status(0x6A82)
    chip.selected = SHORT_IDS.get(short_id, chip.selected)
    if chip.selected not in (EF05, EF06):
        return status(0x6986)
    if chip.selected == EF06 and chip.has("records-need-pin") and not chip.verified:
        return status(0x6982)
    record = _record(chip, apdu.p1)
    return status(0x6A83) if record is None else give(chip, record, apdu.le)


def _record(chip: ChipState, number: int) -> bytes | None:
    """Record `number` of the selected file: its tags follow each other (01-07, 08-0D)."""
    records, first = (chip.card.ef05, 0x01) if chip.selected == EF05 else (chip.card.ef06, 0x08)
    tag = first + number - 1
    if number == 0 or tag not in records:
        return None
    return _padded(chip, bytes([tag, len(records[tag])]) + records[tag])


def _padded(chip: ChipState, record: bytes) -> bytes:
    if chip.has("padded-records"):
        return record.ljust(RECORD_SIZE, b"\xff")
    return record.ljust(RECORD_SIZE, b"\0") if chip.has("padded-records-nul") else record


def read_binary(chip: ChipState, apdu: Apdu) -> bytes:
    """A block of a certificate, from the selected file or by short id (P1 = 80 | short id)."""
    if not apdu.p1 & 0x80:
        return _block(chip, apdu.p1p2, apdu.le or apdu.most)
    if not chip.application:
        return status(0x6982)
    file = BINARY_SHORT_IDS.get(apdu.p1 & 0x1F)
    if file not in _files(chip) or chip.has("no-short-ids"):
        return status(0x6A82)
    chip.selected = file
    return _block(chip, apdu.p2, apdu.le or apdu.most)


def _block(chip: ChipState, offset: int, length: int) -> bytes:
    content = certificate(chip, chip.selected)
    if content is None:
        return status(0x6986)
    if offset >= len(content):
        return status(0x6B00)
    block = content[offset : offset + length]
    return block + (OK if len(block) == length else status(0x6282))
