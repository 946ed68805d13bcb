"""`python -m tests.corpus.record_cards`: records tests/corpus/cards anew from the simulated chip, one file a scenario.

Each file's first line says what was done (`work`) and how it ended (`end`: card read, or the failure's code).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from card import pcsc
from card.apdu import Answer, Channel, split_response
from card.errors import CardError, PcscError
from card.failures import CardFailure as F
from card.masking import masked
from card.transcript import Transcript, record, write
from demo.parts.card_file import write_card
from simulators.card_file import load_card
from simulators.card_os import Chip
from tests.corpus.card_work import do

FOLDER = Path(__file__).parent / "cards"
SALT = b"the corpus is recorded the same way every time"
ATR = bytes.fromhex("3B800181")
GENERATION_2, READ_RECORD, VERIFY, CHANGE = {"generation": 2}, 0xB2, 0x20, 0x24

Spoil = Callable[[int, bytes, bytes], bytes]


@dataclass(frozen=True)
class Scenario:
    """A card (arguments of `write_card`), what is done, and what goes wrong: a PC/SC code, or a spoilt answer."""

    card: Mapping[str, object] = field(default_factory=dict)
    work: str = "look"
    connect: int | None = None
    fails_at: tuple[int, int] | None = None
    spoil: Spoil = lambda _number, _command, answer: answer


def answer_to(ins: int, answer: str) -> Spoil:
    """This answer to each command of this instruction."""
    return lambda _number, command, given: bytes.fromhex(answer) if command[1] == ins else given


def half_of_records(_number: int, command: bytes, answer: bytes) -> bytes:
    """Torn records."""
    return answer[: len(answer) // 2] + b"\x90\x00" if command[1] == READ_RECORD else answer


def another_card(number: int, command: bytes, answer: bytes) -> bytes:
    """The second time the card code is read, it is another's."""
    again = number > 10 and command[1:4] == bytes.fromhex("B2012C")
    return b"\x01\x10" + b"\x55" * 16 + b"\x90\x00" if again else answer


def name(text: str, encoding: str = "gb18030") -> dict[str, object]:
    """A card with this name."""
    return {"changes": {"09": text.encode(encoding).ljust(30, b"\0").hex()}}


def habit(*names: str) -> Scenario:
    """A generation-2 card of these habits, read."""
    return Scenario({**GENERATION_2, "habits": names})


ENDS: dict[F, Scenario] = {
    F.READER_ABSENT: Scenario(connect=0x80100009),
    F.PCSC_DOWN: Scenario(fails_at=(4, 0x8010001E)),
    F.PCSC_REFUSED: Scenario(connect=0x8010006A),
    F.READER_FAULT: Scenario(fails_at=(2, 0x80100001)),
    F.PCSC_OVERLOADED: Scenario(connect=0x80100006),
    F.PCSC_MISUSED: Scenario(fails_at=(0, 0x80100004)),
    F.CARD_MUTE: Scenario(connect=0x80100066),
    F.CARD_UNSUPPORTED: Scenario(spoil=answer_to(0xA4, "6A82")),
    F.CARD_TORN_RECORD: Scenario(spoil=half_of_records),
    F.CARD_EMPTY_RECORD: Scenario({"changes": {"09": "00" * 30}}),
    F.CARD_NOT_GBK: Scenario({"changes": {"09": "81ff" * 15}}),
    F.CARD_EXPIRED: Scenario({"changes": {"06": "20200301"}}),
    F.CARD_COMMUNICATION: Scenario(spoil=answer_to(READ_RECORD, "6F00")),
    F.CARD_IN_USE: Scenario(connect=0x8010000B),
    F.CARD_SWAPPED: Scenario(work="same", spoil=another_card),
    F.CARD_REMOVED: Scenario(fails_at=(9, 0x80100069)),
    F.CARD_RESET: Scenario(fails_at=(5, 0x80100068)),
    F.CARD_SILENT: Scenario(fails_at=(7, 0x80100016)),
    F.CARD_PROTOCOL: Scenario(connect=0x8010000F),
    F.CARD_INVALIDATED: habit("select-6283"),
    F.CARD_CHECK_DIGIT: Scenario({"changes": {"08": b"990106198504120015".hex()}}),
    F.CARD_CONTRADICTORY: Scenario({"changes": {"0D": "19850413"}}),
    F.CARD_PROTECTED: habit("records-need-pin"),
    F.PIN_WRONG: Scenario(GENERATION_2, "verify-wrong"),
    F.PIN_LAST_TRY: Scenario({**GENERATION_2, "tries": 1}, "verify"),
    F.PIN_BLOCKED: Scenario({**GENERATION_2, "tries": 0}, "verify"),
    F.PIN_UNUSABLE: Scenario({**GENERATION_2, "habits": ["bcd-pin"]}, "verify"),
    F.PIN_NOT_CHANGED: Scenario(GENERATION_2, "change", spoil=answer_to(CHANGE, "6A80")),
}
GOOD: dict[str, Scenario] = {
    "generation-3": Scenario(work="prove"),
    "generation-2": Scenario(GENERATION_2, "prove"),
    "pin-changed": Scenario(GENERATION_2, "change"),
    "t0": habit("t0"),
    "t1": habit("t1"),
    "no-short-ids": habit("no-short-ids"),
    "old-file-selection": habit("no-short-ids", "select-p1-02-only"),
    "by-name": habit("no-short-ids", "select-p1-04"),
    "padded": habit("padded-records", "t1"),
    "chained": habit("chained-responses"),
    "short-data-warned": habit("le-too-long-warns", "no-fci"),
    "version-of-nuls": Scenario({**GENERATION_2, "changes": {"03": "00000000"}}),
    "minority-name": Scenario({**GENERATION_2, **name("阿依古丽·买买提")}),
    "rare-name": Scenario({**GENERATION_2, **name("闫超䶮㛃")}),
    "private-use-name": Scenario({**GENERATION_2, "changes": {"09": "d5c5fe59".ljust(60, "0")}}),
    "lower-case-check-digit": Scenario({**GENERATION_2, "changes": {"08": b"99010619850412009x".hex()}}),
    "old-number": Scenario({**GENERATION_2, "changes": {"08": b"990106850412001".hex()}}),
    "year-and-month": Scenario({**GENERATION_2, "changes": {"0D": "19850400"}}),
    "records-missing": Scenario({**GENERATION_2, "changes": dict.fromkeys(("02", "06", "07", "0A", "0B", "0D"))}),
    "dates-of-nuls": Scenario({**GENERATION_2, "changes": {"05": "00000000", "0D": "00000000"}}),
}


class ScenarioPort:
    """The chip, with what goes wrong in this scenario."""

    def __init__(self, chip: Chip, scenario: Scenario) -> None:
        self._chip, self._scenario, self._number = chip, scenario, 0

    def send(self, apdu: bytes | bytearray) -> Answer:
        """The scenario's answer."""
        number, self._number = self._number, self._number + 1
        if self._scenario.fails_at is not None and number == self._scenario.fails_at[0]:
            raise pcsc.error_for(self._scenario.fails_at[1], "recording the corpus")
        command = bytes(apdu)
        return split_response(self._scenario.spoil(number, command, self._chip.process(command)))


def recorded(scenario: Scenario, folder: Path) -> Transcript:
    """One scenario's transcript, masked, with its work and its end."""
    chip = Chip(load_card(write_card(folder / "card.json", **scenario.card)))  # type: ignore[arg-type]
    transcript, error = _played(chip, scenario)
    end = "card read" if error is None else error.failure.value
    return replace(masked(transcript, SALT), remarks={"work": scenario.work, "end": end, "masked": True})


def _played(chip: Chip, scenario: Scenario) -> tuple[Transcript, CardError | None]:
    if scenario.connect is not None:
        return Transcript(b"", connect=scenario.connect), _connecting(scenario.connect)

    def work(port: Channel) -> None:
        do(scenario.work, port)

    return record(ATR, ScenarioPort(chip, scenario), work)


def _connecting(code: int) -> PcscError:
    return pcsc.error_for(code, "connecting")


def scenarios() -> Iterator[tuple[str, Scenario]]:
    """All, by the name of their file."""
    yield from ((f"{failure.value}-{failure.name.lower().replace('_', '-')}", scene) for failure, scene in ENDS.items())
    yield from ((f"good-{name}", scene) for name, scene in GOOD.items())


def main() -> None:
    """Write all files."""
    import sys
    import tempfile

    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for file, scenario in scenarios():
            transcript = recorded(scenario, Path(folder))
            (FOLDER / f"{file}.jsonl").write_text(write(transcript), encoding="utf-8")
            sys.stdout.write(f"{json.dumps(transcript.remarks)} {file}\n")


if __name__ == "__main__":
    main()
