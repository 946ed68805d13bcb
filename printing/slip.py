"""An issued document as an 80 mm slip: the key facts, the code, never a full identity number."""

from collections.abc import Iterator
from datetime import datetime

from backend_client.contract.contributions import Contributions
from backend_client.contract.documents import ContributionsFacts, IssuedDocument
from backend_client.contract.family_planning import FamilyPlanning
from backend_client.contract.masking import masked_id, masked_name
from backend_client.contract.totals import of_year, totals, years
from printing.escpos_bytes import INIT_CHINESE, Line, columns, encode_line, pair, qr
from printing.words import Language, day, label, minute, money, text, word

RULE = Line("-" * 48)
THIN = Line("")


def render_slip(issued: IssuedDocument, language: Language, printed_at: datetime) -> bytes:
    """ESC/POS bytes of the body: no process id, no cut. Raises MissingGlyph."""
    facts = issued.facts
    if isinstance(facts, ContributionsFacts):
        body = _contributions(facts.record, language)
    else:
        body = _family(facts.record, language)
    lines = [*_head(issued, language), *body, *_tail(issued, language, printed_at)]
    foot = [Line(label("scan", language), "centre"), Line(label("hotline", language), "centre"), THIN, THIN]
    return (
        INIT_CHINESE
        + b"".join(encode_line(line) for line in lines)
        + b"\n"
        + qr(issued.signed_code)
        + b"\n"
        + b"".join(encode_line(line) for line in foot)
    )


def _head(issued: IssuedDocument, language: Language) -> Iterator[Line]:
    yield Line(issued.title, "centre", scale=2)
    if language == "en":
        yield Line(issued.title_en, "centre")
    yield Line(label("test_mark", language), "centre") if issued.facts.record.is_test else THIN
    yield RULE


def _tail(issued: IssuedDocument, language: Language, printed_at: datetime) -> Iterator[Line]:
    yield RULE
    yield pair(label("doc_no", language), issued.doc_no)
    yield pair(label("verify_code", language), issued.verify_code)
    yield pair(label("terminal", language), issued.terminal_id)
    yield pair(label("data_cutoff", language), minute(issued.facts.record.data_cutoff))
    yield pair(label("printed_at", language), minute(printed_at))


def _who(name: str, id_no: str, language: Language) -> Iterator[Line]:
    yield pair(label("name", language), masked_name(name))
    yield pair(label("id_no", language), masked_id(id_no))


def _contributions(record: Contributions, language: Language) -> Iterator[Line]:
    yield from _who(record.person.name, record.subject_id_no, language)
    if record.pension_acc:
        yield pair(label("own_total", language), money(record.pension_acc.own_total))
        yield pair(label("months_counted", language), str(record.pension_acc.months))
    if record.medical_acc:
        yield pair(label("balance", language), money(record.medical_acc.balance))
    if not record.rows:
        yield Line(label("no_rows", language))
        return
    latest = years(record.rows)[0]
    yield from _totals(label("all_years", language), record, None, language)
    yield from _totals(f"{label('year', language)} {latest}", record, latest, language)
    yield from _last_month(record, language)


def _columns(cells: tuple[str, str, str, str]) -> Line:
    first = cells[0] + " " * max(12 - columns(cells[0]), 0)
    rest = "".join(
        " " * max(width - columns(cell), 1) + cell for cell, width in zip(cells[1:], (8, 14, 14), strict=True)
    )
    return Line(first + rest)


def _totals(title: str, record: Contributions, year: int | None, language: Language) -> Iterator[Line]:
    rows = record.rows if year is None else of_year(record.rows, year)
    yield RULE
    yield Line(title, bold=True)
    yield _columns(
        (label("kind", language), label("months", language), label("emp_amt", language), label("per_amt", language))
    )
    for total in totals(rows):
        kind = word("short_kind", total.kind.value, language)
        yield _columns((kind, str(total.months), money(total.emp_amt), money(total.per_amt)))


def _last_month(record: Contributions, language: Language) -> Iterator[Line]:
    month = record.rows[0].fee_ym
    yield RULE
    yield Line(f"{label('last_month', language)} {month[:4]}-{month[4:]}", bold=True)
    for row in record.rows:
        if row.fee_ym == month:
            state = word("paid_state", row.paid_state.value, language)
            yield _columns(
                (word("short_kind", row.kind.value, language), state, money(row.emp_amt), money(row.per_amt))
            )


def _family(record: FamilyPlanning, language: Language) -> Iterator[Line]:
    yield from _who(record.name, record.id_no, language)
    yield pair(label("sex", language), word("sex", record.sex, language))
    yield pair(label("birth_date", language), day(record.birth_date, language))
    yield pair(label("marital", language), word("marital", record.marital.value, language))
    yield pair(label("marriage_date", language), day(record.marriage_date, language))
    yield pair(label("boys", language), str(record.boys))
    yield pair(label("girls", language), str(record.girls))
    for child in record.children:
        sex = word("sex", child.sex, language)
        yield pair(f"{label('seq', language)} {child.seq} {sex}", child.birth_date.isoformat())
    yield RULE
    yield pair(label("cert_no", language), record.cert_no)
    yield pair(label("service_cert", language), text(record.service_cert, language))
    yield pair(label("issue_date", language), day(record.issue_date, language))
    yield pair(label("expire_date", language), day(record.expire_date, language))
    yield pair(label("cert_issuer", language), record.issuer)
