"""Looks for values of a person in bytes, in every form that a leak could have."""

from typing import Any

from backend_client.contract.model import Record

COMMON = {"测试中心", "测试", "2016-12-31T15:59:59Z", "0.00", "1000.00"}  # said of everybody, or neutral itself
CODES = {
    "kind", "pay_state", "paid_state", "pay_type", "marital", "policy", "theme_code", "source_unit", "data_cutoff",
    "updated_at", "channel", "legal_basis", "result", "fee_ym", "start_ym", "first_insured", "state", "notice",
    "acr",
}  # fmt: skip


def _leaves(value: Any, name: str = "") -> set[str]:
    if name in CODES or value is None:
        return set()
    if isinstance(value, dict):
        return set().union(*(_leaves(part, key) for key, part in value.items()))
    if isinstance(value, list):
        return set().union(*(_leaves(item, name) for item in value)) if value else set()
    return {value} if isinstance(value, str) else set()


def values(record: Record) -> set[str]:
    """Every text, date and sum of a record that says something of its person; codes of one or two digits don't."""
    return {leaf for leaf in _leaves(record.model_dump(mode="json")) if len(leaf) >= 2 and not _is_code(leaf)} - COMMON


def _is_code(leaf: str) -> bool:
    return leaf.isascii() and len(leaf) <= 2


def forms(text: str) -> list[bytes]:
    """UTF-8, GBK, UTF-16, and hexadecimal of the first two."""
    plain = [text.encode(code, "ignore") for code in ("utf-8", "gbk", "utf-16-le")]
    escaped = [text.encode("unicode_escape")]
    hexes = [form for one in plain[:2] for form in (one.hex().encode(), one.hex().upper().encode())]
    return [*plain, *escaped, *hexes]


def traces(content: bytes, record: Record) -> list[str]:
    """The values that are found, in any form."""
    return sorted(value for value in values(record) if any(form and form in content for form in forms(value)))
