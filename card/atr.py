"""The answer to reset (ISO 7816-3, 8.2): what it says about presentation and about long commands.

Contactless cards have no ATR; the reader derives one from the ATS or ATQB (PC/SC part 3, 3.1.3.2.3.1): TD1 and TD2
name T=0 and T=1, the historical bytes are the card's.
"""

from dataclasses import dataclass
from functools import reduce
from operator import xor

MAX_LENGTH = 33
CONTACTLESS_TD = (0x80, 0x01)
COMPACT_TLV = (0x00, 0x80)
CAPABILITIES = 0x7
EXTENDED_LENGTH, COMMAND_CHAINING = 0x40, 0x80


class MalformedAtr(ValueError):
    """Not an answer to reset; the message says why in one clause."""


@dataclass(frozen=True)
class Atr:
    """`protocols` T=0, T=1 ... as offered; `historical` bytes; what card and reader can carry."""

    raw: bytes
    protocols: frozenset[int]
    historical: bytes
    contactless: bool
    extended_length: bool
    command_chaining: bool


def parse_atr(raw: bytes) -> Atr:
    """Take an ATR apart; MalformedAtr when it is empty, too long, cut short, or its check byte is wrong."""
    if not 2 <= len(raw) <= MAX_LENGTH or raw[0] not in (0x3B, 0x3F):
        raise MalformedAtr("it has no initial character 3B or 3F, or an impossible length")
    protocols, position = _interface(raw)
    end = position + (raw[1] & 0x0F)
    checked = protocols - {0} != set()
    if len(raw) != end + checked:
        raise MalformedAtr("its length is not what it says")
    if checked and reduce(xor, raw[1:]):
        raise MalformedAtr("its check byte is wrong")
    historical = raw[position:end]
    capabilities = _capabilities(historical)
    return Atr(
        raw,
        frozenset(protocols or {0}),
        historical,
        contactless=tuple(raw[2:4]) == CONTACTLESS_TD and raw[1] >> 4 == 0x8,
        extended_length=bool(capabilities & EXTENDED_LENGTH),
        command_chaining=bool(capabilities & COMMAND_CHAINING),
    )


def _interface(raw: bytes) -> tuple[set[int], int]:
    """Protocols named by the TDi bytes, and where the historical bytes begin."""
    protocols: set[int] = set()
    present, position = raw[1] >> 4, 2
    while present:
        position += (present & 0x7).bit_count()
        if not present & 0x8:
            break
        if position >= len(raw):
            raise MalformedAtr("it ends within its interface bytes")
        protocols.add(raw[position] & 0x0F)
        present, position = raw[position] >> 4, position + 1
    return protocols, position


def _capabilities(historical: bytes) -> int:
    """Third byte of the card capabilities (ISO 7816-4, 12.1.1.9), 0 when the card doesn't say."""
    if not historical or historical[0] not in COMPACT_TLV:
        return 0
    position = 1
    while position < len(historical):
        tag, length = historical[position] >> 4, historical[position] & 0x0F
        value = historical[position + 1 : position + 1 + length]
        if tag == CAPABILITIES and len(value) == 3:
            return value[2]
        position += 1 + length
    return 0
