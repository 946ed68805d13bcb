"""Presentations, makers' habits, PIN change and SM2 on a real pcscd: from the antenna to the signature."""

from pathlib import Path

import pytest

from card import errors, reader
from card.apdu import command
from card.atr import parse_atr
from card.channel import open_channel
from card.failures import CardFailure as F
from card.pin import change_pin, tries_left, verify_pin
from card.proof import SigningProof, external_authenticate, proof
from card.social_security import open_application, read_card, read_data
from demo.parts.card_file import write_card
from demo.parts.devices import VirtualCard
from demo.parts.reader import SlotLease
from tests.hardware.events import Events
from tests.unit.simulators import sm2_by_hand

PIN, NEW = b"246810", b"135790"


def inserted(events: Events, card: VirtualCard, file: Path | None = None) -> bytes:
    """The card is in, and pcscd has said so; its ATR."""
    card.insert(file)
    seen = events.until(reader.CardPresent)
    assert isinstance(seen, reader.CardPresent)
    return seen.atr


def test_a_card_at_the_antenna_is_read_like_one_at_the_contacts(
    events: Events, card: VirtualCard, slot: SlotLease
) -> None:
    card.present("contactless", "3A010203")
    atr = parse_atr(inserted(events, card))
    assert atr.contactless
    with open_channel(slot.reader) as channel:
        assert channel.send(command(0xFF, 0xCA, 0, 0, le=256)).data == bytes.fromhex("3A010203")
        data = read_card(channel)
    assert data.holder.name == "测甲"


def test_a_card_lifted_in_the_middle_is_named(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    card.present("contactless")
    inserted(events, card)
    card.ask("fault lift-after 6")
    with pytest.raises(errors.CardError) as lifted, open_channel(slot.reader) as channel:
        read_card(channel)
    assert lifted.value.failure in (F.CARD_REMOVED, F.CARD_SILENT, F.CARD_COMMUNICATION)
    events.until(reader.CardAbsent)


@pytest.mark.parametrize(
    "habits",
    [
        "t0",
        "t1 no-short-ids select-p1-02-only",
        "padded-records le-too-long-warns",
        "chained-responses",
        "extended-length t1",
    ],
)
@pytest.mark.parametrize("generation", [2, 3])
def test_cards_of_other_makers(
    events: Events, card: VirtualCard, slot: SlotLease, tmp_path: Path, habits: str, generation: int
) -> None:
    inserted(events, card, write_card(tmp_path / "card.json", generation=generation, habits=habits.split()))
    with open_channel(slot.reader) as channel:
        application = open_application(channel)
        assert read_data(application).generation == generation
        verify_pin(application, bytearray(PIN))
        assert proof(application, generation).card_id == application.card_id
    assert card.harm == []


def test_the_pin_is_changed(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    inserted(events, card)
    with open_channel(slot.reader) as channel:
        change_pin(open_application(channel), bytearray(PIN), bytearray(NEW))
    with open_channel(slot.reader) as channel:
        application = open_application(channel)
        with pytest.raises(errors.WrongPin):
            verify_pin(application, bytearray(PIN))
        verify_pin(application, bytearray(NEW))
    assert card.harm == []


def test_a_wrong_old_pin_changes_nothing(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    inserted(events, card)
    with open_channel(slot.reader) as channel:
        application = open_application(channel)
        with pytest.raises(errors.WrongPin) as wrong:
            change_pin(application, bytearray(b"000000"), bytearray(NEW))
        assert wrong.value.tries_left == tries_left(application) == 2
        verify_pin(application, bytearray(PIN))


def test_a_generation_3_card_signs_with_sm2(events: Events, card: VirtualCard, slot: SlotLease, tmp_path: Path) -> None:
    """Checked with the standard's own formulas."""
    inserted(events, card, write_card(tmp_path / "sm2.json", sm2=True))
    with open_channel(slot.reader) as channel:
        application = open_application(channel)
        verify_pin(application, bytearray(PIN))
        possession = proof(application, 3, algorithm="SM2")
        assert isinstance(possession, SigningProof)
        digest = bytes(range(32))
        signature = possession.sign(digest)
    point = public_point(possession.certificate_chain[0])
    public = (int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big"))
    assert sm2_by_hand.verify(public, digest, signature)
    assert not sm2_by_hand.verify(public, bytes(32), signature)


def public_point(certificate: bytes) -> bytes:
    """x‖y of an SM2 certificate: the uncompressed point after its curve's object identifier."""
    curve = bytes.fromhex("06082A811CCF5501822D")
    after = certificate.split(curve, 1)[1]
    assert after[:4] == bytes.fromhex("03420004")
    return after[4:68]


def test_central_proves_itself_to_the_card(events: Events, card: VirtualCard, slot: SlotLease, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.cmac import CMAC

    key = bytes(range(16))
    inserted(events, card, write_card(tmp_path / "external.json", generation=2, external_key=key.hex()))

    def cryptogram(card_random: bytes) -> bytes:
        mac = CMAC(AES(key))
        mac.update(card_random)
        return mac.finalize()[:8]

    with open_channel(slot.reader) as channel:
        application = open_application(channel)
        external_authenticate(application, cryptogram)
        with pytest.raises(errors.CommunicationError):
            external_authenticate(application, lambda _random: bytes(8))


@pytest.mark.parametrize(
    ("fault", "failures"),
    [
        ("status 6982 B2", {F.CARD_PROTECTED}), ("status 6283 A4", {F.CARD_INVALIDATED}),
        ("no-status-word", {F.CARD_COMMUNICATION, F.CARD_SILENT}),
        ("silent-after 3 1", {F.CARD_SILENT}), ("flip-bit 08", {F.CARD_CHECK_DIGIT, F.CARD_TORN_RECORD}),
        ("flip-bit 0D", {F.CARD_CONTRADICTORY, F.CARD_TORN_RECORD}),
    ],
)  # fmt: skip
def test_faults_have_their_names(
    events: Events, card: VirtualCard, slot: SlotLease, fault: str, failures: set[F]
) -> None:
    inserted(events, card)
    card.ask(f"fault {fault}")
    with pytest.raises(errors.CardError) as named, open_channel(slot.reader) as channel:
        read_card(channel)
    assert named.value.failure in failures


def test_more_than_was_asked_for_is_padding_or_refused(events: Events, card: VirtualCard, slot: SlotLease) -> None:
    """Sixteen bytes too many after each record: filler is taken off, anything else would be a torn record."""
    inserted(events, card)
    card.ask("fault long-answer")
    with open_channel(slot.reader) as channel:
        assert read_card(channel).holder.id_no == "990106198504120014"
