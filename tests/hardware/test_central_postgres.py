"""Central on a real PostgreSQL, where calls run beside each other: what SQLite's one writer hides."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, select, text

from backend_client.client.keys import SigningKey
from backend_client.client.proofs import client_assertion
from central.errors import CentralRefusal
from central.identity import device_flow, phones
from central.identity.authorization import SignedIn, new_code, read_request
from central.identity.card_grant import CardHolder, Proof, holder_of_card
from central.identity.card_state import freeze
from central.identity.scopes import ACR_PHONE, ACR_SIGNATURE
from central.identity.single_use import Once, forget_challenges
from central.identity.tables import sessions
from central.identity.tokens import Grant, Parent, Wanted, end_sessions, give, held_session
from central.retention import RULES, Rule, sweep
from central.storage import challenges, writing
from tests import postgres
from tests.city import TERMINAL, City, refused, register
from tests.unit.central.test_public_pages import GOOD, SITE
from tests.unit.central.test_retention import NOW, left, put

WANTED = Wanted("social", "http://central.test/api", "j" * 43)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """The server's folder."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        Path(folder).chmod(0o755)
        with postgres.server(Path(folder) / "s"):
            yield Path(folder) / "s"


@pytest.fixture
def city(cluster: Path, tmp_path: Path) -> Iterator[City]:
    """A city with a database of this test's own."""
    url = f"postgresql+psycopg://central@/{{}}?host={cluster}"
    engine = create_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS city WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE city"))
    engine.dispose()
    made = City(tmp_path, database=url.format("city"))
    yield made
    made.close()


def test_what_the_database_cannot_keep_is_refused(city: City) -> None:
    answer = city.token(city.card(), SigningKey.generate(), form={"resource": "a\0b"})
    assert refused(answer, "invalid_request")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.table.name))
def test_what_is_over_is_swept_here_too(city: City, rule: Rule) -> None:
    put(city.engine, rule, 1.0, NOW)
    assert not sweep(city.engine, rule, NOW)
    assert len(left(city.engine, rule)) == 1


def test_names_are_as_long_as_they_may_be(city: City) -> None:
    key, name = SigningKey.generate(), "T" * 40
    register(city.context, name, key)
    answer = city.client.post("/card/challenge", data=client_assertion(key, name, city.url))
    assert answer.status_code == 200, answer.text
    wanted = read_request(SITE, {**GOOD, "nonce": "n" * 500})
    assert new_code(city.engine, wanted, SignedIn(4, ACR_PHONE, time.time(), None))


@pytest.mark.parametrize("path", ["/authorize?client_id=%00", "/verify/%00?code=x", "/device?user_code=%00"])
def test_no_address_crashes_it(city: City, path: str) -> None:
    assert 400 <= city.client.get(path).status_code < 500


@pytest.mark.expected_log("the database failed")
def test_a_database_that_went_away_is_not_now_and_comes_back(city: City, cluster: Path) -> None:
    token = city.token(city.card(), SigningKey.generate()).json()["access_token"]

    def asked() -> list[int]:
        forms = {"/introspect": {"token": token}, "/card/challenge": {}, "/device_authorization": {"scope": "account"}}
        answers = [city.client.post(path, data={**form, **city.form()}) for path, form in forms.items()]
        assert all(answer.status_code == 200 or refused(answer, "temporarily_unavailable") for answer in answers)
        return [answer.status_code for answer in answers]

    assert asked() == [200, 200, 200]
    postgres.stop(cluster)
    assert asked() == asked() == [503, 503, 503]
    postgres.start(cluster)
    asked()  # what was connected before is found to be dead, once
    assert asked() == [200, 200, 200]


def waits_or_is_done(city: City, worker: threading.Thread) -> None:
    """Until the worker waits for somebody's lock, or is done without."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = 'city' AND wait_event_type = 'Lock'")
    with city.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while worker.is_alive() and not connection.execute(waiting).scalar():
            time.sleep(0.01)


def beside(city: City, open_it: Callable[[Connection], Grant], end_it: Callable[[], object]) -> int:
    """A session is opened while another transaction ends what it rests on: how many are live when both are done."""
    with writing(city.engine) as connection:
        made = open_it(connection)
        worker = threading.Thread(target=end_it)
        worker.start()
        waits_or_is_done(city, worker)
    worker.join()
    with city.engine.connect() as connection:
        return len(connection.execute(select(sessions).where(sessions.c.sid == made.sid, sessions.c.ended == 0)).all())


def test_a_card_that_is_frozen_in_the_midst_of_a_sign_in_leaves_no_session(city: City) -> None:
    once = Once("card:x", time.time() + 60, CentralRefusal(400, "invalid_grant", "used"))
    proof = Proof(city.card(4).card_id, ACR_SIGNATURE, time.time(), None, "n", {}, once)

    def sign_in(connection: Connection) -> Grant:
        return give(connection, holder=holder_of_card(connection, proof), client_id=TERMINAL, wanted=WANTED)[1]

    assert beside(city, sign_in, lambda: freeze(city.engine, 4)) == 0


def test_a_card_that_is_pulled_while_a_site_signs_in_leaves_no_session_of_the_site(city: City) -> None:
    holder = CardHolder(4, "0" * 32, ACR_SIGNATURE, time.time())
    with writing(city.engine) as connection:
        parent = give(connection, holder=holder, client_id=TERMINAL, wanted=WANTED)[1]

    def site(connection: Connection) -> Grant:
        row = held_session(connection, parent.sid)
        assert row is not None
        of_parent = Parent(row.sid, row.ends)
        return give(connection, holder=holder, client_id=TERMINAL, wanted=WANTED, parent=of_parent)[1]

    assert beside(city, site, lambda: end_sessions(city.engine, sessions.c.sid == parent.sid)) == 0


def at_once(work: Callable[[], object], times: int) -> list[object]:
    """What it gave each of so many callers that came together; refusals too."""
    found, ready = list[object](), threading.Barrier(times)

    def one() -> None:
        ready.wait()
        try:
            found.append(work())
        except CentralRefusal as refusal:
            found.append(refusal)

    workers = [threading.Thread(target=one) for _ in range(times)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return found


def test_one_approval_is_one_session_however_many_ask(city: City) -> None:
    begun = device_flow.begin(city.engine, city.url, TERMINAL, "account", WANTED.audience)
    assert device_flow.decide(city.engine, begun.user_code, 4)

    def given(connection: Connection, holder: CardHolder, scope: str, audience: str) -> str:
        del scope, audience
        return give(connection, holder=holder, client_id=TERMINAL, wanted=WANTED)[1].sid

    found = at_once(lambda: device_flow.poll(city.engine, TERMINAL, begun.device_code, given), 8)
    assert sum(isinstance(one, str) for one in found) == 1


def test_five_guesses_are_five_and_one_sms_is_one_though_many_come_at_once(city: City) -> None:
    found = at_once(lambda: phones.start(city.engine, city.sms, "99012345678", 4, phones.LINK), 8)
    assert len(city.sms.sent) == 1 and sum(isinstance(one, phones.TooManyCodes) for one in found) == 7
    check = next(one for one in found if not isinstance(one, CentralRefusal))
    wrong = f"{(int(city.sms.code()) + 1) % 10**6:06}"
    at_once(lambda: phones.confirm(city.engine, check.check_id, wrong, phones.LINK), 8)  # type: ignore[attr-defined]
    with pytest.raises(phones.WrongCode):
        phones.confirm(city.engine, check.check_id, city.sms.code(), phones.LINK)  # type: ignore[attr-defined]


def test_a_central_that_starts_leaves_the_sign_ins_of_the_others_alone(city: City, cluster: Path) -> None:
    challenge = city.challenge()
    forget_challenges(city.engine)
    key = SigningKey.generate()
    assert city.token(city.card(), key, challenge=challenge).status_code == 200
    doubtful = city.challenge()
    city.engine.dispose()
    postgres.stop(cluster)
    postgres.start(cluster)
    forget_challenges(city.engine)
    with city.engine.connect() as connection:
        left = set(connection.execute(select(challenges.c.nonce)).scalars())
    assert doubtful.nonce not in left, "the crash may have brought it back"
