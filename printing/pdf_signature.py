"""The place of a signature in a PDF (PAdES, EN 319 142-1), and putting it there. No key: central signs the digest."""

import hashlib
import re
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

ROOM = 4096  # bytes for the CMS; ours with its time-stamp have 1,973, a city's longer chain needs more
NUMBER = 9_999_999_999  # a placeholder as wide as any offset
RANGE = re.compile(rb"/ByteRange \[ 0 (\d{10}) (\d{10}) (\d{10}) \]")
PRINT_LOCKED = 132


class SignatureTooLarge(ValueError):
    """The signature does not fit the room that was kept."""


@dataclass(frozen=True)
class Unsigned:
    """A file with room for a signature; the signed bytes are all but those from `start` to `end`."""

    data: bytes
    start: int
    end: int

    @property
    def digest(self) -> bytes:
        """SHA-256 of the signed bytes."""
        found = hashlib.sha256(self.data[: self.start])
        found.update(self.data[self.end :])
        return found.digest()

    def signed(self, cms: bytes) -> bytes:
        """The file with the signature (DER) in its place."""
        room = self.end - self.start - 2
        written = cms.hex().encode()
        if len(written) > room:
            raise SignatureTooLarge(f"The signature has {len(cms)} bytes, there is room for {room // 2}.")
        return self.data[: self.start + 1] + written.ljust(room, b"0") + self.data[self.end - 1 :]


def add_field(pdf: Pdf, moment: String, reason: str) -> "pikepdf.Object":
    """A signature field without a face on the first page; returns its annotation (ISO 32000-1, 12.7.4.5)."""
    value = pdf.make_indirect(Dictionary(
        Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/ETSI.CAdES.detached"), M=moment,
        Reason=String(reason), ByteRange=Array([0, NUMBER, NUMBER, NUMBER]), Contents=String(b"\0" * ROOM),
    ))  # fmt: skip
    page = pdf.pages[0].obj
    face = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 0, 0]))
    field = pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String("Signature1"), TU=String(reason), V=value,
        Rect=Array([0, 0, 0, 0]), F=PRINT_LOCKED, P=page, AP=Dictionary(N=face),
    ))  # fmt: skip
    page.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
    return field


def measured(data: bytes) -> Unsigned:
    """Find the room and write down where it is, in place of the placeholders."""
    hole = b"<" + b"00" * ROOM + b">"
    start = data.index(hole)
    end = start + len(hole)
    found = RANGE.search(data)
    if found is None:
        raise ValueError("The file has no room for a signature.")
    ranges = b"/ByteRange [ 0 %d %d %d ]" % (start, end, len(data) - end)
    data = data[: found.start()] + ranges.ljust(found.end() - found.start()) + data[found.end() :]
    return Unsigned(data, start, end)
