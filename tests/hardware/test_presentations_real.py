"""What a real pcscd makes of the simulator's cards and faults, through PC/SC's own calls and nothing of `card/`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from smartcard import scard

from demo.parts.card_file import write_card
from demo.parts.devices import VirtualCard
from demo.parts.reader import SlotLease
from tests.parts import wait_until_empty

SELECT = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
UID = "FFCA000000"
BOTH = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1


class Client:
    """A program that uses the reader."""

    def __init__(self, slot: SlotLease) -> None:
        self.slot = slot
        _, self.context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        _, names = scard.SCardListReaders(self.context, [])
        self.reader = next(name for name in names if slot.reader in name)

    def until(self, flag: int) -> str:
        """Wait for a state of the reader; the ATR in it."""
        known = scard.SCARD_STATE_UNAWARE
        for _ in range(20):
            _, [(_, state, atr)] = scard.SCardGetStatusChange(self.context, 2000, [(self.reader, known)])
            if state & flag:
                return bytes(atr).hex().upper()
            known = state & ~scard.SCARD_STATE_CHANGED
        raise AssertionError(f"state {state:#x}")

    def connect(self) -> tuple[int, int, int]:
        """Result, handle, protocol."""
        result, handle, protocol = scard.SCardConnect(self.context, self.reader, scard.SCARD_SHARE_SHARED, BOTH)
        return result, handle, protocol

    def send(self, *apdus: str) -> list[str]:
        """Answers in hex; an error's name where there is none."""
        result, handle, protocol = self.connect()
        assert result == scard.SCARD_S_SUCCESS
        header = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        answers = [scard.SCardTransmit(handle, header, list(bytes.fromhex(apdu))) for apdu in apdus]
        scard.SCardDisconnect(handle, scard.SCARD_RESET_CARD)
        return [bytes(data).hex().upper() if result == scard.SCARD_S_SUCCESS else "error" for result, data in answers]


@pytest.fixture
def client(slot: SlotLease) -> Iterator[Client]:
    """A client with a context of its own."""
    program = Client(slot)
    yield program
    scard.SCardReleaseContext(program.context)


KINDS = [
    ("bank", "3B600000", "6A82", "6E00"),
    ("transport", "3B80800101", "6A82", "9000"),
    ("sim", "3B169653494D2D3247", "6E00", "6E00"),
    ("memory", "3B8F8001804F0CA000000306030001000000006A", "6D00", "9000"),
]


def test_other_peoples_cards_are_powered_and_none_is_ours(card: VirtualCard, client: Client) -> None:
    for kind, atr, select, uid in KINDS:
        card.insert(kind)
        assert client.until(scard.SCARD_STATE_PRESENT) == atr
        assert [answer[-4:] for answer in client.send(SELECT, UID)] == [select, uid]
        card.remove()
        wait_until_empty(client.slot.reader)
    assert card.harm == []


def test_a_card_without_an_atr_is_mute(card: VirtualCard, client: Client) -> None:
    card.insert("empty-atr")
    assert client.until(scard.SCARD_STATE_MUTE) == ""
    assert client.connect()[0] in (scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNPOWERED_CARD)


@pytest.mark.parametrize("what", ["kind", "fault"])
def test_a_protocol_that_pcscd_cannot_speak(card: VirtualCard, client: Client, what: str) -> None:
    if what == "fault":
        card.ask("fault wrong-protocol")
    card.insert("nonsense-atr" if what == "kind" else None)
    client.until(scard.SCARD_STATE_PRESENT)
    assert client.connect()[0] == scard.SCARD_E_PROTO_MISMATCH


def test_a_silent_chip_gives_an_empty_answer_after_the_readers_time_out(card: VirtualCard, client: Client) -> None:
    card.ask("fault silent-after 1 0.2")
    card.insert()
    client.until(scard.SCARD_STATE_PRESENT)
    assert client.send(SELECT, "00B2032C06") == ["6113", ""]


def test_one_card_at_the_antenna_and_at_the_contacts(card: VirtualCard, client: Client) -> None:
    card.present("contactless", "04112233445566")
    card.insert()
    assert client.until(scard.SCARD_STATE_PRESENT) == "3B858001807380210056"
    assert client.send(UID, SELECT) == ["041122334455669000", "6113"]
    card.ask("lift")
    wait_until_empty(client.slot.reader)
    card.present("contact")
    card.insert()
    assert client.until(scard.SCARD_STATE_PRESENT) == "3B800181"
    assert client.send(UID) == ["6E00"]


def test_a_t0_card_is_spoken_to_at_t0(card: VirtualCard, client: Client, tmp_path: Path) -> None:
    card.insert(write_card(tmp_path / "t0.json", habits=["t0"]))
    assert client.until(scard.SCARD_STATE_PRESENT) == "3B00"
    _, handle, protocol = client.connect()
    assert protocol == scard.SCARD_PROTOCOL_T0
    scard.SCardDisconnect(handle, scard.SCARD_RESET_CARD)
    assert client.send(SELECT, "00C0000013", "00B2032C06")[-1] == "0304332E30309000"


def test_another_card_lies_there_after_a_reset(card: VirtualCard, client: Client, tmp_path: Path) -> None:
    other = write_card(tmp_path / "other.json", changes={"01": "44" * 16})
    card.insert()
    client.until(scard.SCARD_STATE_PRESENT)
    before = client.send(SELECT, "00B2012C12")[-1]
    card.ask(f"fault swap-on-reset {other}")
    client.send(SELECT)
    assert client.send(SELECT, "00B2012C12")[-1] == "0110" + "44" * 16 + "9000" != before


def test_the_witness_speaks_through_the_real_reader(card: VirtualCard, client: Client) -> None:
    card.insert("bank")
    client.until(scard.SCARD_STATE_PRESENT)
    client.send("0020000306323436383130", "00A4040008A000000333010101")
    assert [event["apdu"] for event in card.harm] == ["0020000306…", "00A4040008A000000333010101"]
