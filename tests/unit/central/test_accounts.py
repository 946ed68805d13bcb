"""Accounts over the real client: opened, phone linked, frozen within a second, closed; guardians, attendants."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.client import errors
from backend_client.client.account import AccountDesk
from backend_client.client.central import Central
from backend_client.contract.account import Notice
from central.errors import CentralRefusal
from central.identity import phones
from central.identity.accounts import notice
from central.identity.guardians import end_relation
from central.identity.tokens import look_up
from central.personalise import personalise_staff
from central.sms import NoSms, PrintedSms
from central.synthetic.household import guardian_of, wards_of
from central.synthetic.person import person
from tests.city import PHONE, City, SoftCard

ALL = "acct.open account account.change guardian social"


def opened(city: City, central: Central, number: int) -> AccountDesk:
    """Somebody with a fresh account."""
    desk = AccountDesk(central.sign_in(city.card(number), ALL))
    desk.open(desk.notice())
    return desk


def test_open_by_card_alone(city: City, central: Central) -> None:
    desk = AccountDesk(central.sign_in(city.card(20), ALL))
    with pytest.raises(errors.Refused, match="no_account"):
        desk.see()
    shown = desk.notice()
    assert "12345" in shown.zh and "withdraw" in shown.en
    made = desk.open(shown)
    assert made == desk.see()
    assert (made.state, made.level, made.notice_version, made.phone) == ("open", 2, notice().version, None)
    with pytest.raises(errors.Refused, match="account_exists"):
        desk.open(shown)


def test_an_old_notice_is_no_consent(city: City, central: Central) -> None:
    desk = AccountDesk(central.sign_in(city.card(21), ALL))
    old = Notice(version="2020-01-01", zh="旧", en="old", digest="0" * 64)
    with pytest.raises(errors.Refused, match="old_notice"):
        desk.open(old)


def test_a_phone_is_linked_by_its_code_once(city: City, central: Central) -> None:
    desk = opened(city, central, 22)
    check = desk.link_phone(PHONE)
    code = city.sms.code()
    assert city.sms.sent[-1][0] == PHONE
    with pytest.raises(errors.Refused, match="slow_down"):
        desk.link_phone(PHONE)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    with pytest.raises(errors.Refused, match="wrong_code"):
        desk.confirm_phone(check, wrong)
    assert desk.confirm_phone(check, code).phone == "990****5678"
    with pytest.raises(errors.Refused, match="wrong_code"):
        desk.confirm_phone(check, code)
    assert desk.unlink_phone().phone is None


def test_a_code_dies_after_five_guesses(city: City, central: Central) -> None:
    desk = opened(city, central, 23)
    check = desk.link_phone("99011111111")
    code = city.sms.code()
    for guess in range(5):
        with pytest.raises(errors.Refused, match="wrong_code"):
            desk.confirm_phone(check, f"{(int(code) + guess + 1) % 10**6:06}")
    with pytest.raises(errors.Refused, match="wrong_code"):
        desk.confirm_phone(check, code)


def test_nobody_confirms_another_persons_check(city: City, central: Central) -> None:
    mine, theirs = opened(city, central, 24), opened(city, central, 25)
    check = mine.link_phone("99022222222")
    with pytest.raises(errors.Refused, match="wrong_code"):
        theirs.confirm_phone(check, city.sms.code())
    assert theirs.see().phone is None


def test_a_number_moves_to_its_new_owner(city: City, central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones, "PAUSE_SECONDS", 0)
    first, second = opened(city, central, 26), opened(city, central, 27)
    for desk in (first, second):
        desk.confirm_phone(desk.link_phone("99033333333"), city.sms.code())
    assert first.see().phone is None and second.see().phone is not None


def test_codes_to_one_number_are_counted(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones, "PAUSE_SECONDS", 0)
    before = len(city.sms.sent)
    for _ in range(phones.CODES_PER_DAY):
        phones.start(city.engine, city.sms, "99044444444", None, phones.LINK)
    assert len(city.sms.sent) == before, "a number that is not linked gets nothing, and the answer is the same"
    with pytest.raises(phones.TooManyCodes):
        phones.start(city.engine, city.sms, "99044444444", None, phones.LINK)


@pytest.mark.expected_log("SMS gateway")
def test_a_gateway_that_is_down_is_said(city: City) -> None:
    with pytest.raises(CentralRefusal, match="temporarily_unavailable"):
        phones.start(city.engine, NoSms(), "99055555555", 1, phones.LINK)


def test_the_simulator_prints_what_it_would_send(capsys: pytest.CaptureFixture[str]) -> None:
    PrintedSms().send(PHONE, "验证码 123456")
    assert capsys.readouterr().out == f'{{"event": "sms", "to": "{PHONE}", "text": "验证码 123456"}}\n'


def test_a_frozen_card_is_dead_everywhere_at_once(city: City, central: Central) -> None:
    card = city.card(28)
    desk = AccountDesk(central.sign_in(card, ALL))
    elsewhere = central.sign_in(card, "social")
    assert {one.current for one in desk.sessions().sessions} == {True, False}
    assert desk.freeze().ended == 2
    assert look_up(city.engine, str(elsewhere._token)) is None, "dead when the answer is there"
    with pytest.raises(errors.SessionExpired):
        elsewhere.contributions()
    with pytest.raises(errors.SignInRefused):
        central.sign_in(card, "social")


def test_sessions_are_listed_and_ended_one_by_one(city: City, central: Central) -> None:
    card = city.card(29)
    desk, other = AccountDesk(central.sign_in(card, ALL)), central.sign_in(card, "social")
    listed = desk.sessions().sessions
    assert listed[0].sid == other.sid
    assert desk.end_session(other.sid).ended == 1
    assert desk.end_session(other.sid).ended == 0
    stranger = AccountDesk(central.sign_in(city.card(30), ALL))
    assert stranger.end_session(listed[1].sid).ended == 0
    assert len(desk.sessions().sessions) == 1


def test_closing_withdraws_consent_and_ends_everything(city: City, central: Central) -> None:
    desk = opened(city, central, 31)
    assert desk.close().ended >= 1
    with pytest.raises(errors.SessionExpired):
        desk.see()
    again = AccountDesk(central.sign_in(city.card(31), ALL))
    with pytest.raises(errors.Refused, match="no_account"):
        again.see()
    assert again.open(again.notice()).state == "open", "the person may change their mind"


def guardian_and_ward(city: City, kind: str) -> tuple[int, int]:
    """Two residents between whom a record proves the relation."""
    found = (guardian_of(city.keys.seed, ward) for ward in range(1, 500))
    return next((one.guardian, one.ward) for one in found if one is not None and one.kind == kind)


@pytest.mark.parametrize("kind", ["child", "elder"])
def test_a_guardian_acts_for_a_ward(city: City, central: Central, kind: str) -> None:
    guardian, ward = guardian_and_ward(city, kind)
    card = city.card(guardian)
    desk = AccountDesk(central.sign_in(card, ALL))
    listed = {one.relation_id: one for one in desk.wards().wards}
    masked = person(city.keys.seed, ward).id_no[-4:]
    relation = next(one for one in listed.values() if one.id_no.endswith(masked))
    assert relation.kind == kind and relation.basis.startswith("HK" if kind == "child" else "GZ")
    acting = central.sign_in(card, "social", acting_for=relation.relation_id)
    assert acting.contributions().subject_id_no == person(city.keys.seed, ward).id_no
    grant = look_up(city.engine, str(acting._token))
    assert grant is not None and (grant.person, grant.holder) == (ward, guardian)
    assert any(one.acting for one in desk.sessions().sessions)
    acting.renew(card)
    assert acting.contributions().subject_id_no == person(city.keys.seed, ward).id_no


def test_nobody_acts_without_a_record(city: City, central: Central) -> None:
    guardian, _ward = guardian_and_ward(city, "child")
    relation = AccountDesk(central.sign_in(city.card(guardian), ALL)).wards().wards[0].relation_id
    stranger = city.card(guardian + 200)
    for card, wanted in ((stranger, relation), (city.card(guardian), "0" * 32)):
        with pytest.raises(errors.Refused, match="not_a_guardian"):
            central.sign_in(card, "social", acting_for=wanted)
    with pytest.raises(errors.Refused, match="invalid_scope"):
        central.sign_in(city.card(guardian), ALL, acting_for=relation)


def test_a_relation_that_is_withdrawn_ends_what_its_guardian_is_doing(city: City, central: Central) -> None:
    guardian, ward = guardian_and_ward(city, "elder")
    card = city.card(guardian)
    desk = AccountDesk(central.sign_in(card, ALL))
    masked = person(city.keys.seed, ward).id_no[-4:]
    before = desk.wards().wards
    relation = next(one for one in before if one.id_no.endswith(masked))
    acting = central.sign_in(card, "social", acting_for=relation.relation_id)
    acting.contributions()
    assert acting.sid in (end_relation(city.engine, city.keys.seed, ward) or ())
    with pytest.raises(errors.SessionExpired):
        acting.contributions()
    with pytest.raises(errors.SignInRefused):
        acting.renew(card)
    with pytest.raises(errors.Refused, match="not_a_guardian"):
        central.sign_in(card, "social", acting_for=relation.relation_id)
    assert desk.wards().wards == tuple(one for one in before if one != relation)
    assert end_relation(city.engine, city.keys.seed, ward) is None


def test_a_guardians_session_never_reaches_an_account(city: City, central: Central) -> None:
    guardian, _ward = guardian_and_ward(city, "child")
    card = city.card(guardian)
    relation = AccountDesk(central.sign_in(card, ALL)).wards().wards[0].relation_id
    acting = central.sign_in(card, "social", acting_for=relation)
    acting.scope = ALL
    with pytest.raises(errors.SignInRefused):
        acting.renew(card)


def test_relations_hold_both_ways_and_never_to_oneself() -> None:
    for ward in range(1, 300):
        relation = guardian_of("guangzhou-2016", ward)
        if relation is not None:
            assert relation in wards_of("guangzhou-2016", relation.guardian)
            assert relation.guardian != ward


def test_an_attendant_never_signs_in_as_a_resident(city: City, central: Central) -> None:
    card = SoftCard(personalise_staff(city.engine, city.keys, "0042"))
    session = central.sign_in_attendant(card)
    assert session.holder is None
    with pytest.raises(errors.Refused, match="insufficient_scope"):
        session.contributions()
    for scope in ("social", ALL, "openid"):
        with pytest.raises(errors.SignInRefused):
            central.sign_in(card, scope)
    with pytest.raises(errors.Refused, match="invalid_scope"):
        central.sign_in(card, "attendant social")
    with pytest.raises(errors.SignInRefused):
        central.sign_in_attendant(city.card(32))
    with pytest.raises(errors.SignInRefused):
        central.sign_in(card, "social", acting_for="0" * 32)
    key = session._key
    assert key is not None
    with pytest.raises(errors.SignInRefused):
        central.connection.card_token(city.card(33), key, {"scope": "social"}, session.sid)


@given(st.text(max_size=20))
@settings(max_examples=200)
def test_any_phone_number_is_valid_or_refused_by_the_model(text: str) -> None:
    from pydantic import ValidationError

    from backend_client.contract.account import LinkPhone

    try:
        phone = LinkPhone(phone=text).phone
    except ValidationError:
        return
    assert len(phone) == 11 and phone.isascii() and phone.isdigit()
