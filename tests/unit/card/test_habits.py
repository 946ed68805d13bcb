"""Cards of every maker: each habit of docs/protocol.md, and every two that go together, read, verified and proven."""

from collections.abc import Sequence
from itertools import combinations

import pytest

from card import errors
from card.pin import DEFAULT_KIND, PIN_KINDS, change_pin, verify_pin
from card.proof import CryptogramProof, external_authenticate, proof
from card.social_security import open_application, read_data
from simulators.habits import HABITS, check_habits
from simulators.witness import Witness
from tests.unit.card.ports import ChipPort, chip, layered

END: dict[frozenset[str], type[errors.CardError]] = {
    frozenset({"select-6283"}): errors.InvalidatedCard,
    frozenset({"records-need-pin"}): errors.ProtectedCard,
    # Nobody can know how long such a card's records are: it gives neither all nor a hint.
    frozenset({"wrong-le-6700", "padded-records"}): errors.CommunicationError,
    frozenset({"wrong-le-6700", "padded-records-nul"}): errors.CommunicationError,
}


def allowed(*habits: str) -> bool:
    """May one card have these?"""
    try:
        return bool(check_habits(habits))
    except ValueError:
        return False


PAIRS = [pair for pair in combinations(HABITS, 2) if allowed(*pair)]


def visit(port: ChipPort, habits: Sequence[str]) -> str:
    """What a terminal does with a card: the holder's name when all of it worked."""
    kind = PIN_KINDS["bcd"] if "bcd-pin" in habits else DEFAULT_KIND
    application = open_application(layered(port))
    data = read_data(application)
    verify_pin(application, bytearray(b"246810"), kind)
    change_pin(application, bytearray(b"246810"), bytearray(b"135790"), kind)
    verify_pin(application, bytearray(b"135790"), kind)
    possession = proof(application, data.generation)
    assert isinstance(possession, CryptogramProof)
    assert [len(part) for part in possession.cryptogram(bytes(8))] == [8, 8]
    return data.holder.name


@pytest.mark.parametrize("habits", [*((habit,) for habit in HABITS), *PAIRS], ids="+".join)
def test_a_visit_with_a_card_of_these_habits(habits: tuple[str, ...]) -> None:
    harm: list[dict[str, object]] = []
    port = ChipPort(chip(habits=habits), Witness(harm.append))
    ends = [end for those, end in END.items() if those <= set(habits)]
    if ends:
        with pytest.raises(tuple(ends)):
            visit(port, habits)
    else:
        assert visit(port, habits) == "测甲"
    assert harm == []


def test_a_pin_in_the_wrong_coding_spends_no_try() -> None:
    port = ChipPort(chip(habits=("bcd-pin",)))
    application = open_application(layered(port))
    with pytest.raises(errors.UnusablePin):
        verify_pin(application, bytearray(b"246810"))
    assert port.chip.tries_left == 3


@pytest.mark.parametrize("habit", ["blocked-says-63c0", "blocked-says-6984"])
def test_a_blocked_pin_is_known_however_the_card_says_it(habit: str) -> None:
    application = open_application(layered(ChipPort(chip(tries=0, habits=(habit,)))))
    with pytest.raises(errors.BlockedPin if habit == "blocked-says-63c0" else (errors.BlockedPin, errors.UnusablePin)):
        verify_pin(application, bytearray(b"246810"))


def test_the_terminal_may_prove_central_to_the_card() -> None:
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.cmac import CMAC

    def cryptogram(card_random: bytes) -> bytes:
        mac = CMAC(AES(bytes(range(16))))
        mac.update(card_random)
        return mac.finalize()[:8]

    application = open_application(layered(ChipPort(chip(external_key=bytes(range(16))))))
    external_authenticate(application, cryptogram)
    with pytest.raises(errors.CommunicationError):
        external_authenticate(application, lambda _random: bytes(8))
