"""An issued document as an A4 PDF: picks the layout by what the document states."""

from datetime import datetime
from io import BytesIO

import pikepdf

from backend_client.contract.documents import ContributionsFacts, IssuedDocument
from printing.a4_contributions import contributions_pages
from printing.a4_family_planning import family_planning_pages
from printing.flow import Flow
from printing.frame import FIRST_TOP, OTHER_TOP, Sheet, closing, finish
from printing.words import Language

CODE_KEY = "/OneCardCode"


def render_a4(issued: IssuedDocument, language: Language, printed_at: datetime) -> bytes:
    """PDF bytes, text selectable, signed code as QR and in the document information. Raises MissingGlyph."""
    sheet = Sheet(issued, language, printed_at)
    flow = Flow(FIRST_TOP, OTHER_TOP)
    facts = issued.facts
    if isinstance(facts, ContributionsFacts):
        contributions_pages(flow, sheet, facts.record)
        closing(flow, sheet, facts.record.person.name)
    else:
        family_planning_pages(flow, sheet, facts.record)
        closing(flow, sheet, facts.record.name)
    return _with_code(finish(flow, sheet), issued.signed_code)


def _with_code(pdf: bytes, code: str) -> bytes:
    """The signed code beside the title, for programs that check a file."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.docinfo[CODE_KEY] = pikepdf.String(code)
        document.save(out, deterministic_id=True)
    return out.getvalue()
