"""计划生育信息凭证: holder, spouse, children, certificate. Contraception is not in the record and not on the paper."""

from backend_client.contract.family_planning import FamilyPlanning
from printing.flow import Column, Flow
from printing.frame import Sheet
from printing.words import day, text, word


def family_planning_pages(flow: Flow, sheet: Sheet, record: FamilyPlanning) -> None:
    """All sections of the certificate."""
    _holder(flow, sheet, record)
    _spouse(flow, sheet, record)
    _children(flow, sheet, record)
    _certificate(flow, sheet, record)


def _holder(flow: Flow, sheet: Sheet, record: FamilyPlanning) -> None:
    say, language = sheet.say, sheet.language
    flow.heading(say("holder"))
    flow.grid(
        [
            (say("name"), record.name),
            (say("id_no"), record.id_no),
            (say("sex"), word("sex", record.sex, language)),
            (say("birth_date"), day(record.birth_date, language)),
            (say("marital"), word("marital", record.marital.value, language)),
            (say("marriage_date"), day(record.marriage_date, language)),
            (say("hukou_area"), record.hukou_area),
            (say("live_area"), record.live_area),
        ]
    )
    flow.grid([(say("hukou_addr"), record.hukou_addr), (say("live_addr"), record.live_addr)], 1, 0.16)


def _spouse(flow: Flow, sheet: Sheet, record: FamilyPlanning) -> None:
    say, language = sheet.say, sheet.language
    flow.heading(say("spouse"))
    flow.grid(
        [
            (say("spouse_name"), text(record.spouse_name, language)),
            (say("spouse_id_no"), text(record.spouse_id_no, language)),
            (say("spouse_hukou"), text(record.spouse_hukou, language)),
        ]
    )


def _children(flow: Flow, sheet: Sheet, record: FamilyPlanning) -> None:
    say, language = sheet.say, sheet.language
    flow.heading(say("children"), f"{say('boys')} {record.boys}  {say('girls')} {record.girls}")
    if not record.children:
        flow.line(say("no_children"), 10)
        return
    columns = [
        Column(say("seq"), 8, "centre"),
        Column(say("name"), 22),
        Column(say("sex"), 10, "centre"),
        Column(say("birth_date"), 18, "centre"),
        Column(say("policy"), 18, "centre"),
        Column(say("reg_no"), 30),
    ]
    rows = [
        [
            str(child.seq),
            child.name,
            word("sex", child.sex, language),
            child.birth_date.isoformat(),
            word("policy", child.policy.value, language),
            child.reg_no,
        ]
        for child in record.children
    ]
    flow.table(columns, rows, size=9)


def _certificate(flow: Flow, sheet: Sheet, record: FamilyPlanning) -> None:
    say, language = sheet.say, sheet.language
    flow.heading(say("certificate"))
    flow.grid(
        [
            (say("cert_no"), record.cert_no),
            (say("service_cert"), text(record.service_cert, language)),
            (say("one_child_cert"), text(record.one_child_cert, language)),
            (say("issue_date"), day(record.issue_date, language)),
            (say("expire_date"), day(record.expire_date, language)),
            (say("operator"), record.operator),
            (say("phone"), record.phone),
            (say("cert_issuer"), record.issuer),
        ],
        label_share=0.4,
    )
