"""Every way of coming to read a person's records leaves a line in that person's log, and nothing else does."""

import base64
import hashlib
import json
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from backend_client.client.account import AccountDesk
from backend_client.client.central import Central, HolderSession
from backend_client.client.errors import CentralError, Refused
from backend_client.client.keys import SigningKey
from backend_client.client.phone_sign_in import PhoneSignIn
from backend_client.client.proofs import client_assertion
from backend_client.contract.access_log import PAGE, AccessLog, PublishedHeads, Words
from backend_client.contract.documents import DocumentKind, IssueRequest, Medium
from central.access_log import noting
from central.access_log.appending import Appender
from central.access_log.export import export
from central.access_log.places import set_place
from central.access_log.tables import lines
from central.access_log.verify import verify
from central.api.app import create_app
from central.identity import device_flow
from central.identity.authorization import Request, SignedIn, new_code
from central.identity.scopes import ACR_SIGNATURE
from central.identity.sites import Site, register_site
from central.personalise import personalise_staff
from central.synthetic.household import guardian_of
from kiosk.phone_copy import leave_copy
from tests.city import TERMINAL, City, SoftCard, client_of, free_port, refused, register, serving

OWN = "account"
SERVICE = "https://grid.example.invalid/api"


class Town(City):
    """A city with a terminal."""

    terminal: Central


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Town]:
    """A served city and its terminal."""
    made = Town(tmp_path, f"http://127.0.0.1:{free_port()}")
    made.terminal = client_of(made)
    with serving(made):
        yield made
        made.terminal.close()
    made.close()


def bodies(city: Town, person: int) -> list[dict[str, Any]]:
    """A person's lines, oldest first."""
    wanted = select(lines.c.body).where(lines.c.person == person).order_by(lines.c.number)
    with city.engine.connect() as connection:
        return [json.loads(body) for body in connection.execute(wanted).scalars()]


def said(city: Town, person: int) -> list[tuple[str, str, str, str, str]]:
    """(theme, purpose, channel, operator, who), oldest first."""
    return [
        (one["theme_code"], one["purpose"], one["channel"], one["operator"], one["dept"])
        for one in bodies(city, person)
    ]


def session_of(city: Town, person: int, scope: str = "social family account", **more: Any) -> HolderSession:
    """Signed in at a terminal."""
    return city.terminal.sign_in(city.card(person), scope, **more)


SIGNED_IN = ("0101", "sign-in", "terminal", "self", TERMINAL)


def test_a_holder_at_a_terminal(city: Town) -> None:
    session = session_of(city, 4)
    session.contributions()
    session.family_planning()
    session.access_log()
    assert said(city, 4) == [
        SIGNED_IN, ("0202", "query", "terminal", "self", TERMINAL), ("0401", "query", "terminal", "self", TERMINAL),
        ("0001", "query", "terminal", "self", TERMINAL),
    ]  # fmt: skip
    assert [one["result"] for one in bodies(city, 4)] == ["ok"] * 4


def test_a_record_that_is_not_there_was_looked_for(city: Town) -> None:
    session = session_of(city, 600)
    person = next(n for n in range(600, 700) if not _has_family_record(city, n))
    session = session_of(city, person)
    with pytest.raises(CentralError):
        session.family_planning()
    assert (bodies(city, person)[-1]["result"], bodies(city, person)[-1]["fields"]) == ("empty", [])


def _has_family_record(city: Town, number: int) -> bool:
    from central.synthetic.family_planning import family_planning

    return family_planning(city.keys.seed, number) is not None


def test_a_guardian_is_named_masked_in_the_wards_log_and_not_in_their_own(city: Town) -> None:
    ward = next(n for n in range(1, 500) if (found := guardian_of(city.keys.seed, n)) and found.kind == "child")
    relation = guardian_of(city.keys.seed, ward)
    assert relation is not None
    client, card = city.terminal, city.card(relation.guardian)
    listed = AccountDesk(client.sign_in(card, "guardian")).wards().wards
    for one in listed:
        client.sign_in(card, "social", acting_for=one.relation_id).contributions()
    logged = said(city, ward)
    masked = logged[0][3]
    assert re.fullmatch(r".\*+", masked)
    assert logged == [
        (theme, purpose, "terminal", masked, TERMINAL)
        for theme, purpose in (("0102", "query"), ("0101", "sign-in"), ("0202", "query"))
    ]
    assert said(city, relation.guardian) == [SIGNED_IN]


def test_a_phone(city: Town) -> None:
    attempt = PhoneSignIn(city.terminal, OWN)
    device_flow.decide(city.engine, attempt.user_code, 4)
    session = attempt.poll()
    assert session is not None
    session.access_log()
    assert {(line[2], line[3]) for line in said(city, 4)} == {("phone", "self")} and len(said(city, 4)) == 2


def test_an_attendant_reads_nobody(city: Town) -> None:
    session = city.terminal.sign_in_attendant(SoftCard(personalise_staff(city.engine, city.keys, "0042")))
    for read in (session.contributions, session.family_planning, session.access_log):
        with pytest.raises(Refused):
            read()
    with city.engine.connect() as connection:
        assert connection.execute(select(lines)).all() == []


def test_a_site_is_told_who_signs_in_once(city: Town) -> None:
    key, verifier = SigningKey.generate(), "v" * 43
    site = Site("housing", "住建局（测试）", "Housing (test)", "http://127.0.0.1:1/c", "http://127.0.0.1:1/l",
                "http://127.0.0.1:1/o")  # fmt: skip
    register_site(city.engine, site, key.public_jwk())
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    wanted = Request(site, "s", "n", challenge, (), None, "", "")
    code = new_code(city.engine, wanted, SignedIn(4, ACR_SIGNATURE, time.time(), None))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": site.redirect_uri,
            "code_verifier": verifier, **client_assertion(key, "housing", city.url)}  # fmt: skip
    token = city.client.post("/token", data=form).json()["access_token"]
    for _ in range(3):
        assert city.client.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert said(city, 4) == [("0101", "sign-in", "site", "", "housing")]
    session = session_of(city, 4)
    (line,) = [line for line in session.access_log().lines if line.channel == "site"]
    assert line.place == Words(zh="住建局（测试）", en="Housing (test)")


def test_a_service_that_introspects_is_told_once_a_session(city: Town) -> None:
    service, key = SigningKey.generate(), SigningKey.generate()
    register(city.context, "grid", service, SERVICE)
    card = city.card()
    for _ in range(2):
        token = city.token(card, key, form={"resource": SERVICE}).json()["access_token"]
        for _ in range(3):
            form = client_assertion(service, "grid", city.url)
            assert city.client.post("/introspect", data={**form, "token": token}).json()["active"]
    assert [line for line in said(city, 4) if line[2] == "service"] == [("0101", "sign-in", "service", "", "grid")] * 2


def test_what_a_stranger_or_the_terminal_itself_introspects_is_no_reading(city: Town) -> None:
    service, key = SigningKey.generate(), SigningKey.generate()
    register(city.context, "grid", service, SERVICE)
    token = city.token(city.card(), key).json()["access_token"]
    assert city.client.post("/introspect", data={**city.form(), "token": token}).json()["active"]
    form = client_assertion(service, "grid", city.url)
    assert city.client.post("/introspect", data={**form, "token": token}).json() == {"active": False}
    assert said(city, 4) == [SIGNED_IN]


def test_a_document_its_copy_and_everyone_who_checks_it(city: Town) -> None:
    client = city.terminal
    session = client.sign_in(city.card(4), "social")
    request = IssueRequest(kind=DocumentKind.CONTRIBUTIONS_STATEMENT, medium=Medium.A4)
    key = uuid.uuid4()
    issued = session.issue(request, key)
    session.issue(request, key)  # the same document again: its record left again
    client.sign_file(issued.doc_no, hashlib.sha256(b"file").digest())
    client.status_of(key)
    assert city.client.get(issued.verify_url).status_code == 200
    assert city.client.get(f"/verify/{issued.doc_no}?code=WRONG").status_code == 200
    assert city.client.post("/verify", data={"doc_no": issued.doc_no, "code": issued.verify_code}).status_code == 200
    assert city.client.get(f"/V/{issued.signed_code}").status_code == 200
    assert said(city, 4)[1:] == [
        ("0202", "document", "terminal", "self", TERMINAL), ("0202", "document", "terminal", "self", TERMINAL),
        ("0202", "copy", "terminal", "", TERMINAL), *[("0202", "check", "paper", "", "public")] * 3,
    ]  # fmt: skip
    assert {one["project_no"] for one in bodies(city, 4)[1:]} == {issued.doc_no}


def test_who_fetches_the_copy_is_in_the_log_as_far_as_anybody_knows(city: Town) -> None:
    session = city.terminal.sign_in(city.card(4), "social")
    request = IssueRequest(kind=DocumentKind.CONTRIBUTIONS_STATEMENT, medium=Medium.A4)
    issued = session.issue(request, uuid.uuid4())
    link = leave_copy(city.terminal, issued, "zh", issued.issued_at, "")
    address = link.url.removeprefix(city.url)
    assert [city.client.get(path).status_code for path in (address, f"{address}/pdf", f"{address}/ofd")] == [200] * 3
    assert said(city, 4)[2:] == [
        ("0202", "copy", "terminal", "", TERMINAL), *[("0202", "copy", "phone", "", "public")] * 2,
    ]  # fmt: skip


def test_no_line_says_what_was_read(city: Town) -> None:
    session = session_of(city, 4)
    record = session.contributions()
    text = json.dumps(bodies(city, 4), ensure_ascii=False)
    for value in (record.person.name, record.subject_id_no, record.person.card_no, record.rows[0].employer,
                  str(record.rows[0].base)):  # fmt: skip
        assert value not in text


def test_the_log_is_turned_page_by_page_and_the_look_is_one_line(city: Town) -> None:
    session = session_of(city, 4)
    for _ in range(3):
        session.contributions()
    for _ in range(2):
        AccountDesk(session).sessions()
    for _ in range(16):
        _line_of(city, 4)
    first = session.access_log()
    pages, page = [first], first
    while page.older:
        page = session.access_log(page.older)
        pages.append(page)
    numbers = [line.number for one in pages for line in one.lines]
    assert [len(one.lines) for one in pages] == [6, 6, 6, 4] and len(set(numbers)) == 22
    assert numbers == sorted(numbers, reverse=True)
    assert first.lines[0].theme_code == "0001" and first.newer is None and pages[-1].older is None
    back = page
    while back.newer:
        back = session.access_log(back.newer)
    assert [line.number for line in back.lines] == numbers[:PAGE] and back.newer is None
    assert [line.theme_code for line in back.lines].count("0001") == 1
    assert session.access_log(str(pages[2].newer)).lines == pages[1].lines


def _line_of(city: Town, number: int) -> None:
    noting.note(city.context, number, noting.Reader("海珠区卫计局", "张*", "office"), noting.RELATION, noting.QUERY)


def test_nobody_sees_anothers_lines_and_pages_can_only_be_pages(city: Town) -> None:
    for person in (5, 4 + 16):
        _line_of(city, person)
    key = SigningKey.generate()
    token = city.token(city.card(4), key, scope=OWN).json()["access_token"]
    for page in ("", "a0", "b999999999999"):
        log = AccessLog.model_validate(city.call("GET", f"/api/v1/access-log?page={page}", key, token).json())
        assert [line.operator for line in log.lines] == ["self", "self"]
    for page in ("c1", "b", "a-1", "b1;drop", "b1234567890123"):
        assert city.call("GET", f"/api/v1/access-log?page={page}", key, token).status_code == 400


def test_it_needs_the_scope_and_is_for_its_holder_alone(city: Town) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(4), key, scope="social").json()["access_token"]
    assert refused(city.call("GET", "/api/v1/access-log", key, token), "insufficient_scope")


def test_lines_older_than_ninety_days_are_left_out(city: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    appender = noting.appender(city.context)
    monkeypatch.setattr(appender, "_now", lambda: time.time() - 91 * 86_400)
    _line_of(city, 4)
    monkeypatch.setattr(appender, "_now", time.time)
    assert [line.operator for line in session_of(city, 4).access_log().lines] == ["self", "self"]


def test_a_place_in_words(city: Town) -> None:
    session = session_of(city, 4)
    assert session.access_log().lines[0].place == Words(
        zh=f"海珠区自助终端 {TERMINAL}", en=f"terminal {TERMINAL}, Haizhu District"
    )
    place = Words(zh="赤岗街道办事处一楼", en="Chigang street office, ground floor")
    set_place(city.engine, TERMINAL, place)
    assert session.access_log().lines[0].place == place


def test_a_denied_read_is_logged_as_denied_and_gives_nothing(city: Town) -> None:
    session = session_of(city, 4)
    for _ in range(5):
        session.contributions()
    with pytest.raises(Refused, match="daily_limit"):
        session.contributions()
    assert [(one["result"], bool(one["fields"])) for one in bodies(city, 4)[1:]] == [("ok", True)] * 5 + [
        ("denied", False)
    ]


@pytest.mark.expected_log("the access log can't be written")
def test_without_a_line_there_is_no_record(city: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    key = SigningKey.generate()
    token = city.token(city.card(4), key, scope="social account").json()["access_token"]

    def full(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(Appender, "_write", full)
    for path in ("/api/v1/contributions", "/api/v1/access-log", "/api/v1/account/sessions"):
        answer = city.call("GET", path, key, token)
        assert refused(answer, "temporarily_unavailable") and "lines" not in answer.text
    assert refused(city.token(city.card(5), key), "temporarily_unavailable")


@pytest.mark.expected_log("the access log can't be written")
def test_a_sign_in_whose_line_the_disk_did_not_take_gives_no_token(city: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError("the disk is broken")

    key = SigningKey.generate()
    with monkeypatch.context() as patch:
        patch.setattr("os.fdatasync", broken)
        assert refused(city.token(city.card(4), key), "temporarily_unavailable")
    assert city.token(city.card(4), key).status_code == 200


def test_published_heads_cover_an_export_of_later(city: Town) -> None:
    session = session_of(city, 4)
    published = PublishedHeads.model_validate(city.client.get("/access-log/heads").json())
    assert published.keys[0]["kid"] == city.keys.access_log_key.kid and "d" not in published.keys[0]
    session.contributions()
    texts = list(export(city.engine, noting.appender(city.context), lambda n: noting.subject_of(city.context, n)))
    verdict = verify(texts, [city.keys.access_log_key], published.heads)
    assert not verdict.problems and verdict.lines == 2


READS = {
    "/token", "/userinfo", "/introspect", "/api/v1/contributions", "/api/v1/family-planning", "/api/v1/access-log",
    "/api/v1/account", "/api/v1/account/sessions", "/api/v1/account/wards", "/api/v1/documents",
    "/api/v1/documents/{doc_no}/signature", "/copy/{token}/{kind}", "/verify", "/verify/{doc_no}", "/V/{code}",
}  # fmt: skip
NO_READS = {
    "public": {"/healthz", "/keys", "/jwks", "/time", "/tsa", "/status-list", "/access-log/heads",
               "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
               "/.well-known/est/cacerts", "/.well-known/est/csrattrs", "/api/v1/account/notice"},
    "of terminals": {"/card/challenge", "/.well-known/est/simpleenroll", "/.well-known/est/simplereenroll",
                     "/device_authorization", "/api/v1/sites"},
    "ends something": {"/revoke", "/api/v1/account/sessions/{sid}/end", "/api/v1/account/freeze",
                       "/api/v1/account/close"},
    "changes what the holder just said": {"/api/v1/account/phone", "/api/v1/account/phone/confirm"},
    "names nobody": {"/device", "/device/phone", "/device/decide", "/authorize", "/authorize/phone",
                     "/authorize/decide", "/api/v1/sites/open", "/api/v1/documents/by-key/{key}",
                     "/api/v1/documents/{doc_no}/fate", "/api/v1/documents/{doc_no}/copy", "/copy/{token}"},
}  # fmt: skip


def test_every_route_is_decided() -> None:
    assert set(create_app().openapi()["paths"]) == READS.union(*NO_READS.values())
