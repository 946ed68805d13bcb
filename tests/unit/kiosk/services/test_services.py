"""Services' views: what the holder sees is what the record says, masked."""

from decimal import Decimal
from itertools import product
from typing import ClassVar

import pytest

from backend_client.client.errors import SessionExpired, StepUpNeeded
from backend_client.contract.access_log import AccessLog
from backend_client.contract.contributions import InsuranceKind, PaidState
from backend_client.contract.documents import DocumentKind, Medium
from backend_client.contract.totals import of_year, totals, years
from kiosk.services.catalogue import all_services
from kiosk.services.views import Pages, View
from tests.samples import ID_NO, access_log, account_overview, contributions, family_planning, log_line, row, wards

LOG, ACCOUNT, SOCIAL, FAMILY, GUARDIAN = all_services()


def words(view: View) -> list[str]:
    """Every text of a view."""
    found = [view.title]
    for section in view.sections:
        found += [section.title, section.note, *(text for pair in section.pairs for text in (pair.label, pair.value))]
        if section.table:
            total = section.table.total or ()
            found += [*section.table.titles, *(cell for line in section.table.rows for cell in line), *total]
    return found


def test_declarations_are_whole() -> None:
    ids = [service.id for service in all_services()]
    assert ids == ["access-log", "account", "contributions", "family-planning", "guardian"]
    for service in all_services():
        assert set(service.title) == set(service.purpose) == {"zh", "en"}
        assert set(service.documents) == (set() if service in (LOG, ACCOUNT, GUARDIAN) else set(Medium))
        assert all(isinstance(kind, DocumentKind) for kind in service.documents.values())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_numbers_and_names_are_masked(language: str) -> None:
    for service, record in ((SOCIAL, contributions("许斌嘉")), (FAMILY, family_planning("许斌嘉"))):
        shown = words(service.present(record, None, language))
        assert "许**" in shown
        assert not any("许斌嘉" in text or ID_NO in text for text in shown)


def test_a_year_shows_its_rows_and_sums() -> None:
    record = contributions()
    view = SOCIAL.present(record, 2016, "zh")
    sums, rows = view.sections[1].table, view.sections[2].table
    assert rows is not None and len(rows.rows) == 72
    assert sums is not None and sums.total is not None
    assert sums.total[2] == f"{12 * 6 * Decimal('910.00'):,.2f}"
    assert view.years == (2016, 2015)


def test_no_rows_are_said_in_words() -> None:
    view = SOCIAL.present(contributions(rows=()), None, "en")
    assert "No contributions on record" in words(view)
    assert view.years == ()


SENTENCES = {
    "zh": [
        "您本人查看了本页的访问记录", "有人核验了您的社保缴费凭证", "您本人打印了社保缴费凭证", "您本人查看了社保缴费",
        "您本人刷卡登录", "代办人李**查看了计生信息", "住建局（测试）得知您已登录",
        "海珠区民政局张*查看了民政部门的信息，用途：核验婚姻状况",
    ],
    "en": [
        "You looked at this list", "Somebody checked your paper: social insurance",
        "You printed a paper: social insurance", "You looked at social insurance", "You signed in with the card",
        "李**, who acts for you, looked at family planning", "Housing authority (test) was told that you signed in",
        "Haizhu civil affairs 张* looked at data of civil affairs, for: 核验婚姻状况",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_log_speaks_in_sentences(language: str) -> None:
    view = LOG.present(access_log(), None, language)
    later = LOG.present(access_log(first=False), None, language)
    found = [section.title for section in (*view.sections[1:], *later.sections[1:3])]
    assert found == SENTENCES[language]
    place = {
        "zh": "2016年12月30日 09:39\n赤岗街道办事处一楼大厅",
        "en": "30 Dec 2016, 09:39\nChigang street office, ground floor",
    }
    assert view.sections[4].note == place[language]
    assert view.sections[6].note.endswith({"zh": "没有查到记录", "en": "There was no record"}[language])
    assert (view.pages, view.sections[0].title) == (Pages(newer=False, older=True), "")
    assert "90" in view.sections[0].note and "12345" in view.sections[0].note


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_theme_and_purpose_has_words(language: str) -> None:
    for theme, purpose in product(("0001", "0002", "0101", "0102", "0202", "0399", "0401", "1205", "9901"),
                                  ("query", "document", "copy", "sign-in", "check", "其他")):  # fmt: skip
        log = access_log().model_copy(update={"lines": (log_line(1, purpose, theme),)})
        (section,) = LOG.present(log, None, language).sections[1:]
        assert section.title and "{" not in section.title and "log_" not in section.title


def test_the_log_asks_for_the_page_beside_the_one_that_is_shown() -> None:
    class Asked:
        pages: ClassVar[list[str]] = []

        def access_log(self, page: str = "") -> AccessLog:
            self.pages.append(page)
            return access_log()

    assert LOG.turn is not None
    LOG.query(Asked())  # type: ignore[arg-type]
    LOG.turn(Asked(), access_log(), True)  # type: ignore[arg-type]
    LOG.turn(Asked(), access_log(first=False), False)  # type: ignore[arg-type]
    assert Asked.pages == ["", "b1102", "a1050"]


def test_tables_have_a_cell_for_every_column() -> None:
    for service, record in ((SOCIAL, contributions()), (FAMILY, family_planning())):
        for year in (None, 2016):
            for section in service.present(record, year, "en").sections:
                table = section.table
                if table is not None:
                    lines = (*table.rows, *((table.total,) if table.total else ()))
                    assert {len(line) for line in lines} == {len(table.titles)} == {len(table.align)}
                    assert len(table.widths) == len(table.titles)


def test_only_what_arrived_counts_and_a_month_with_two_employers_counts_once() -> None:
    kind = InsuranceKind.PENSION
    rows = (
        row(kind, "201612"), row(kind, "201612", employer="另一家"), row(kind, "201611"),
        row(kind, "201610", paid_state=PaidState.UNPAID), row(kind, "201512"),
    )  # fmt: skip
    (total,) = totals(of_year(rows, 2016))
    assert (total.months, total.per_amt) == (2, Decimal("1560.00"))
    assert years(rows) == (2016, 2015)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_account_says_what_there_is_or_that_nobody_needs_one(language: str) -> None:
    shown = "\n".join(words(ACCOUNT.present(account_overview(), None, language)))
    assert "2016-12-30 09:39" in shown and "138****5678" in shown and "2016-12-01" in shown and "phone-app" in shown
    none = ACCOUNT.present(account_overview(opened=False, others=False), None, language)
    assert {"zh": "凭卡办理业务不需要账户", "en": "you need none"}[language] in none.sections[0].title
    assert none.changes == ("open",)
    unlinked = words(ACCOUNT.present(account_overview(phone=None), None, language))
    assert {"zh": "没有绑定", "en": "none linked"}[language] in unlinked


def test_the_account_is_asked_for_as_a_record() -> None:
    class Asked:
        def account(self) -> object:
            return account_overview()

    assert ACCOUNT.query(Asked()) == account_overview()  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whom_one_may_act_for_is_listed_with_what_proves_it(language: str) -> None:
    view = GUARDIAN.present(wards(), None, language)
    child, elder = view.choices
    assert "测*童" in child.title and {"zh": "孩子", "en": "child"}[language] in child.title
    assert "990***********2019" in child.hint and "HK44010500000028" in child.hint
    assert "GZ44010500000031" in elder.hint and {"zh": "公证", "en": "notarised"}[language] in elder.hint
    assert {"zh": "访问记录", "en": "access log"}[language] in view.sections[0].note


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_has_nobody_to_act_for_reads_a_plain_sentence(language: str) -> None:
    view = GUARDIAN.present(wards(()), None, language)
    assert view.choices == ()
    assert {"zh": "没有您可以代办的人", "en": "nobody for whom you may act"}[language] in view.sections[0].title
    assert {"zh": "服务窗口", "en": "service counter"}[language] in view.sections[0].note


def test_a_pin_that_is_not_fresh_enough_for_the_list_is_asked_for_again() -> None:
    class Stale:
        def wards(self) -> object:
            raise StepUpNeeded("insufficient_user_authentication", (), 300)

    with pytest.raises(SessionExpired):
        GUARDIAN.query(Stale())  # type: ignore[arg-type]
