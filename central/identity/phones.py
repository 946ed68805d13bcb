"""Proving that somebody holds a phone number: a six-digit code by SMS, five tries, five minutes, one a minute."""

import hashlib
import hmac
import logging
import secrets
import time

from sqlalchemy import Engine, delete, func, insert, select, update

from backend_client.contract.account import PhoneCheck
from central.errors import CentralRefusal
from central.identity.tables import phone_checks
from central.sms import Sms
from central.storage import writing

log = logging.getLogger(__name__)

CODE_SECONDS, PAUSE_SECONDS, TRIES = 300, 60, 5
A_DAY, CODES_PER_DAY = 86400, 10
TEXT = "【广州统一身份认证·测试】验证码 {code}，5 分钟内有效，勿告诉他人。Code {code}, valid 5 minutes; tell nobody."


class TooManyCodes(CentralRefusal):
    """Codes are sent once a minute and ten times a day to one number."""

    def __init__(self, seconds: float) -> None:
        headers = {"Retry-After": str(max(1, round(seconds)))}
        super().__init__(429, "slow_down", "A code was sent to this number a moment ago; wait for it.", headers)


class WrongCode(CentralRefusal):
    """Wrong, late, used, or tried too often: all the same to a guesser."""

    def __init__(self) -> None:
        super().__init__(400, "wrong_code", "The code is wrong or over; ask for a new one.")


def _digest(check_id: str, code: str) -> str:
    return hashlib.sha256(f"{check_id}|{code}".encode()).hexdigest()


def _pace(engine: Engine, phone: str) -> None:
    now = time.time()
    sent = select(func.count(), func.max(phone_checks.c.sent)).where(
        phone_checks.c.phone == phone, phone_checks.c.sent > now - A_DAY
    )
    with engine.connect() as connection:
        count, last = connection.execute(sent).one()
    if last is not None and now - last < PAUSE_SECONDS:
        raise TooManyCodes(PAUSE_SECONDS - (now - last))
    if count >= CODES_PER_DAY:
        raise TooManyCodes(A_DAY)


def start(engine: Engine, sms: Sms, phone: str, person: int | None) -> PhoneCheck:
    """Send a code. TooManyCodes; 503 when the gateway is down.

    `person`: whose number it is to be. None sends nothing and answers as if it did: nobody learns which numbers are
    linked.
    """
    _pace(engine, phone)
    check_id, code, now = secrets.token_urlsafe(32), f"{secrets.randbelow(10**6):06}", time.time()
    row = {
        "check_id": check_id, "person": person, "phone": phone, "code": _digest(check_id, code), "sent": now,
        "expires": now + CODE_SECONDS, "tries": 0,
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(delete(phone_checks).where(phone_checks.c.sent < now - A_DAY))
        connection.execute(insert(phone_checks).values(**row))
    try:
        if person is not None:
            sms.send(phone, TEXT.format(code=code))
    except OSError as error:
        log.warning("SMS gateway: %s", error)
        sentence = "No SMS can be sent now; try again later."
        raise CentralRefusal(503, "temporarily_unavailable", sentence, {"Retry-After": "60"}) from error
    return PhoneCheck(check_id=check_id, expires_in=CODE_SECONDS)


def confirm(engine: Engine, check_id: str, code: str) -> tuple[int, str]:
    """The person and number of a check whose code is right, once. WrongCode otherwise."""
    found = select(phone_checks).where(phone_checks.c.check_id == check_id)
    with writing(engine) as connection:
        row = connection.execute(found).one_or_none()
        alive = row is not None and row.expires > time.time() and row.tries < TRIES
        right = row is not None and hmac.compare_digest(row.code, _digest(check_id, code))
        tries = TRIES if right else (row.tries + 1 if row is not None else 0)
        connection.execute(update(phone_checks).where(phone_checks.c.check_id == check_id).values(tries=tries))
    if row is None or not alive or not right or row.person is None:
        raise WrongCode
    return int(row.person), str(row.phone)
