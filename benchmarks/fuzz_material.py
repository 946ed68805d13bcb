"""Cards to fuzz with: good ones in all encodings of the field, good ones damaged one to three times, noise."""

from collections.abc import Callable, Iterator
from random import Random

from benchmarks.card_oracle import check_digit

GOOD_SHARE, NOISE_SHARE = 0.25, 0.05
NAMES = (
    "测甲", "欧阳娜", "阿依古丽·买买提", "闫超䶮", "王喆", "TAYLOR SMITH", "侯霞㛃", "李〇", "买买提•吐尔逊", "㐂·𠅤",
    "古丽‧巴哈尔", "A. O'NEIL", "王\ue000", "\U00020087某", "孙\U00031350", "\U000f0001丙",
    "迪丽热巴·迪力木拉提阿不都热", "Li  Na", "张\u3000三",
)  # fmt: skip
BAD_NAMES = (
    "王\u202e三",
    "李\u200b四",
    "a\x07b",
    "钱\ufeff",
    "\u3164",
    "赵\U000e0101",
    "\u3000\u3000",
    "孙\x00五",
    "\u0378",
)
CODINGS = ("gb18030", "gb18030", "gb18030", "gbk", "utf-8", "utf-16-le", "big5")
PADS = (b"\0", b"\xff\xff", b"   ")
Records = dict[int, bytes]


def _date(throw: Random, year: int, month: int, day: int) -> bytes:
    text = f"{year:04}{month:02}{day:02}"
    form = throw.random()
    if form < 0.04:
        return throw.choice((bytes(4), b"\xff" * 4, b"    ", b"00000000", b""))
    if form < 0.08:
        text = throw.choice((text[:4] + "0000", text[:6] + "00", text[:4] + "00" + text[6:]))
    return bytes.fromhex(text) if form < 0.7 else text.encode()


def _number(throw: Random, born: tuple[int, int, int]) -> str:
    year, month, day = born
    first17 = f"{throw.randrange(10**6):06}{year:04}{month:02}{day:02}{throw.randrange(1000):03}"
    if year < 2000 and throw.random() < 0.1:
        return first17[:6] + first17[8:]
    last = check_digit(first17)
    return first17 + (last.lower() if throw.random() < 0.3 else last)


def good_values(throw: Random) -> Records:
    """The values of a card that says nothing wrong, each in one of the encodings of the field."""
    born = throw.randrange(1900, 2020), throw.randrange(1, 13), throw.randrange(1, 29)
    number = _number(throw, born)
    male = int((number if len(number) == 18 else number + "0")[16 if len(number) == 18 else 14]) % 2
    name = throw.choice(NAMES).encode("gb18030")[:30]
    issued = throw.randrange(2000, 2026)
    return {
        0x01: throw.randbytes(16),
        0x02: b"3",
        0x03: throw.choice((b"1.00", b"2.00", b"2.01", b"3.00", bytes(4), b"\xff" * 4)),
        0x04: throw.randbytes(12),
        0x05: _date(throw, issued, throw.randrange(1, 13), throw.randrange(1, 29)),
        0x06: _date(throw, issued + throw.randrange(40), throw.randrange(1, 13), throw.randrange(1, 29)),
        0x07: b"T%08d" % throw.randrange(10**8),
        0x08: number.encode().ljust(18, throw.choice((b"\0", b" ", b"\xff"))),
        0x09: name.ljust(30, throw.choice((b"\0", b" ", b"\xff"))),
        0x0A: throw.choice((b"1", b"\x01") if male else (b"2", b"\x02")) if throw.random() < 0.9 else b"9",
        0x0B: throw.choice((b"\x01", b"01", b"\x56", b"\x20", b"97", b"\xff")),
        0x0C: throw.choice((b"\x44\x01\x02", b"440102", b"\x99\x01\x06", bytes(3))),
        0x0D: _date(throw, *born),
    }


def wrapped(throw: Random, values: Records) -> Records:
    """Tag, length, value, and now and then padding."""
    return {
        tag: bytes([tag, len(value)]) + value + (throw.choice(PADS) if throw.random() < 0.05 else b"")
        for tag, value in values.items()
    }


def _flip(throw: Random, record: bytes) -> bytes:
    if not record:
        return record
    at = throw.randrange(len(record))
    return record[:at] + bytes([record[at] ^ 1 << throw.randrange(8)]) + record[at + 1 :]


def _digit(throw: Random, record: bytes) -> bytes:
    if not record:
        return record
    at = throw.randrange(len(record))
    return record[:at] + throw.choice((b"0", b"9", b"X", b"x", b"1", b"\x00", b"\xff", b" ")) + record[at + 1 :]


def _cut(throw: Random, record: bytes) -> bytes:
    return record[: throw.randrange(len(record) + 1)]


def _splice(throw: Random, record: bytes) -> bytes:
    at = throw.randrange(len(record) + 1)
    return record[:at] + throw.randbytes(throw.randrange(1, 6)) + record[at + throw.randrange(3) :]


def _lie(throw: Random, record: bytes) -> bytes:
    length = throw.choice((0, 1, 0x7F, 0xFF, max(len(record) - 3, 0), len(record) - 1 & 0xFF, throw.randrange(256)))
    return record[:1] + bytes([length]) + record[2:]


def _noise(throw: Random, record: bytes) -> bytes:
    return throw.randbytes(throw.randrange(len(record) + 20))


def _noise_inside(throw: Random, record: bytes) -> bytes:
    return record[:2] + throw.randbytes(max(len(record) - 2, 0))


def _pad(throw: Random, record: bytes) -> bytes:
    return record + throw.choice((b"\0", b" ", b"\xff", b"\0 \xff", b"\x01", b"\x90\x00"))


def _blank(throw: Random, record: bytes) -> bytes:
    return throw.choice((b"\0", b" ", b"\xff")) * len(record)


def _filled(throw: Random, record: bytes) -> bytes:
    return record[:2] + throw.choice((b"\0", b" ", b"\xff", b"0", b"\x44")) * (len(record) - 2)


def _resized(throw: Random, record: bytes) -> bytes:
    value = (record[2:] + throw.randbytes(4))[: throw.randrange(len(record) + 2)]
    return record[:1] + bytes([len(value)]) + value


DAMAGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    _flip, _flip, _digit, _digit, _cut, _splice, _lie, _noise, _noise_inside, _pad, _blank, _filled,
    _resized,
)  # fmt: skip


def _other_text(throw: Random) -> bytes:
    """A name in another coding, or one that nobody may bear, in a whole record."""
    text, coding = throw.choice(NAMES + BAD_NAMES * 2), throw.choice(CODINGS)
    raw = text.encode(coding, "replace")[:30].ljust(30, b"\0")
    return bytes([0x09, len(raw)]) + raw


def _other_date(throw: Random, tag: int) -> bytes:
    """Any eight digits, BCD or ASCII, in a whole record."""
    year = throw.choice((throw.randrange(10**4), throw.randrange(1880, 2070)))
    text = f"{year:04}{throw.randrange(14):02}{throw.randrange(33):02}"
    raw = bytes.fromhex(text) if throw.random() < 0.5 else text.encode()
    return bytes([tag, len(raw)]) + raw


def _other_number(throw: Random) -> bytes:
    """A number with one digit changed, two changed places, or a day that never was under a right check digit."""
    text = _number(throw, (throw.randrange(1700, 2020), throw.randrange(1, 14), throw.randrange(33)))
    at, kind = throw.randrange(len(text) - 1), throw.random()
    if kind < 0.3:
        text = text[:at] + str(throw.randrange(10)) + text[at + 1 :]
    elif kind < 0.6:
        text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return bytes([0x08, len(text)]) + text.encode()


def damaged(throw: Random, records: Records, others: Records) -> Records:
    """One to three damages; records of another card and left-out records among them."""
    for _ in range(throw.randrange(1, 4)):
        tag, kind = throw.randrange(1, 14), throw.random()
        if kind < 0.12:
            records[tag] = others.get(tag, b"")
        elif kind < 0.16:
            records.pop(tag, None)
        elif kind < 0.24:
            records[0x09] = _other_text(throw)
        elif kind < 0.32:
            tag = throw.choice((0x05, 0x06, 0x0D))
            records[tag] = _other_date(throw, tag)
        elif kind < 0.42:
            records[0x08] = _other_number(throw)
        else:
            records[tag] = throw.choice(DAMAGES)(throw, records.get(tag, b""))
    return records


def cards(seed: int, chunk: int, count: int) -> Iterator[Records]:
    """The fuzzed cards of one chunk."""
    throw = Random(f"{seed}/{chunk}")
    last: Records = {}
    for _ in range(count):
        kind = throw.random()
        if kind < NOISE_SHARE:
            yield {tag: throw.randbytes(throw.randrange(40)) for tag in range(1, 14)}
            continue
        records = wrapped(throw, good_values(throw))
        if kind >= NOISE_SHARE + GOOD_SHARE:
            records, last = damaged(throw, dict(records), last), records
        yield records
