"""What somebody holds of a document: a code, a text, a PDF, an OFD, or a picture of the paper. Finds the code in it."""

import io
import math
import re
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pikepdf
import pypdfium2 as pdfium
import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from backend_client.contract import seal
from central.verification import signed_by

PDF_KEY = "/OneCardCode"
OFD_ENTRY = "OFD.xml"
OFD_CODE = re.compile(rb'<ofd:CustomData Name="OneCardCode">([0-9A-Z]{1,400})</ofd:CustomData>')
LARGEST_ENTRY = 65_536  # bytes unpacked; ours has 1,000
LARGEST_PICTURE = 40_000_000  # dots; an A4 page at 600 dpi has 35 million
LARGEST_TEXT = 100_000  # bytes
LARGEST_SCAN = 10  # pages
PDF_SCALE = 200 / 72
TRIES = ((1, 0), (2, 0), (3, 0), (2, 45), (2, 20))  # scale and angle: most of what the first leaves unread
_PDFIUM = threading.Lock()  # PDFium is not thread-safe


def evidence(given: str) -> bytes:
    """The file of this name, or the characters themselves."""
    path = Path(given)
    try:
        return path.read_bytes() if path.is_file() else given.encode()
    except OSError:  # too long for a file name: it is the code itself
        return given.encode()


def code_in(data: bytes) -> str | None:
    """The first code of ours in a PDF, a PNG or JPEG picture, or a text; else what was meant as one; else None."""
    meant = None
    for code in _codes(data):
        if _is_code(code):
            return code
        if meant is None and seal.is_meant_as_one(code):
            meant = code
    return meant


def _is_code(code: str) -> bool:
    try:
        signed_by(seal.decode(code))
    except seal.NotACode:
        return False
    return True


def _codes(data: bytes) -> Iterator[str]:
    if is_pdf(data):
        yield from _in_pdf(data)
        return
    if is_ofd(data):
        yield from _in_ofd(data)
        return
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            yield from in_picture(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        text = data[:LARGEST_TEXT].decode("utf-8", "replace")
        yield from text.split()
        yield text  # one code in groups


def is_pdf(data: bytes) -> bool:
    """Does it say so near its beginning, or does it end like one?"""
    return b"%PDF-" in data[:1024] or b"startxref" in data[-1024:]


def is_ofd(data: bytes) -> bool:
    """Is it a package, as OFD files are?"""
    return data[:4] == b"PK\x03\x04"


def contradicts(data: bytes, code: str) -> bool:
    """Does the first page of a PDF show another code of ours than this one, which stands in its information?

    The page is looked at until this one is found: looking five times, larger and turned, takes seconds.
    """
    picture = _page(data, 0) if is_pdf(data) else None
    others = False
    for shown in filter(_is_code, in_picture(picture) if picture else ()):
        if seal.decode(shown) == seal.decode(code):
            return False
        others = True
    return others


def _in_pdf(data: bytes) -> Iterator[str]:
    """In the document information of ours; else on the pages of a scan, or of what another program printed."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if PDF_KEY in pdf.docinfo:
                yield str(pdf.docinfo[PDF_KEY])
    except (pikepdf.PdfError, NotImplementedError, ValueError, OSError):
        pass
    for number in range(LARGEST_SCAN):
        picture = _page(data, number)
        if picture is None:
            return
        yield from in_picture(picture)


def _page(data: bytes, number: int) -> Image.Image | None:
    """A page in grey at 200 dpi, or what fits; None when there is none or it can't be drawn."""
    with _PDFIUM:
        try:
            with pdfium.PdfDocument(data) as pdf:
                if number >= len(pdf):
                    return None
                page = pdf[number]
                width, height = page.get_size()
                scale = min(PDF_SCALE, math.sqrt(LARGEST_PICTURE / max(width * height, 1)))
                drawn: Image.Image = page.render(scale=scale, grayscale=True).to_pil().copy()
                return drawn
        except (pdfium.PdfiumError, ValueError):
            return None


def _in_ofd(data: bytes) -> Iterator[str]:
    """In the document information (GB/T 33190-2016, 7.4). Nothing else of the package is unpacked."""
    try:
        with ZipFile(io.BytesIO(data)) as package, package.open(OFD_ENTRY) as entry:
            found = OFD_CODE.search(entry.read(LARGEST_ENTRY))
    except (BadZipFile, KeyError, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zlib.error):
        return
    if found is not None:
        yield found[1].decode()


def in_picture(picture: Image.Image) -> Iterator[str]:
    """Texts of the QR symbols in a picture; larger and turned when it isn't read as it is."""
    if picture.width * picture.height > LARGEST_PICTURE:
        return
    grey = ImageOps.exif_transpose(picture).convert("L")
    for scale, angle in TRIES:
        if scale > 1 and grey.width * grey.height * scale * scale > LARGEST_PICTURE:
            continue
        larger = grey.resize((grey.width * scale, grey.height * scale), Image.Resampling.BICUBIC) if scale > 1 else grey
        tried = larger.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255) if angle else larger
        for found in zxingcpp.read_barcodes(tried, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)):
            yield found.text
