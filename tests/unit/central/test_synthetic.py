"""Synthetic residents: the same everywhere, nobody real, amounts that add up."""

import re
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.contract.contributions import InsuranceKind, PaidState
from backend_client.contract.totals import totals
from central.synthetic.check_digits import id_check_digit, uscc_check_digit
from central.synthetic.contributions import contributions, rate_for
from central.synthetic.dice import DEFAULT_SEED, PERSONS
from central.synthetic.family_planning import family_planning
from central.synthetic.person import CAPACITY, STEP, NoSuchPerson, person

NUMBERS = st.integers(1, PERSONS)
ID = re.compile(r"9901(0[3-6]|1[1-578])(19|20)\d{9}[\dX]")


def test_published_check_digits() -> None:
    assert id_check_digit("11010519491231002") == "X"
    assert uscc_check_digit("91350100M000100Y4") == "3"


@given(NUMBERS)
@settings(max_examples=300, deadline=None)
def test_nobody_is_real(number: int) -> None:
    who = person(DEFAULT_SEED, number)
    assert ID.fullmatch(who.id_no)
    assert id_check_digit(who.id_no[:17]) == who.id_no[17]
    assert (int(who.id_no[16]) % 2 == 1) == (who.sex == "1")
    assert who.phone.startswith("990")
    assert "测试路" in who.address


def test_numbers_never_meet() -> None:
    import math

    assert math.gcd(STEP, CAPACITY) == 1
    assert PERSONS < CAPACITY
    numbers = [person(DEFAULT_SEED, number).id_no for number in range(1, 4001)]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("number", [0, -1, PERSONS + 1])
def test_outside_the_city_there_is_nobody(number: int) -> None:
    with pytest.raises(NoSuchPerson):
        person(DEFAULT_SEED, number)


@given(NUMBERS)
@settings(max_examples=80, deadline=None)
def test_amounts_are_base_times_rate_half_up(number: int) -> None:
    record = contributions(DEFAULT_SEED, number)
    for row in record.rows:
        if row.kind in (InsuranceKind.RESIDENT_MEDICAL, InsuranceKind.RESIDENT_PENSION):
            continue
        rate = rate_for(row.kind, row.fee_ym)
        for amount, share in ((row.emp_amt, rate.employer), (row.per_amt, rate.personal)):
            fixed = rate.fixed if amount is row.emp_amt else Decimal(0)
            assert amount == (row.base * share + fixed).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert [row.fee_ym for row in record.rows] == sorted((row.fee_ym for row in record.rows), reverse=True)


@given(NUMBERS)
@settings(max_examples=80, deadline=None)
def test_totals_add_up(number: int) -> None:
    rows = contributions(DEFAULT_SEED, number).rows
    paid = [row for row in rows if row.paid_state is PaidState.PAID]
    found = totals(rows)
    assert sum(total.per_amt for total in found) == sum(row.per_amt for row in paid)
    for total in found:
        assert total.months == len({row.fee_ym for row in paid if row.kind is total.kind})


@given(NUMBERS)
@settings(max_examples=80, deadline=None)
def test_families_are_plausible(number: int) -> None:
    record = family_planning(DEFAULT_SEED, number)
    if record is None:
        return
    assert record.boys + record.girls == len(record.children)
    assert [child.seq for child in record.children] == list(range(1, len(record.children) + 1))
    assert record.spouse_id_no is None or ID.fullmatch(record.spouse_id_no)
    assert not record.children or (
        record.marriage_date is not None and record.children[0].birth_date > record.birth_date
    )


def test_another_seed_is_another_city() -> None:
    assert person("a", 7).name != person("b", 7).name or person("a", 7).phone != person("b", 7).phone
    assert contributions("a", 7) == contributions("a", 7)


def test_the_street_has_all_kinds_of_people() -> None:
    people = [person(DEFAULT_SEED, number) for number in range(1, 3001)]
    records = [contributions(DEFAULT_SEED, number) for number in range(1, 200)]
    assert any(ord(char) > 0xFFFF for who in people for char in who.name)
    assert any("·" in who.name for who in people)
    assert {who.generation for who in people} == {2, 3}
    assert any(not record.rows for record in records)
    assert {row.paid_state for record in records for row in record.rows} == set(PaidState)
    assert any(family_planning(DEFAULT_SEED, number) is None for number in range(1, 50))
