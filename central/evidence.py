"""What somebody holds of a document: a code, a text, a PDF, an OFD, or a picture of the paper. Finds the code in it."""

import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pikepdf
import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from backend_client.contract import seal
from central.verification import signed_by

PDF_KEY = "/OneCardCode"
OFD_ENTRY = "OFD.xml"
OFD_CODE = re.compile(rb'<ofd:CustomData Name="OneCardCode">([0-9A-Z]{1,400})</ofd:CustomData>')
LARGEST_ENTRY = 65_536  # bytes unpacked; ours has 1,000
LARGEST_PICTURE = 40_000_000  # dots; an A4 page at 600 dpi has 35 million
TRIES = ((1, 0), (2, 0), (3, 0), (2, 45), (2, 20))  # scale and angle: most of what the first leaves unread


def evidence(given: str) -> bytes:
    """The file of this name, or the characters themselves."""
    path = Path(given)
    try:
        return path.read_bytes() if path.is_file() else given.encode()
    except OSError:  # too long for a file name: it is the code itself
        return given.encode()


def code_in(data: bytes) -> str | None:
    """The first code of ours in a PDF, a PNG or JPEG picture, or a text; None when there is none."""
    return next((code for code in _codes(data) if _is_code(code)), None)


def _is_code(code: str) -> bool:
    try:
        signed_by(seal.decode(code))
    except seal.NotACode:
        return False
    return True


def _codes(data: bytes) -> Iterator[str]:
    if data.lstrip()[:5] == b"%PDF-":
        yield from _in_pdf(data)
        return
    if data[:4] == b"PK\x03\x04":
        yield from _in_ofd(data)
        return
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            yield from in_picture(picture)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        yield from data.decode("utf-8", "replace").split()


def _in_pdf(data: bytes) -> Iterator[str]:
    """In the document information of ours; else in the pictures of a scan."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if PDF_KEY in pdf.docinfo:
                yield str(pdf.docinfo[PDF_KEY])
            for page in pdf.pages:
                for image in page.get_images().values():
                    found = pikepdf.PdfImage(image)  # type: ignore[arg-type]  # an image is a stream
                    yield from in_picture(found.as_pil_image())
    except (pikepdf.PdfError, NotImplementedError, ValueError, OSError):
        return


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
