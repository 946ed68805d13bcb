"""Where things stand on a page, before any file format."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations

import pytest

from backend_client.contract.documents import IssuedDocument
from printing import fonts
from printing.a4 import lay_out
from printing.documents import declare
from printing.drawing import Page, Text
from printing.frame import Sheet
from printing.pen import Style
from printing.words import Language
from tests.samples import contributions, family_planning, issued

AT = datetime(2017, 1, 2, 3, 4, tzinfo=UTC)
PLACE = "广州市海珠区赤岗街道政务服务中心一楼自助服务区"


def overlaps(page: Page) -> Iterator[str]:
    """Pairs of texts on one line that run into each other."""
    texts = [op for op in page.ops if isinstance(op, Text) and op.text.strip()]
    spans = [(op, op.x, op.x + fonts.width(op.text, op.size) + op.spread * (len(op.text) - 1)) for op in texts]
    for (one, start, end), (other, begin, finish) in combinations(spans, 2):
        if abs(one.y - other.y) < 0.6 * min(one.size, other.size) and start < finish - 0.5 and begin < end - 0.5:
            yield f"{one.text} / {other.text}"


@pytest.mark.parametrize("place", ["", PLACE], ids=["nowhere", "place"])
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("document", [issued(contributions()), issued(family_planning())], ids=["social", "family"])
def test_no_text_runs_into_another(document: IssuedDocument, language: Language, large: bool, place: str) -> None:
    sheet = Sheet(document, Style(language, large), AT, place)
    for page in lay_out(sheet, declare(document.facts)):
        assert list(overlaps(page)) == []
        right = max(op.x + fonts.width(op.text, op.size) for op in page.ops if isinstance(op, Text))
        assert right < 595.28 - 20
