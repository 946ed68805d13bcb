"""Pages into an OFD file (GB/T 33190-2016), the format of China's e-document readers: the same ops as the PDF.

A ZIP of XML, subset fonts and one picture. No seal (decision 0036): the signed code is on the page and in the file's
information. The same document gives the same bytes.
"""

import hashlib
from collections.abc import Sequence
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from printing import watermark
from printing.drawing import FAINT, Page, Watermark
from printing.ofd_content import POINT, OfdContent, Resources, mm
from printing.ofd_font import font_file
from printing.pdf_metadata import PRODUCER, Properties

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
CODE_NAME = "OneCardCode"
LEVEL = 6


def ofd_bytes(pages: Sequence[Page], properties: Properties) -> bytes:
    """The file."""
    resources = Resources()
    colours = resources.number()
    contents = [_page(page, resources) for page in pages]
    files: dict[str, bytes] = {}
    for number, content in enumerate(contents):
        files[f"Doc_0/Pages/Page_{number}/Content.xml"] = _written("Page", content)
    files["Doc_0/PublicRes.xml"] = _written("Res", _public(resources, colours), ' BaseLoc="Res"')
    for name, (_number, chosen) in resources.fonts.items():
        files[f"Doc_0/Res/{name}.ttf"] = font_file(chosen, _family(name))
    if resources.pictures:
        files["Doc_0/DocumentRes.xml"] = _written("Res", _pictures(resources), ' BaseLoc="Res"')
        files |= {f"Doc_0/Res/Picture_{number}.png": _png(words) for words, number in resources.pictures.items()}
    files["Doc_0/Document.xml"] = _written("Document", _document(pages, resources, colours))
    files["OFD.xml"] = _written("OFD", _entry(properties, files), ' Version="1.0" DocType="OFD"')
    return _zipped(files)


def _written(root: str, body: str, attributes: str = "") -> bytes:
    return f"{XML}<ofd:{root} {NAMESPACE}{attributes}>{body}</ofd:{root}>".encode()


def _zipped(files: dict[str, bytes]) -> bytes:
    """OFD.xml first, every date the same."""
    out = BytesIO()
    with ZipFile(out, "w") as made:
        for name in sorted(files, key=lambda name: (name != "OFD.xml", name)):
            entry = ZipInfo(name)
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 3
            made.writestr(entry, files[name], compresslevel=LEVEL)
    return out.getvalue()


def _area(page: Page) -> str:
    return f"<ofd:PhysicalBox>0 0 {mm(page.width * POINT)} {mm(page.height * POINT)}</ofd:PhysicalBox>"


def _page(page: Page, resources: Resources) -> str:
    """What lies under the text is a layer of its own (7.7)."""
    content = OfdContent.of(page, resources)
    under = content.write(op for op in page.ops if isinstance(op, Watermark))
    above = content.write(op for op in page.ops if not isinstance(op, Watermark))
    layers = [("Background", under), ("Body", above)] if under else [("Body", above)]
    body = "".join(f'<ofd:Layer Type="{kind}" ID="{resources.number()}">{ops}</ofd:Layer>' for kind, ops in layers)
    return f"<ofd:Area>{_area(page)}</ofd:Area><ofd:Content>{body}</ofd:Content>"


def _family(name: str) -> str:
    return f"OneCard{name}"


def _public(resources: Resources, colours: int) -> str:
    found = "".join(
        f'<ofd:Font ID="{number}" FontName="{_family(name)}" FamilyName="{_family(name)}">'
        f"<ofd:FontFile>{name}.ttf</ofd:FontFile></ofd:Font>"
        for name, (number, _chosen) in resources.fonts.items()
    )
    space = f'<ofd:ColorSpace ID="{colours}" Type="RGB" BitsPerComponent="8"/>'
    return f"<ofd:ColorSpaces>{space}</ofd:ColorSpaces><ofd:Fonts>{found}</ofd:Fonts>"


def _pictures(resources: Resources) -> str:
    found = "".join(
        f'<ofd:MultiMedia ID="{number}" Type="Image" Format="PNG">'
        f"<ofd:MediaFile>Picture_{number}.png</ofd:MediaFile></ofd:MultiMedia>"
        for number in resources.pictures.values()
    )
    return f"<ofd:MultiMedias>{found}</ofd:MultiMedias>"


def _png(words: str) -> bytes:
    """Two colours: the words faint, the rest clear."""
    image = watermark.picture(words).convert("P")
    image = image.point([0] * 128 + [1] * 128)
    image.putpalette([*(round(part * 255) for part in FAINT), 255, 255, 255])
    out = BytesIO()
    image.save(out, "PNG", bits=1, transparency=1, optimize=True)
    return out.getvalue()


def _document(pages: Sequence[Page], resources: Resources, colours: int) -> str:
    listed = "".join(
        f'<ofd:Page ID="{resources.number()}" BaseLoc="Pages/Page_{number}/Content.xml"/>'
        for number in range(len(pages))
    )
    own = "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>" if resources.pictures else ""
    common = (
        f"<ofd:MaxUnitID>{resources.last}</ofd:MaxUnitID><ofd:PageArea>{_area(pages[0])}</ofd:PageArea>"
        f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{own}<ofd:DefaultCS>{colours}</ofd:DefaultCS>"
    )
    view = "<ofd:VPreferences><ofd:TabDisplay>DocTitle</ofd:TabDisplay></ofd:VPreferences>"
    return f"<ofd:CommonData>{common}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>{view}"


def _entry(properties: Properties, files: dict[str, bytes]) -> str:
    """Document information (7.4). The identifier is a digest of everything else."""
    digest = hashlib.sha256(b"\0".join(part for name, data in sorted(files.items()) for part in (name.encode(), data)))
    day = properties.created.date().isoformat()
    facts = (
        ("DocID", digest.hexdigest()[:32]), ("Title", properties.title), ("Author", properties.author),
        ("Subject", properties.subject), ("CreationDate", day), ("ModDate", day), ("DocUsage", "Normal"),
        ("Creator", PRODUCER),
    )  # fmt: skip
    about = "".join(f"<ofd:{name}>{escape(value)}</ofd:{name}>" for name, value in facts)
    code = f'<ofd:CustomData Name="{CODE_NAME}">{escape(properties.code)}</ofd:CustomData>'
    about += f"<ofd:CustomDatas>{code}</ofd:CustomDatas>"
    return f"<ofd:DocBody><ofd:DocInfo>{about}</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"


__all__ = ["CODE_NAME", "ofd_bytes"]
