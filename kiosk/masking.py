"""Personal data in log lines made safe: the second net under the rule that nobody logs any."""

import re

ID_NUMBER = re.compile(r"(?<!\d)(\d{3})\d{11}(\d{3}[\dXx])(?![\dXx])")


def masked_text(text: str) -> str:
    """A text with every identity number in it masked: the log's second net."""
    return ID_NUMBER.sub(lambda found: f"{found[1]}***********{found[2]}", text)
