"""Personal data made safe to show or log (services.md section 0)."""

import re

ID_NUMBER = re.compile(r"(?<!\d)(\d{3})\d{11}(\d{3}[\dXx])(?![\dXx])")


def masked_name(name: str) -> str:
    """The first character, the rest as asterisks (at most two)."""
    return name[:1] + "*" * min(max(len(name) - 1, 0), 2)


def masked_id(id_no: str) -> str:
    """First three and last four characters."""
    return id_no[:3] + "*" * max(len(id_no) - 7, 0) + id_no[-4:]


def masked_text(text: str) -> str:
    """A text with every identity number in it masked: the log's second net."""
    return ID_NUMBER.sub(lambda found: f"{found[1]}***********{found[2]}", text)
