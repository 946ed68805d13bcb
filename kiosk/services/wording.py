"""Words for services' views: the same tables as on paper, so that screen and paper say the same."""

from datetime import date
from decimal import Decimal

from printing.words import Language, label, word

DASH = "—"


def say(name: str, language: str) -> str:
    """A label."""
    return label(name, _language(language))


def code(table: str, value: str, language: str) -> str:
    """A code in words."""
    return word(table, value, _language(language))


def _language(language: str) -> Language:
    return "en" if language == "en" else "zh"


def money(amount: Decimal) -> str:
    """Yuan with thousands separated, for reading."""
    return f"{amount:,.2f}"


def month(value: str) -> str:
    """YYYYMM as YYYY-MM."""
    return f"{value[:4]}-{value[4:]}"


def day(value: date | None) -> str:
    """ISO date or a dash."""
    return value.isoformat() if value else DASH
