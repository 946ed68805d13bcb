"""Proving that somebody holds a phone number: a six-digit code by SMS, five tries, five minutes, one a minute."""

import hashlib
import hmac
import logging
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from backend_client.contract.account import PhoneCheck
from central.errors import CentralRefusal
from central.identity.tables import phone_checks
from central.sms import Sms
from central.storage import writing

log = logging.getLogger(__name__)

CODE_SECONDS, PAUSE_SECONDS, TRIES = 300, 60, 5
A_DAY, CODES_PER_DAY = 86400, 10
TEXT = (
    "【广州统一身份认证·测试】验证码 {code}，用于{zh}，5 分钟内有效，勿告诉他人。"
    "Code {code} to {en}, valid 5 minutes; tell nobody."
)


@dataclass(frozen=True)
class Purpose:
    """What a code is for: it counts for nothing else. `name` tells two apart; the SMS says it in both languages."""

    name: str
    zh: str
    en: str


LINK = Purpose("link", "绑定手机", "link this phone")


def at_terminal(user_code: str, client_id: str) -> Purpose:
    """To sign in at a terminal that shows this code."""
    return Purpose(f"device:{user_code}", f"登录自助终端 {client_id}", f"sign in at terminal {client_id}")


def at_site(client_id: str, zh: str, en: str) -> Purpose:
    """To sign in at another department's site."""
    return Purpose(f"site:{client_id}", f"登录{zh}", f"sign in at {en}")


class TooManyCodes(CentralRefusal):
    """Codes are sent once a minute and ten times a day to one number."""

    def __init__(self, seconds: float) -> None:
        headers = {"Retry-After": str(max(1, round(seconds)))}
        super().__init__(429, "slow_down", "A code was sent to this number a moment ago; wait for it.", headers)


class WrongCode(CentralRefusal):
    """Wrong, late, used, or tried too often: all the same to a guesser."""

    def __init__(self) -> None:
        super().__init__(400, "wrong_code", "The code is wrong or over; ask for a new one.")


def _digest(check_id: str, code: str, purpose: str) -> str:
    return hashlib.sha256(f"{check_id}|{purpose}|{code}".encode()).hexdigest()


def _pace(connection: Connection, phone: str) -> None:
    """In the transaction that sends the next one, or a hundred at once would all be the first."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(int(phone))))
    now = time.time()
    sent = select(func.count(), func.max(phone_checks.c.sent)).where(
        phone_checks.c.phone == phone, phone_checks.c.sent > now - A_DAY
    )
    count, last = connection.execute(sent).one()
    if last is not None and now - last < PAUSE_SECONDS:
        raise TooManyCodes(PAUSE_SECONDS - (now - last))
    if count >= CODES_PER_DAY:
        raise TooManyCodes(A_DAY)


def start(engine: Engine, sms: Sms, phone: str, person: int | None, purpose: Purpose) -> PhoneCheck:
    """Send a code. TooManyCodes; 503 when the gateway is down.

    `person`: whose number it is to be. None sends nothing and answers as if it did: nobody learns which numbers are
    linked.
    """
    check_id, code, now = secrets.token_urlsafe(32), f"{secrets.randbelow(10**6):06}", time.time()
    row = {
        "check_id": check_id, "person": person, "phone": phone, "code": _digest(check_id, code, purpose.name),
        "sent": now, "expires": now + CODE_SECONDS, "tries": 0,
    }  # fmt: skip
    with writing(engine) as connection:
        _pace(connection, phone)
        connection.execute(insert(phone_checks).values(**row))
    try:
        if person is not None:
            sms.send(phone, TEXT.format(code=code, zh=purpose.zh, en=purpose.en))
    except OSError as error:
        log.warning("SMS gateway: %s", error)
        with writing(engine) as connection:  # or the next attempt would be told to wait for a code that never left
            connection.execute(delete(phone_checks).where(phone_checks.c.check_id == check_id))
        sentence = "No SMS can be sent now; try again later."
        raise CentralRefusal(503, "temporarily_unavailable", sentence, {"Retry-After": "60"}) from error
    return PhoneCheck(check_id=check_id, expires_in=CODE_SECONDS)


def confirm(engine: Engine, check_id: str, code: str, purpose: Purpose) -> tuple[int, str]:
    """The person and number of a check whose code is right and was sent for this, once. WrongCode otherwise."""
    found = select(phone_checks).where(phone_checks.c.check_id == check_id).with_for_update()
    with writing(engine) as connection:
        row = connection.execute(found).one_or_none()
        alive = row is not None and row.expires > time.time() and row.tries < TRIES
        right = row is not None and hmac.compare_digest(row.code, _digest(check_id, code, purpose.name))
        tries = TRIES if right else (row.tries + 1 if row is not None else 0)
        connection.execute(update(phone_checks).where(phone_checks.c.check_id == check_id).values(tries=tries))
    if row is None or not alive or not right or row.person is None:
        raise WrongCode
    return int(row.person), str(row.phone)
