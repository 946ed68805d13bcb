"""我的账户: the account if there is one, and where its holder is signed in; else what it is for, and the way to it."""

from datetime import datetime

from backend_client.contract.account import Account, AccountOverview, SessionInfo
from city import ZONE
from kiosk.services.service import Records, Service
from kiosk.services.views import Pair, Section, Table, View
from kiosk.session.account_steps import offered
from kiosk.texts import catalogue, text

TITLE = {"zh": "我的账户", "en": "My account"}


def _present(record: AccountOverview, _year: int | None, language: str) -> View:
    account = record.account
    first = _account(account, language) if account else Section(text("account_none", language))
    sections = (first, _sessions(record.sessions, language))
    return View(TITLE[language], sections, changes=tuple(change.value for change in offered(record)))


def _account(account: Account, language: str) -> Section:
    consent = text("account_consent_value", language, version=account.notice_version, at=_time(account.consent_at))
    return Section(
        "",
        (
            Pair(text("account_opened", language), _time(account.opened_at)),
            Pair(text("account_phone", language), account.phone or text("account_no_phone", language)),
            Pair(text("account_consent", language), consent, wide=True),
        ),
    )


def _sessions(sessions: tuple[SessionInfo, ...], language: str) -> Section:
    titles = tuple(text(f"account_session_{name}", language) for name in ("where", "how", "since"))
    rows = tuple((_where(one, language), _how(one.acr, language), _time(one.started)) for one in sessions)
    return Section(text("account_sessions", language), table=Table(titles, "lll", (36, 30, 34), rows))


def _where(session: SessionInfo, language: str) -> str:
    return text("account_session_here", language) if session.current else session.device


def _how(acr: str, language: str) -> str:
    known = catalogue(language)
    return known.get(f"account_acr_{acr.replace('-', '_')}", known["account_acr_card_signature"])


def _time(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _query(records: Records) -> AccountOverview:
    return records.account()


SERVICE = Service(
    id="account",
    group="account",
    icon="person",
    title=TITLE,
    purpose={"zh": "凭卡开通账户，看在哪里登录，注销", "en": "Open by card, see sign-ins, close"},
    scope="account",
    query=_query,
    present=_present,
    documents={},
    more_scopes=("account.change", "acct.open"),
)
