"""An independent client (opensc-tool) reads the same bytes from the simulated card as our decoder was given."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from smartcard import scard

from demo.parts.card_file import write_card
from demo.parts.devices import VirtualCard
from demo.parts.reader import SlotLease
from tests.parts import wait_until

SELECT = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"


def transmit(slot: SlotLease, *apdus: str) -> list[bytes]:
    """Send APDUs with opensc-tool; response data of each. Its own `--wait` misses a card that comes as it starts."""
    wait_until(slot.reader, scard.SCARD_STATE_PRESENT)
    arguments = [part for apdu in (SELECT, *apdus) for part in ("-s", apdu)]
    command = ["opensc-tool", "-r", slot.reader, *arguments]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    answers = said.split("Sending:")[2:]
    return [bytes.fromhex("".join(re.findall(r"^((?:[0-9A-F]{2} )+)", part, re.MULTILINE))) for part in answers]


@pytest.mark.parametrize("generation", [2, 3])
def test_opensc_reads_every_record(card: VirtualCard, slot: SlotLease, tmp_path: Path, generation: int) -> None:
    path = write_card(tmp_path / "card.json", generation=generation)
    card.insert(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    expected, apdus = [], []
    for file, short_id in (("ef05", 0x2C), ("ef06", 0x34)):
        for number, (tag, value) in enumerate(sorted(content[file].items()), start=1):
            raw = bytes.fromhex(value)
            expected.append(bytes([int(tag, 16), len(raw)]) + raw)
            apdus.append(f"00B2{number:02X}{short_id:02X}{len(raw) + 2:02X}")
    assert [answer[: len(want)] for answer, want in zip(transmit(slot, *apdus), expected, strict=True)] == expected
