"""The card layer on a real pcscd: events, reads, PIN, proofs, faults, and pcscd's death."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from card import errors, reader
from card.apdu import Answer, Channel
from card.channel import open_channel, open_port, with_layers
from card.failures import CardFailure
from card.pin import tries_left, verify_pin
from card.proof import CryptogramProof, SigningProof, proof
from card.social_security import check_same_card, open_application, read_card, read_data
from demo.parts.card_file import EF05, EF06, write_card
from demo.parts.devices import VirtualCard
from demo.parts.reader import Daemon, SlotLease
from tests.hardware.events import Events, watched

PIN = b"246810"


def inserted(events: Events, card: VirtualCard) -> None:
    """The card is in, and pcscd has said so."""
    card.insert()
    events.until(reader.CardPresent)


def test_a_full_read_gives_typed_values(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    inserted(events, card)
    with open_channel(slot.reader) as channel:
        data = read_card(channel)
    assert data.card_id == EF05["01"]
    assert (data.generation, data.card_no, data.spec_version) == (3, "T00000001", "3.00")
    assert data.issued is not None and data.issued.isoformat() == "2016-03-01"
    assert data.holder.id_no == bytes.fromhex(EF06["08"]).decode()
    assert (data.holder.name, data.holder.sex, data.holder.ethnic) == ("测甲", "1", "01")


def test_a_full_read_takes_at_most_16_apdus(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    inserted(events, card)
    sent: list[bytes] = []

    class Counting:
        def __init__(self, port: Channel) -> None:
            self._port = port

        def send(self, apdu: bytes | bytearray) -> Answer:
            sent.append(bytes(apdu))
            return self._port.send(apdu)

    with open_port(slot.reader) as (port, atr):
        read_card(with_layers(Counting(port), atr))
    assert len(sent) <= 16


def test_a_card_that_is_in_at_start_is_told(card: VirtualCard, slot: SlotLease) -> None:
    card.insert()
    with watched(slot.reader) as told:
        assert told.until(reader.CardPresent) == reader.CardPresent(slot.reader, bytes.fromhex("3B800181"))


def test_removal_and_another_card_are_told(events: Events, card: VirtualCard, slot: SlotLease, tmp_path: Path) -> None:
    inserted(events, card)
    with open_channel(slot.reader) as channel:
        first = read_card(channel)
    card.remove()
    events.until(reader.CardAbsent)
    other = write_card(tmp_path / "other.json", changes={"01": "44" * 16})
    card.insert(other)
    events.until(reader.CardPresent)
    with open_channel(slot.reader) as channel, pytest.raises(errors.SwappedCard):
        check_same_card(channel, first)


def test_pcscd_killed_and_started_again(daemon: Daemon, events: Events, card: VirtualCard, slot: SlotLease) -> None:
    inserted(events, card)
    daemon.kill()
    events.until(reader.ServiceGone)
    daemon.start()
    events.until(reader.ServiceBack)
    events.until(reader.CardPresent)
    with open_channel(slot.reader) as channel:
        assert read_card(channel).generation == 3


def test_without_pcscd_opening_says_so(daemon: Daemon, slot: SlotLease) -> None:
    daemon.kill()
    with pytest.raises(errors.PcscError) as stopped, open_channel(slot.reader):
        pass
    assert stopped.value.failure is CardFailure.PCSC_DOWN
    daemon.start()


def test_an_empty_or_unknown_reader_is_named(events: Events, slot: SlotLease) -> None:
    events.until(reader.ReaderAdded)
    with pytest.raises(errors.PcscError) as empty, open_channel(slot.reader):
        pass
    assert empty.value.failure is CardFailure.CARD_REMOVED
    with pytest.raises(errors.PcscError) as unknown, open_channel("No Such Reader"):
        pass
    assert unknown.value.failure is CardFailure.READER_ABSENT


def test_a_mute_card_is_told_and_named(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    card.ask("fault mute")
    card.insert()
    events.until(reader.CardMute)
    with pytest.raises(errors.PcscError) as mute, open_channel(slot.reader):
        pass
    assert mute.value.failure is CardFailure.CARD_MUTE


@pytest.mark.parametrize(("fault", "error"), [("torn-record", errors.TornRecord), ("6f00", errors.CommunicationError)])
def test_faults_on_the_wire_are_named(
    events: Events, card: VirtualCard, slot: SlotLease, fault: str, error: type[Exception]
) -> None:
    inserted(events, card)
    card.ask(f"fault {fault}")
    with open_channel(slot.reader) as channel, pytest.raises(error):
        read_card(channel)


@pytest.mark.parametrize("apdus", [0, 1, 5, 13])
def test_a_card_pulled_in_mid_read_is_named(events: Events, card: VirtualCard, slot: SlotLease, apdus: int) -> None:
    inserted(events, card)
    card.ask(f"fault remove-after {apdus}")
    with open_channel(slot.reader) as channel, pytest.raises(errors.CardError):
        read_card(channel)
    events.until(reader.CardAbsent)


def test_a_slow_card_is_read_all_the_same(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    inserted(events, card)
    card.ask("latency 20")
    with open_channel(slot.reader) as channel:
        assert read_card(channel).holder.name == "测甲"


def test_wrong_pin_counts_down_and_the_last_try_is_never_spent(
    events: Events, card: VirtualCard, slot: SlotLease
) -> None:
    inserted(events, card)
    with open_channel(slot.reader) as channel:
        application = open_application(channel)
        assert tries_left(application) == 3
        pin = bytearray(b"000000")
        with pytest.raises(errors.WrongPin) as wrong:
            verify_pin(application, pin)
        assert wrong.value.tries_left == 2
        assert pin == bytearray(6)
        with pytest.raises(errors.WrongPin):
            verify_pin(application, bytearray(b"000000"))
        right = bytearray(PIN)
        with pytest.raises(errors.LastTry):
            verify_pin(application, right)
        assert right == bytearray(6)
    assert card.ask("status")["tries_left"] == 1


def test_a_blocked_card_says_so(events: Events, card: VirtualCard, slot: SlotLease, tmp_path: Path) -> None:
    card.insert(write_card(tmp_path / "blocked.json", tries=0))
    events.until(reader.CardPresent)
    with open_channel(slot.reader) as channel:
        application = open_application(channel)
        with pytest.raises(errors.BlockedPin):
            verify_pin(application, bytearray(PIN))


def test_the_pin_does_not_outlive_the_channel(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    inserted(events, card)
    with open_channel(slot.reader) as channel:
        verify_pin(open_application(channel), bytearray(PIN))
    with open_channel(slot.reader) as channel:
        possession = proof(open_application(channel), 3)
        assert isinstance(possession, SigningProof)
        with pytest.raises(errors.CommunicationError):
            possession.sign(bytes(32))


def test_a_generation_3_card_signs(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    inserted(events, card)
    digest = bytes(range(32))
    with open_channel(slot.reader) as channel:
        application = open_application(channel)
        data = read_data(application)
        verify_pin(application, bytearray(PIN))
        possession = proof(application, data.generation)
        assert isinstance(possession, SigningProof)
        signature = possession.sign(digest)
    key = x509.load_der_x509_certificate(possession.certificate_chain[0]).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    key.verify(utils.encode_dss_signature(r, s), digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def test_a_generation_2_card_answers_with_a_cryptogram(
    events: Events, card: VirtualCard, slot: SlotLease, tmp_path: Path
) -> None:
    card.insert(write_card(tmp_path / "two.json", generation=2))
    events.until(reader.CardPresent)
    with open_channel(slot.reader) as channel:
        application = open_application(channel)
        data = read_data(application)
        verify_pin(application, bytearray(PIN))
        possession = proof(application, data.generation)
        assert isinstance(possession, CryptogramProof)
        card_random, cryptogram = possession.cryptogram(bytes(8))
    mac = CMAC(AES(bytes.fromhex("00112233445566778899AABBCCDDEEFF")))
    mac.update(bytes(8) + card_random)
    assert mac.finalize()[:8] == cryptogram
