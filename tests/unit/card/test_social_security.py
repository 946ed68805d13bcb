"""The application found, proven and read, whatever the card is like. On scripts and on the simulated chip."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from card import errors
from card.social_security import check_same_card, open_application, read_card, read_values
from tests.unit.card.ports import ChipPort, Script, chip, layered
from tests.unit.card.records_of import GOOD

CARD_ID = "0110" + "44" * 16
SELECT = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"


def test_a_whole_card_is_read_from_the_chip() -> None:
    data = read_card(layered(ChipPort(chip())))
    assert (data.generation, data.holder.name) == (2, "测甲")


def test_one_command_a_record() -> None:
    port = ChipPort(chip())
    read_card(layered(port))
    assert len(port.sent) == 15
    assert port.sent[2:4] == ["00B2012C12", "00B2022C03"]


@pytest.mark.parametrize("sw", ["6A82", "6D00", "6E00", "6A81", "6999", "6985", "6283FF"[:4]])
def test_another_card_is_refused_at_select(sw: str) -> None:
    expected = errors.InvalidatedCard if sw == "6283" else errors.UnsupportedCard
    port = Script(sw)
    with pytest.raises(expected):
        open_application(layered(port))
    assert len(port.sent) == 1


@pytest.mark.parametrize("sw", ["6F00", "6400", "6581", ""])
def test_a_card_that_breaks_down_at_select_is_said_to(sw: str) -> None:
    with pytest.raises(errors.CommunicationError):
        open_application(layered(Script(sw)))


def test_the_answer_to_select_must_be_about_our_application() -> None:
    with pytest.raises(errors.UnsupportedCard):
        open_application(layered(Script("6F098407A00000033301019000")))
    aid = "7378312E73682EC9E7BBE1B1A3D5CF"
    assert open_application(layered(Script(f"6F11840F{aid}9000", CARD_ID + "9000"))).card_id == "44" * 16


@pytest.mark.parametrize(("answers", "third"), [(["6700", "9000"], "00"), (["6700", "6A86", "9000"], None)])
def test_other_forms_of_select_are_tried(answers: list[str], third: str | None) -> None:
    port = Script(*answers, CARD_ID + "9000")
    open_application(layered(port))
    assert port.sent[1] == SELECT + "00"
    assert len(port.sent) == len(answers) + 1


def test_a_card_without_short_ids_is_asked_once_a_file() -> None:
    """One refused READ RECORD a file, then the file is selected and all its records are read from it."""
    port = ChipPort(chip())
    process = port.chip.process
    port.chip.process = lambda raw: (  # type: ignore[method-assign]
        bytes.fromhex("6A86") if raw[1] == 0xB2 and raw[3] >> 3 else process(raw)
    )
    assert read_card(layered(port)).holder.name == "测甲"
    short = [sent for sent in port.sent if sent[2:4] == "B2" and int(sent[6:8], 16) >> 3]
    assert short == ["00B2012C12", "00B2022C03", "00B2013414"]


@pytest.mark.parametrize("form", ["00A40200", "00A4020C", "00A40400"])
def test_files_are_selected_in_the_form_that_the_card_takes(form: str) -> None:
    forms = ["00A40000", "00A40200", "00A4020C", "00A40400"]
    refusals = ["6A86"] * forms.index(form)
    port = Script("9000", "6A82", *refusals, "9000", CARD_ID + "9000")
    open_application(layered(port))
    assert port.sent[-2] == f"{form}02EF05"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("6A83", errors.MissingRecord), ("9000", errors.TornRecord), ("01049000", errors.TornRecord),
        ("0210" + "44" * 16 + "9000", errors.TornRecord), ("6F00", errors.CommunicationError),
    ],
)  # fmt: skip
def test_a_first_record_that_does_not_prove_the_card_is_named(answer: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        open_application(layered(Script("9000", answer)))


def test_all_there_is_is_asked_for_when_the_card_dislikes_our_length() -> None:
    port = Script("9000", "6700", CARD_ID + "9000")
    open_application(layered(port))
    assert port.sent[2] == "00B2012C00"


def test_fewer_bytes_than_asked_are_taken_with_their_warning() -> None:
    assert open_application(layered(Script("9000", CARD_ID + "6282"))).card_id == "44" * 16


def test_only_the_wanted_records_are_read() -> None:
    from card.records import PLACES

    port = ChipPort(chip())
    application = open_application(layered(port))
    values = read_values(application, [place for place in PLACES if place.tag in (0x01, 0x03, 0x09)])
    assert values == {0x01: GOOD[0x01], 0x03: b"2.00", 0x09: GOOD[0x09]}
    assert [sent for sent in port.sent if sent[2:4] == "B2"] == ["00B2012C12", "00B2032C06", "00B2023420"]


def test_another_card_is_not_taken_for_the_one_that_was_read() -> None:
    data = read_card(layered(ChipPort(chip())))
    assert check_same_card(layered(ChipPort(chip())), data).card_id == data.card_id
    with pytest.raises(errors.SwappedCard):
        check_same_card(layered(ChipPort(chip(changes={1: b"\x55" * 16}))), data)


@given(st.lists(st.binary(max_size=40), min_size=120, max_size=120))
@settings(max_examples=500, deadline=None)
def test_any_answers_give_a_card_or_a_named_error(answers: list[bytes]) -> None:
    try:
        read_card(layered(Script(*(answer.hex() for answer in answers))))
    except errors.CardError as error:
        assert str(error).endswith(".")
        assert error.failure
