"""Slips for tests: their lines with the bytes that were sent for each, and the paper that comes out."""

from datetime import UTC, datetime
from unittest.mock import patch

from PIL import Image

from backend_client.contract.contributions import Contributions
from backend_client.contract.documents import IssuedDocument, Medium
from backend_client.contract.family_planning import FamilyPlanning
from printing import escpos_bytes, slip
from printing.escpos_bytes import Line, encode_line
from printing.profiles import DEFAULT, Profile
from printing.words import Language
from simulators.escpos import Decoder, Op, Text
from simulators.slip_picture import SlipPicture
from tests.samples import contributions, family_planning, issued

AT = datetime(2017, 1, 2, 3, 4, tzinfo=UTC)
PLACE = "广州市海珠区赤岗街道办事处（测试）"
RECORDS: dict[str, Contributions | FamilyPlanning] = {
    "contributions": contributions(), "family planning": family_planning(), "no rows": contributions(rows=()),
    "rare name": contributions("\U00020164䶮"), "minority name": family_planning("阿依古丽·买买提"),
}  # fmt: skip


def document(record: str) -> IssuedDocument:
    """A slip's document over one of the records."""
    return issued(RECORDS[record], Medium.SLIP)


def lines_sent(record: str, language: Language = "zh", profile: Profile = DEFAULT) -> list[tuple[Line, bytes]]:
    """Every line of a slip that says something, as it was meant and as it was sent."""
    sent: list[tuple[Line, bytes]] = []

    def keep(line: Line, used: Profile) -> bytes:
        raw = encode_line(line, used)
        if line.text:
            sent.append((line, raw))
        return raw

    with patch.object(escpos_bytes, "encode_line", keep):
        slip.render_slip(document(record), language, AT, place=PLACE, profile=profile)
    return sent


def burnt(body: bytes, profile: Profile = DEFAULT) -> Image.Image:
    """The slip as a head of this width burns it, a dot of the printer a dot of the picture."""
    paper = SlipPicture(width=profile.dots)
    for token, _raw in Decoder().feed(body):
        if isinstance(token, Text | Op):
            paper.apply(token)
    return paper.image().convert("L")
