"""Challenges, cryptograms and signatures, each checked with an implementation that the chip doesn't use."""

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from simulators.card_os import Chip
from tests.gmssl_cmac import cmac_by_gmssl
from tests.unit.simulators import sm2_by_hand
from tests.unit.simulators.chips import CARD, chip_with, selected, send, verified

SM2_KEY = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
DIGEST = bytes(range(32))
SIGN = f"002A9E9A20{DIGEST.hex()}40"
USE_ES256, USE_SM2 = "002241B606800101840101", "002241B606800102840102"
KEY = ec.derive_private_key(7, ec.SECP256R1())
PEM = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def cmac(key: bytes | None, message: bytes) -> str:
    """First 8 bytes of AES-CMAC, in hex."""
    mac = CMAC(AES(key or b""))
    mac.update(message)
    return mac.finalize()[:8].hex().upper()


@pytest.mark.parametrize("length", [4, 8, 16])
def test_a_challenge_is_fresh(length: int) -> None:
    chip = selected()
    one, two = (send(chip, f"00840000{length:02X}") for _ in range(2))
    assert len(one) == 2 * length + 4
    assert one != two


def test_a_challenge_of_another_length_is_refused() -> None:
    assert send(selected(), "0084000007") == "6C08"
    assert send(selected(), "0084000000") == "6C08"
    assert len(send(selected("t1"), "0084000000")) == 20


def test_a_card_with_sm4_makes_its_cryptogram_with_sm4() -> None:
    chip = verified(cryptogram_cipher="SM4")
    card_random = bytes.fromhex(send(chip, "0084000008")[:16])
    expected = cmac_by_gmssl(CARD.cryptogram_key or b"", b"\x11" * 8 + card_random)[:8].hex().upper()
    assert send(chip, "0088000108" + "11" * 8) == expected + "9000"


def test_the_cards_cryptogram_is_a_cmac_and_spends_the_challenge() -> None:
    chip = verified()
    card_random = bytes.fromhex(send(chip, "0084000008")[:-4])
    assert send(chip, "0088000108" + "11" * 8) == cmac(CARD.cryptogram_key, b"\x11" * 8 + card_random) + "9000"
    assert send(chip, "0088000108" + "11" * 8) == "6985"


def test_unknown_keys_are_named() -> None:
    chip = verified()
    assert send(chip, "0088000308" + "11" * 8) == "6A88"
    assert send(chip, "0084000008", "0082000108" + "11" * 8) == "6A88"
    assert send(selected(external_key=None), "0084000008", "0082000208" + "11" * 8) == "6A88"


def answer_challenge(chip: Chip, wrong: bool = False) -> str:
    """EXTERNAL AUTHENTICATE."""
    card_random = bytes.fromhex(send(chip, "0084000008")[:-4])
    return send(chip, "0082000208" + cmac(bytes(16) if wrong else CARD.external_key, card_random))


def test_the_host_proves_itself() -> None:
    assert answer_challenge(selected()) == "9000"


def test_the_hosts_wrong_answers_have_a_counter_of_their_own() -> None:
    chip = selected()
    assert [answer_challenge(chip, wrong=True) for _ in range(6)] == ["63C4", "63C3", "63C2", "63C1", "6983", "6983"]
    assert answer_challenge(chip) == "6983"
    assert chip.tries_left == 3


def test_a_right_answer_fills_the_counter() -> None:
    chip = selected()
    answer_challenge(chip, wrong=True)
    assert answer_challenge(chip) == "9000"
    assert answer_challenge(chip, wrong=True) == "63C4"


def test_the_host_needs_a_challenge_each_time() -> None:
    chip = selected()
    assert send(chip, "0082000208" + "11" * 8) == "6985"
    answer_challenge(chip)
    assert send(chip, "0082000208" + "11" * 8) == "6985"


def signature(chip: Chip) -> bytes:
    """r and s."""
    answer = bytes.fromhex(send(chip, SIGN))
    assert (len(answer), answer[-2:]) == (66, b"\x90\x00")
    return answer[:-2]


def check_es256(rs: bytes) -> None:
    """Raises when the signature is not by KEY."""
    der = utils.encode_dss_signature(int.from_bytes(rs[:32], "big"), int.from_bytes(rs[32:], "big"))
    KEY.public_key().verify(der, DIGEST, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def test_es256_is_the_default_and_can_be_chosen_again() -> None:
    chip = verified(private_key=PEM, sm2_private_key=SM2_KEY)
    check_es256(signature(chip))
    assert send(chip, USE_SM2, USE_ES256) == "9000"
    check_es256(signature(chip))


def test_sm2_signs_a_digest() -> None:
    chip = verified(private_key=PEM, sm2_private_key=SM2_KEY)
    assert send(chip, USE_SM2) == "9000"
    public = sm2_by_hand.public_key(SM2_KEY)
    assert sm2_by_hand.verify(public, DIGEST, signature(chip))
    assert not sm2_by_hand.verify(public, bytes(32), signature(chip))


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("002241B606800102840101", "6A88"),
        ("002241B606800103840103", "6A88"),
        ("002241B603800102", "6A80"),
        ("002241B606810102840102", "6A80"),
        ("002241A406800102840102", "6A86"),
    ],
)
def test_an_environment_that_the_card_has_not_got_is_refused(apdu: str, answer: str) -> None:
    assert send(selected(private_key=PEM, sm2_private_key=SM2_KEY), apdu) == answer


def test_a_card_without_sm2_says_so() -> None:
    assert send(selected(private_key=PEM), USE_SM2) == "6A88"
    assert send(chip_with(sm2_private_key=SM2_KEY), USE_SM2) == "6A88"


def test_the_choice_does_not_outlive_the_application_or_a_reset() -> None:
    chip = verified(private_key=PEM, sm2_private_key=SM2_KEY)
    again = ("00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "0020000306" + b"246810".hex())
    send(chip, USE_SM2, *again)
    check_es256(signature(chip))
    send(chip, USE_SM2)
    chip.reset()
    send(chip, *again)
    check_es256(signature(chip))


def test_nothing_is_signed_without_the_pin() -> None:
    assert send(selected(private_key=PEM), SIGN) == "6982"
    assert send(verified(), SIGN) == "6A88"
    assert send(verified(private_key=PEM), "002A9E9A04DEADBEEF40") == "6700"
