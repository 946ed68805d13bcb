"""Records and states for tests that need some: built from the contract's models, synthetic persons only."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from backend_client.contract.access_log import AccessLine, AccessLog, Words
from backend_client.contract.account import Account, AccountOverview, Notice, SessionInfo, Ward, WardsOverview
from backend_client.contract.contributions import (
    ContributionRow,
    Contributions,
    Enrolment,
    InsuranceKind,
    InsuredPerson,
    MedicalAccount,
    PaidState,
    PayState,
    PayType,
    PensionAccount,
)
from backend_client.contract.documents import (
    ContributionsFacts,
    DocumentKind,
    FamilyPlanningFacts,
    IssuedDocument,
    Medium,
)
from backend_client.contract.family_planning import Child, FamilyPlanning, Marital, Policy
from kiosk.session import state as s

ID_NO = "990106198504120014"
CUTOFF = datetime(2016, 12, 31, 15, 59, 59, tzinfo=UTC)
CARD = s.Card("测*", "990***********0014", 3)
CHILD = s.Acting(CARD, "c1" * 16, "测*童", "990***********2019", s.WardKind.CHILD)
ELDER = s.Acting(CARD, "e1" * 16, "古**·测**", "990***********1938", s.WardKind.ELDER)
CST = timezone(timedelta(hours=8))
EMPLOYER = "测试贸易有限公司"


def row(kind: InsuranceKind, month: str, **changes: object) -> ContributionRow:
    """One month of one insurance."""
    values: dict[str, object] = {
        "kind": kind, "fee_ym": month, "base": Decimal("6500.00"), "emp_amt": Decimal("910.00"),
        "per_amt": Decimal("520.00"), "gov_amt": Decimal("0.00"), "paid_state": PaidState.PAID,
        "paid_date": date(2016, 9, 18), "pay_type": PayType.NORMAL, "employer": EMPLOYER,
    }  # fmt: skip
    return ContributionRow.model_validate({**values, **changes})


def contributions(name: str = "测甲", rows: tuple[ContributionRow, ...] | None = None) -> Contributions:
    """A record of two years, six insurances."""
    kinds = ("110", "210", "310", "330", "410", "510")
    months = [f"{year}{month:02}" for year in (2016, 2015) for month in range(12, 0, -1)]
    found = tuple(row(InsuranceKind(kind), month) for month in months for kind in kinds) if rows is None else rows
    return Contributions(
        record_id="SB1", subject_id_no=ID_NO, source_unit="测试中心", theme_code="S001",
        updated_at=CUTOFF, is_test=True,
        person=InsuredPerson(
            person_no="9901000001", id_no=ID_NO, name=name, sex="1", ethnic="01", birth_date=date(1985, 4, 12),
            hukou_type="10", card_no="T00000001", first_insured="201501" if found else None,
        ),
        enrolments=tuple(
            Enrolment(kind=InsuranceKind(kind), pay_state=PayState.PAYING, employer_no="91990106MA990001XX",
                      employer=EMPLOYER, start_ym="201501")
            for kind in kinds
        ) if found else (),
        rows=found,
        pension_acc=PensionAccount(own_total=Decimal("12480.00"), year_interest=Decimal("310.20"), months=24),
        medical_acc=MedicalAccount(balance=Decimal("980.55"), year_in=Decimal("1560.00"), year_out=Decimal("579.45")),
        data_cutoff=CUTOFF,
    )  # fmt: skip


def family_planning(name: str = "测乙") -> FamilyPlanning:
    """A record with a spouse and two children."""
    child = {"name": "测小", "policy": Policy.INSIDE, "birth_date": date(2016, 1, 30)}
    return FamilyPlanning(
        record_id="JS1", subject_id_no=ID_NO, source_unit="测试街道", theme_code="J001",
        updated_at=CUTOFF, is_test=True,
        cert_no="JS990105201603020001", name=name, sex="2", birth_date=date(1985, 4, 12), id_no=ID_NO,
        marital=Marital.FIRST_MARRIAGE, marriage_date=date(2015, 5, 20), hukou_addr="湖南省测试市测试路12号",
        hukou_area="430100001001", live_addr="广州市海珠区赤岗街道测试路104号2164房", live_area="440105001001",
        spouse_name="测丙", spouse_id_no="990106198709300027", spouse_hukou="广东省测试市", boys=1, girls=1,
        children=(Child(seq=1, sex="1", reg_no="SY440105201600001", **child),
                  Child(seq=2, sex="2", reg_no="SY440105201600002", **child)),
        service_cert="FW44010512345678", one_child_cert=None, issuer="赤岗街道办事处（测试）",
        issue_date=date(2016, 3, 2), expire_date=date(2019, 3, 1), operator="测丁", phone="99012345678",
        data_cutoff=CUTOFF,
    )  # fmt: skip


def log_line(number: int, purpose: str = "query", theme_code: str = "0202", **changes: Any) -> AccessLine:
    """One reading; by the holder at a terminal, unless said otherwise."""
    place = Words(zh="赤岗街道办事处一楼大厅", en="Chigang street office, ground floor")
    values: dict[str, object] = {
        "number": number, "at": datetime(2016, 12, 30, 10, 8, tzinfo=CST) - timedelta(minutes=1208 - number),
        "dept": "T44010500001",
        "place": place, "operator": "self", "purpose": purpose, "theme_code": theme_code, "fields": ("pension_acc",),
        "channel": "terminal", "legal_basis": "statute", "result": "ok",
    }  # fmt: skip
    return AccessLine.model_validate({**values, **changes})


def access_log(first: bool = True) -> AccessLog:
    """A page with every kind of reader; the last page when it isn't the first."""
    housing: dict[str, Any] = {
        "dept": "housing",
        "place": Words(zh="住建局（测试）", en="Housing authority (test)"),
        "operator": "",
    }
    civil: dict[str, Any] = {
        "dept": "海珠区民政局",
        "place": Words(zh="海珠区民政局", en="Haizhu civil affairs"),
        "operator": "张*",
    }
    public: dict[str, Any] = {
        "dept": "public",
        "place": Words(zh="持有这张凭证的人", en="somebody who holds this paper"),
        "operator": "",
    }
    doc_no = "SB440105201701020001"
    lines = (
        log_line(1208, theme_code="0001"),
        log_line(1201, "check", project_no=doc_no, channel="paper", **public),
        log_line(1180, "document", project_no=doc_no),
        log_line(1179),
        log_line(1177, "sign-in", "0101"),
        log_line(1102, operator="李**", theme_code="0401", result="empty"),
    ) if first else (
        log_line(1050, "sign-in", "0101", channel="site", **housing),
        log_line(1001, "核验婚姻状况", "0301", channel="office", **civil),
        log_line(912, "copy", project_no=doc_no, operator=""), log_line(905, result="denied"),
    )  # fmt: skip
    return AccessLog(
        record_id="RZ0000000004", subject_id_no=ID_NO, source_unit="测试局", theme_code="A001", updated_at=CUTOFF,
        is_test=True, days=90, shard=4, lines=lines, newer=None if first else "a1050", older="b1102" if first else None,
        head="eyJ0eXAi.eyJzaGFyZCI.MEUCIQ",
    )  # fmt: skip


def issued(record: Contributions | FamilyPlanning, medium: Medium = Medium.A4, **changes: object) -> IssuedDocument:
    """A document over a record, with a code of the usual length."""
    social = isinstance(record, Contributions)
    kinds = {
        (True, Medium.A4): DocumentKind.CONTRIBUTIONS_STATEMENT,
        (True, Medium.SLIP): DocumentKind.CONTRIBUTIONS_SLIP,
        (False, Medium.A4): DocumentKind.FAMILY_PLANNING_CERTIFICATE,
        (False, Medium.SLIP): DocumentKind.FAMILY_PLANNING_SLIP,
    }
    kind = kinds[(social, medium)]
    facts = (
        ContributionsFacts(record=record) if isinstance(record, Contributions) else FamilyPlanningFacts(record=record)
    )
    values: dict[str, object] = {
        "doc_no": f"{kind.value}440105201701020001", "kind": kind, "medium": medium,
        "title": "参保缴费证明" if social else "计划生育信息凭证",
        "title_en": "Statement of social-insurance contributions" if social else "Family-planning certificate",
        "verify_code": "23456789ABCDEFGH", "verify_url": "http://127.0.0.1:8080/verify/X?code=23456789ABCDEFGH",
        "issuer": "广州市社会保险基金管理中心（测试）", "issued_at": CUTOFF, "valid_until": date(2017, 4, 2),
        "terminal_id": "T44010500001", "facts": facts, "signed_code": "2KCE2ZQB" * 27 + "AAAA",
    }  # fmt: skip
    return IssuedDocument.model_validate({**values, **changes})


def account_notice(version: str = "2016-12-01") -> Notice:
    """Some paragraphs, about as long as central's."""
    zh = "\n".join(
        ["处理者：测试部门。目的：为您开通账户。方式：读取卡识别码、姓名和公民身份号码，登录留下访问记录。"] * 6
    )
    en = "\n".join(
        ["Who: a test department. Why: to open your account. What: your name and number; sign-ins are kept."] * 8
    )
    return Notice(version=version, zh=f"{zh}\n最后一句。", en=f"{en}\nThe last sentence.", digest="0" * 64)


def account_overview(opened: bool = True, others: bool = True, phone: str | None = "138****5678") -> AccountOverview:
    """Somebody's account, or that there is none."""
    at = datetime(2016, 12, 30, 9, 39, tzinfo=CST)
    here = SessionInfo(
        sid="here", device="T44010500001", acr="card-signature", started=at, auth_time=at, current=True, acting=False
    )
    phone_session = here.model_copy(update={"sid": "there", "device": "phone-app", "acr": "phone", "current": False})
    account = Account(
        account_id="a1" * 16, state="open", level=2, opened_at=at, opened_terminal="T44010500001",
        notice_version="2016-12-01", consent_at=at, phone=phone,
    )  # fmt: skip
    return AccountOverview(
        record_id="0", subject_id_no=ID_NO, source_unit="", theme_code="A002", updated_at=at, is_test=True,
        account=account if opened else None, sessions=(here, phone_session) if others else (here,),
        notice=None if opened else account_notice(),
    )  # fmt: skip


def wards(found: tuple[s.Acting, ...] = (CHILD, ELDER)) -> WardsOverview:
    """Whom somebody may act for."""
    basis = {s.WardKind.CHILD: "HK44010500000028", s.WardKind.ELDER: "GZ44010500000031"}
    return WardsOverview(
        record_id="0", subject_id_no=ID_NO, source_unit="", theme_code="A003", updated_at=CUTOFF, is_test=True,
        wards=tuple(
            Ward(relation_id=one.relation, name=one.masked_name, id_no=one.masked_id_no, kind=one.kind.value,
                 basis=basis[one.kind])
            for one in found
        ),
    )  # fmt: skip
