"""计生信息: the family-planning record and its certificate. Contraception is not asked for (K+)."""

from backend_client.contract.documents import DocumentKind, Medium
from backend_client.contract.family_planning import FamilyPlanning
from backend_client.contract.masking import masked_id, masked_name
from city import Scope
from kiosk.services.service import Records, Service
from kiosk.services.views import Pair, Section, Table, View
from kiosk.services.wording import DASH, code, day, say

TITLE = {"zh": "计生信息凭证", "en": "Family planning"}


def _present(record: FamilyPlanning, _year: int | None, language: str) -> View:
    sections = (_holder(record, language), _spouse(record, language), _children(record, language))
    return View(TITLE[language], (*sections, _certificate(record, language)))


def _holder(record: FamilyPlanning, language: str) -> Section:
    return Section(
        say("holder", language),
        (
            Pair(say("name", language), masked_name(record.name)),
            Pair(say("id_no", language), masked_id(record.id_no)),
            Pair(say("sex", language), code("sex", record.sex, language)),
            Pair(say("birth_date", language), day(record.birth_date)),
            Pair(say("marital", language), code("marital", record.marital.value, language)),
            Pair(say("marriage_date", language), day(record.marriage_date)),
            Pair(say("hukou_addr", language), record.hukou_addr, wide=True),
            Pair(say("live_addr", language), record.live_addr, wide=True),
        ),
    )


def _spouse(record: FamilyPlanning, language: str) -> Section:
    name = masked_name(record.spouse_name) if record.spouse_name else DASH
    number = masked_id(record.spouse_id_no) if record.spouse_id_no else DASH
    return Section(
        say("spouse", language),
        (
            Pair(say("spouse_name", language), name),
            Pair(say("spouse_id_no", language), number),
            Pair(say("spouse_hukou", language), record.spouse_hukou or DASH, wide=True),
        ),
    )


def _children(record: FamilyPlanning, language: str) -> Section:
    title = say("children", language)
    count = f"{say('boys', language)} {record.boys}    {say('girls', language)} {record.girls}"
    if not record.children:
        return Section(title, note=say("no_children", language))
    titles = tuple(say(name, language) for name in ("seq", "name", "sex", "birth_date", "policy"))
    rows = tuple(
        (
            str(child.seq),
            masked_name(child.name),
            code("sex", child.sex, language),
            child.birth_date.isoformat(),
            code("policy", child.policy.value, language),
        )
        for child in record.children
    )
    return Section(title, table=Table(titles, "cllll", (12, 18, 16, 28, 26), rows), note=count)


def _certificate(record: FamilyPlanning, language: str) -> Section:
    return Section(
        say("certificate", language),
        (
            Pair(say("cert_no", language), record.cert_no, wide=True),
            Pair(say("service_cert", language), record.service_cert or DASH, wide=True),
            Pair(say("one_child_cert", language), record.one_child_cert or DASH, wide=True),
            Pair(say("cert_issuer", language), record.issuer, wide=True),
            Pair(say("issue_date", language), day(record.issue_date)),
            Pair(say("expire_date", language), day(record.expire_date)),
        ),
    )


def _query(records: Records) -> FamilyPlanning:
    return records.family_planning()


SERVICE = Service(
    id="family-planning",
    group="family",
    icon="family",
    title=TITLE,
    purpose={"zh": "查计生登记，打印信息凭证", "en": "See and print the record"},
    scope=Scope.FAMILY,
    query=_query,
    present=_present,
    documents={
        Medium.A4: DocumentKind.FAMILY_PLANNING_CERTIFICATE,
        Medium.SLIP: DocumentKind.FAMILY_PLANNING_SLIP,
    },
    for_wards=True,
)
