"""One statement as plain strings, for engines that know nothing of us: the same page for everyone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from backend_client.contract.contributions import Contributions, InsuranceKind
from backend_client.contract.documents import ContributionsFacts, DocumentKind, IssuedDocument, Medium
from backend_client.contract.seal import scan_text
from central.synthetic.contributions import contributions
from central.synthetic.dice import DEFAULT_SEED
from printing.declaration import Fields, Table
from printing.documents import declare
from printing.words import label, minute, shown

ONE_PAGE = 3
AT = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def documents(pages: int) -> Iterator[IssuedDocument]:
    """Statements of different residents: a quarter of one insurance is one page, 44 rows more are another."""
    for person in range(4, 1000):
        record = contributions(DEFAULT_SEED, person)
        rows = tuple(row for row in record.rows if row.kind is InsuranceKind.PENSION)
        if len(rows) < 12 or not record.pension_acc or not record.medical_acc:
            continue
        wanted = rows[:ONE_PAGE] if pages == 1 else (record.rows * 100)[: 44 * pages]
        yield _issued(record, wanted, person)


def _issued(record: Contributions, rows: tuple[Any, ...], person: int) -> IssuedDocument:
    enrolled = tuple(item for item in record.enrolments if item.kind in {row.kind for row in rows})
    changed = record.model_copy(update={"rows": rows, "enrolments": enrolled})
    return IssuedDocument(
        doc_no=f"SB44010520261125{person:04}", kind=DocumentKind.CONTRIBUTIONS_STATEMENT, medium=Medium.A4,
        title="参保缴费证明", title_en="Statement of social-insurance contributions", verify_code="23456789ABCDEFGH",
        verify_url="https://heyan.example.invalid/verify/X?code=23456789ABCDEFGH", valid_until=None,
        issuer="广州市社会保险基金管理中心（测试）", issued_at=AT, terminal_id="T44010500001",
        facts=ContributionsFacts(record=changed), signed_code="2KCE2ZQB" * 27 + f"{person:04}",
    )  # fmt: skip


def plain(document: IssuedDocument) -> dict[str, Any]:
    """The page's strings, in order."""
    declaration = declare(document.facts)
    head = {"doc_no": document.doc_no, "verify_code": document.verify_code, "issuer": document.issuer,
            "issued_at": minute(document.issued_at), "data_cutoff": minute(document.facts.record.data_cutoff),
            "valid_until": "无"}  # fmt: skip
    closing = label("prepared", "zh").format(
        name=declaration.holder, time=minute(AT), terminal=document.terminal_id
    )  # fmt: skip
    return {
        "title": document.title, "code": scan_text(document), "head": [[label(k, "zh"), v] for k, v in head.items()],
        "sections": [_section(section) for section in declaration.on("a4")], "closing": closing,
        "notes": [label(name, "zh") for name in declaration.notes], "issuer": document.issuer,
        "mark": label("test_mark", "zh"), "seal": label("seal", "zh"), "foot": label("self_print", "zh"),
        "url": document.verify_url,
    }  # fmt: skip


def _section(section: Fields | Table) -> dict[str, Any]:
    title = label(section.title, "zh")
    if isinstance(section, Fields):
        items = [[label(item.label, "zh"), shown(item.value or None, "zh")] for item in section.shown("a4")]
        return {"title": title, "fields": items}
    rows = [*section.rows, *([section.total] if section.total else [])]
    return {
        "title": title, "heads": [label(column.label, "zh") for column in section.columns],
        "widths": [column.weight for column in section.columns], "aligns": [column.align for column in section.columns],
        "rows": [[shown(value, "zh") for value in row] for row in rows],
    }  # fmt: skip
