"""Where things stand on a page, before any file format."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations

import pytest

from backend_client.contract.documents import IssuedDocument
from printing import fonts
from printing.a4 import lay_out
from printing.documents import declare
from printing.drawing import Close, Open, Page, Ring, Text
from printing.frame import Sheet
from printing.pen import Style
from printing.words import Language, chinese_day, minute
from tests.samples import contributions, family_planning, issued

AT = datetime(2017, 1, 2, 3, 4, tzinfo=UTC)
PLACE = "广州市海珠区赤岗街道政务服务中心一楼自助服务区"
LONG_OFFICE = "新疆维吾尔自治区巴音郭楞蒙古自治州社会保险事业管理局（测试）"
LONG_NAME = "阿依古丽·买买提吐尔逊·阿卜杜热合曼江"
MONTHS = contributions().rows
DOCUMENTS = {
    "social": issued(contributions()), "family": issued(family_planning()),
    "long names": issued(family_planning(LONG_NAME), issuer=LONG_OFFICE),
    "no months": issued(contributions(rows=())),
    **{f"{count} months": issued(contributions(rows=MONTHS[:count])) for count in (1, 2, 5, 9, 18, 24, 31, 40)},
}  # fmt: skip


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
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_no_text_runs_into_another(document: IssuedDocument, language: Language, large: bool, place: str) -> None:
    sheet = Sheet(document, Style(language, large), AT, place)
    for page in lay_out(sheet, declare(document.facts)):
        assert list(overlaps(page)) == []
        right = max(op.x + fonts.width(op.text, op.size) for op in page.ops if isinstance(op, Text))
        assert right < 595.28 - 20


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_who_did_not_ask_themselves_is_not_said_to_have(
    document: IssuedDocument, language: Language, large: bool
) -> None:
    declared = declare(document.facts)
    for by_proxy, words in ((False, "本人申请"), (True, "由代办人为")):
        pages = lay_out(Sheet(document, Style(language, large), AT, PLACE, by_proxy), declared)
        said = "".join(op.text for page in pages for op in page.ops if isinstance(op, Text))
        assert words in said and ("本人申请" in said) != by_proxy
        assert [clash for page in pages for clash in overlaps(page)] == []


def laid_out(document: IssuedDocument, language: Language, large: bool) -> list[Page]:
    """Its pages."""
    return lay_out(Sheet(document, Style(language, large), AT, PLACE), declare(document.facts))


def tags(page: Page) -> list[str]:
    """The structure elements that begin on a page, in order, without decoration."""
    return [op.tag for op in page.ops if isinstance(op, Open) and op.tag != "Artifact"]


EVERY_FORM: list[tuple[Language, bool]] = [(language, large) for language in ("zh", "en") for large in (False, True)]


@pytest.mark.parametrize(("language", "large"), EVERY_FORM)
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_seal_stands_under_text_of_its_document(document: IssuedDocument, language: Language, large: bool) -> None:
    (page,) = [each for each in laid_out(document, language, large) if any(isinstance(op, Ring) for op in each.ops)]
    assert tags(page).count("Note") == len(declare(document.facts).notes) * (1 + (language == "en"))


@pytest.mark.parametrize(("language", "large"), EVERY_FORM)
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_no_heading_is_left_alone_and_no_line_of_a_grid(
    document: IssuedDocument, language: Language, large: bool
) -> None:
    for page in laid_out(document, language, large):
        found = tags(page)
        assert found[-1] != "H2"
        for index, tag in enumerate(found):
            assert tag != "H2" or found[index + 1] in ("P", "Table", "Note")
        before, after = _rows_before_the_first_title(page)
        assert before != 1 or after == "nothing"


def _rows_before_the_first_title(page: Page) -> tuple[int, str]:
    """Rows that a page goes on with, and whether the document's table ends with them."""
    rows = 0
    for op in page.ops:
        if isinstance(op, Open) and op.tag in ("H1", "H2", "Table"):
            return rows, op.tag
        rows += isinstance(op, Open) and op.tag == "TR"
    return rows, "nothing"


@pytest.mark.parametrize(("language", "large"), EVERY_FORM)
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_nothing_runs_into_the_footer(document: IssuedDocument, language: Language, large: bool) -> None:
    for page in laid_out(document, language, large):
        assert all(op.y >= Style(language).foot for op in said(page))


def said(page: Page) -> Iterator[Text]:
    """A page's texts that are no decoration."""
    open_tags: list[str] = []
    for op in page.ops:
        if isinstance(op, Open):
            open_tags.append(op.tag)
        elif isinstance(op, Close):
            del open_tags[-1:]  # the Table of the page before ends here
        elif isinstance(op, Text) and "Artifact" not in open_tags:
            yield op


@pytest.mark.parametrize("written", ["2016-12-31T16:00:30+00:00", "2017-01-01T00:00:30+08:00"])
def test_a_moment_stands_on_paper_in_the_citys_time_however_it_was_written(written: str) -> None:
    at = datetime.fromisoformat(written)
    assert (minute(at), chinese_day(at)) == ("2017-01-01 00:00", "2017年1月1日")
