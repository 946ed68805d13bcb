"""代办: whom the holder may act for, by the word of a record; choosing one asks for the PIN once more."""

from backend_client.client.errors import SessionExpired, StepUpNeeded
from backend_client.contract.account import Ward, WardsOverview
from kiosk.services.service import Records, Service
from kiosk.services.views import Choice, Section, View
from kiosk.texts import text

TITLE = {"zh": "为孩子或老人代办", "en": "For a child or an elder"}
ICONS = {"child": "child", "elder": "elder"}


def _present(record: WardsOverview, _year: int | None, language: str) -> View:
    known = "wards_some" if record.wards else "wards_none"
    first = Section(text(f"{known}_title", language), note=text(known, language))
    return View(TITLE[language], (first,), choices=tuple(_choice(ward, language) for ward in record.wards))


def _choice(ward: Ward, language: str) -> Choice:
    basis = text(f"ward_{ward.kind}_basis", language, basis=ward.basis)
    return Choice(text(f"ward_{ward.kind}", language, name=ward.name), f"{ward.id_no}\n{basis}", ICONS[ward.kind])


def _query(records: Records) -> WardsOverview:
    try:
        return records.wards()
    except StepUpNeeded as error:
        raise SessionExpired(error.code) from error  # the same remedy: the PIN once more


SERVICE = Service(
    id="guardian",
    group="account",
    icon="guardian",
    title=TITLE,
    purpose={"zh": "查看、打印他们的记录", "en": "See and print their records"},
    scope="guardian",
    query=_query,
    present=_present,
    documents={},
)
