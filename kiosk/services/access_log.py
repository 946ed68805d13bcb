"""访问记录: who looked at the holder's data, in sentences, page by page, newest first."""

from backend_client.contract.access_log import AccessLine, AccessLog
from kiosk.services.service import Assurance, Records, Service
from kiosk.services.views import Pages, Section, View
from kiosk.texts import catalogue, text

TITLE = {"zh": "谁看过我的信息", "en": "Who looked at my data"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MACHINES = {"copy": "log_copy", "check": "log_check"}


def _present(log: AccessLog, _year: int | None, language: str) -> View:
    intro = Section("", note=text("log_intro", language, days=log.days))
    shown = tuple(_line(line, language) for line in log.lines) or (Section("", note=text("log_none", language)),)
    pages = Pages(newer=log.newer is not None, older=log.older is not None)
    return View(TITLE[language], (intro, *shown), pages=pages)


def _line(line: AccessLine, language: str) -> Section:
    """A sentence, and below it when, where, and what came of it."""
    more = [_time(line, language)]
    if line.operator and line.channel in ("terminal", "phone"):
        more.append(_place(line, language))
    if line.project_no and line.purpose in ("document", "copy", "check"):
        more.append(text("log_paper", language, number=line.project_no))
    if line.result != "ok":
        more.append(text(f"log_{line.result}", language))
    return Section(_sentence(line, language), note="\n".join(more))


def _sentence(line: AccessLine, language: str) -> str:
    words = {
        "who": _who(line, language), "what": _what(line.theme_code, language), "place": _place(line, language),
        "purpose": line.purpose, "operator": line.operator,
    }  # fmt: skip
    return text(_kind(line), language, **words)


def _kind(line: AccessLine) -> str:
    if line.purpose == "sign-in":
        return {"terminal": "log_sign_in_card", "phone": "log_sign_in_phone"}.get(line.channel, "log_told")
    if line.purpose in MACHINES:
        return MACHINES[line.purpose]
    return f"log_{line.purpose}" if line.purpose in ("query", "document", "unfreeze") else "log_purpose"


def _who(line: AccessLine, language: str) -> str:
    if line.operator == "self":
        return text("log_self", language)
    if line.operator and line.channel in ("terminal", "phone"):
        return text("log_guardian", language, name=line.operator)
    return text("log_official", language, place=_place(line, language), name=line.operator).strip()


def _what(theme: str, language: str) -> str:
    """The record in words, or at least whose it is."""
    known = catalogue(language)
    names = (f"log_theme_{theme}", f"log_unit_{theme[:2]}", "log_unit_other")
    return known[next(name for name in names if name in known)]


def _place(line: AccessLine, language: str) -> str:
    return line.place.en if language == "en" else line.place.zh


def _time(line: AccessLine, language: str) -> str:
    at = line.at
    if language == "en":
        return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def _query(records: Records) -> AccessLog:
    return records.access_log()


def _turn(records: Records, page: AccessLog, older: bool) -> AccessLog:
    return records.access_log((page.older if older else page.newer) or "")


SERVICE = Service(
    id="access-log",
    group="account",
    icon="eye",
    title=TITLE,
    purpose={"zh": "看看谁查过您的信息", "en": "See who asked for your records"},
    scope="account",
    query=_query,
    present=_present,
    documents={},
    turn=_turn,
    assurance=Assurance.PHONE,
)
