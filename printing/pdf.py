"""Pages into a PDF file: PDF/A-2b for the printer, tagged PDF/A-2a and PDF/UA-1 for the phone.

reportlab's canvas collects the pages; pikepdf adds what reportlab 5.1 lacks: Type 0 fonts, XMP, output intent,
structure. The same document gives the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import ImageCms
from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from printing import fonts, glyphs, watermark
from printing.drawing import Page, Watermark
from printing.pdf_content import Content, DocumentFonts, Element
from printing.pdf_metadata import Properties, info, moment, xmp
from printing.pdf_signature import add_field

if TYPE_CHECKING:
    from pikepdf import Object

rl_config.useA85 = 0  # base 85 makes every stream a quarter bigger
CODE_KEY = "/OneCardCode"
LANGUAGE = "zh-CN"
SIGNED = "凭证开具 Issued"


def pdf_bytes(pages: Sequence[Page], properties: Properties, always: Mapping[str, str]) -> bytes:
    """The file. `always`: for each font, the characters that every document of this kind has (prepared once)."""
    used = DocumentFonts({font: glyphs.prepared(font, text) for font, text in always.items()})
    used.use(fonts.MAIN)  # reportlab's page begins with /F1
    root = Element("Document", "")
    canvas = Canvas(BytesIO(), invariant=1, pageCompression=1)
    marks = []
    tree = [root]
    for number, page in enumerate(pages):
        content = Content(used, tree, number, properties.tagged)
        canvas.setPageSize((page.width, page.height))
        canvas.addLiteral(content.write(page))
        canvas.showPage()
        marks.append(content.marks)
    made: bytes = canvas.getpdfdata()  # type: ignore[no-untyped-call]
    with pikepdf.open(BytesIO(made)) as pdf:
        _resources(pdf, pages, used)
        _describe(pdf, properties)
        field = add_field(pdf, moment(properties.created), SIGNED) if properties.to_sign else None
        if properties.tagged:
            _structure(pdf, root, marks, field)
        return _saved(pdf, packed=properties.tagged and not properties.to_sign)


def _saved(pdf: Pdf, *, packed: bool) -> bytes:
    """`packed`: objects in streams. Not with room for a signature: that must stay where it is seen."""
    out = BytesIO()
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    pdf.save(out, deterministic_id=True, compress_streams=False, object_stream_mode=mode,
             stream_decode_level=pikepdf.StreamDecodeLevel.none, force_version="1.7")  # fmt: skip
    return out.getvalue()


def _deflated(pdf: Pdf, data: bytes, **entries: object) -> "Object":
    """A stream whose data are deflated already."""
    stream = pdf.make_stream(data)
    stream.Filter = Name.FlateDecode
    for key, value in entries.items():
        stream[f"/{key}"] = value
    return stream


def _resources(pdf: Pdf, pages: Sequence[Page], used: DocumentFonts) -> None:
    found = Dictionary({f"/{name}": _font(pdf, used, font) for font, name in used.names.items()})
    resources = Dictionary(Font=found)
    words = next((op.words for page in pages for op in page.ops if isinstance(op, Watermark)), None)
    if words is not None:
        resources.XObject = Dictionary(Watermark=_watermark(pdf, words))
    shared = pdf.make_indirect(resources)
    for page in pdf.pages:
        page.obj.Resources = shared


def _font(pdf: Pdf, used: DocumentFonts, font: str) -> "Object":
    """Type 0 over CIDFontType2 with the document's glyphs in the order of their numbers (ISO 32000-1, 9.7)."""
    chosen, face = used.codes[font].chosen, fonts.face(font)
    made = glyphs.program(used.of(font), chosen)
    file = _deflated(pdf, made.deflated, Length1=made.length)
    name = Name(f"/{_tag(chosen)}+{face.name.decode()}")
    descriptor = pdf.make_indirect(Dictionary(
        Type=Name.FontDescriptor, FontName=name, Flags=4, FontBBox=Array(map(round, face.bbox)),
        ItalicAngle=0, Ascent=round(face.ascent), Descent=round(face.descent), CapHeight=round(face.capHeight),
        StemV=round(face.stemV), FontFile2=file, CIDSet=_every_glyph(pdf, len(chosen.outlines)),
    ))  # fmt: skip
    descendant = pdf.make_indirect(Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=name, FontDescriptor=descriptor, DW=1000,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        CIDToGIDMap=Name.Identity, W=_widths(chosen),
    ))  # fmt: skip
    return pdf.make_indirect(Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=name, Encoding=Name("/Identity-H"),
        DescendantFonts=Array([descendant]), ToUnicode=_deflated(pdf, glyphs.packed(glyphs.to_unicode(chosen))),
    ))  # fmt: skip


def _every_glyph(pdf: Pdf, count: int) -> "Object":
    """CIDSet: a bit for each glyph in the program, all of them (ISO 19005-2, 6.2.11.4.2)."""
    bits = (1 << count) - 1 << -count % 8
    return _deflated(pdf, glyphs.packed(bits.to_bytes((count + 7) // 8, "big")))


def _tag(chosen: glyphs.Chosen) -> str:
    """Six letters that name this subset (ISO 32000-1, 9.6.4)."""
    number, letters = len(chosen.outlines) * 7919 + sum(map(len, chosen.outlines)), ""
    for _ in range(6):
        number, rest = divmod(number, 26)
        letters += chr(65 + rest)
    return letters


def _widths(chosen: glyphs.Chosen) -> Array:
    """Runs of equal widths that are not 1000, as `first last width`."""
    scale = 1000 / fonts.face(chosen.font).unitsPerEm
    found: list[int | float] = []
    for number, (advance, _side) in enumerate(chosen.metrics):
        width = round(advance * scale)
        if found and found[-1] == width and found[-2] == number - 1:
            found[-2] = number
        elif width != 1000:
            found += [number, number, width]
    return Array(found)


def _watermark(pdf: Pdf, words: str) -> "Object":
    image = watermark.picture(words)
    return _deflated(pdf, _watermark_bits(words), Type=Name.XObject, Subtype=Name.Image, ImageMask=True,
                     BitsPerComponent=1, Width=image.width, Height=image.height)  # fmt: skip


@cache
def _watermark_bits(words: str) -> bytes:
    return glyphs.packed(watermark.picture(words).tobytes())


@cache
def _srgb() -> bytes:
    """The ICC profile of sRGB, with a fixed date."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[8:12] = b"\x04\x20\0\0"  # 4.2 is the newest that ISO 19005-2 knows; the tags are the same
    profile[24:36] = b"\x07\xe0\0\x01\0\x01\0\0\0\0\0\0"
    profile[84:100] = bytes(16)
    return glyphs.packed(bytes(profile))


def _describe(pdf: Pdf, properties: Properties) -> None:
    """Title, language, XMP and output intent (ISO 19005-2, 6.2.3 and 6.6)."""
    root = pdf.Root
    pdf.docinfo = pdf.make_indirect(info(properties))
    metadata = pdf.make_stream(xmp(properties))
    metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
    root.Metadata = metadata
    root.Lang = String(LANGUAGE)
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    root.OutputIntents = Array([Dictionary(
        Type=Name.OutputIntent, S=Name("/GTS_PDFA1"), OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
        Info=String("sRGB IEC61966-2.1"), DestOutputProfile=_deflated(pdf, _srgb(), N=3),
    )])  # fmt: skip
    if "/Outlines" in root:
        del root.Outlines


def _structure(pdf: Pdf, root: Element, marks: Sequence[Sequence[Element]], field: "Object | None") -> None:
    """Structure tree and the way back from each mark to its element (ISO 32000-1, 14.7)."""
    made: dict[int, Object] = {}
    top = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    top.K = Array([_element(pdf, root, top, made)])
    numbers: list[object] = []
    for index, (page, found) in enumerate(zip(pdf.pages, marks, strict=True)):
        page.obj.StructParents = index
        page.obj.Tabs = Name.S
        numbers += [index, pdf.make_indirect(Array([made[id(element)] for element in found]))]
    if field is not None:
        field.StructParent = len(marks)
        numbers += [len(marks), _field_element(pdf, field, top.K[0])]
    top.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(numbers)))
    top.ParentTreeNextKey = len(numbers) // 2
    pdf.Root.StructTreeRoot = top
    pdf.Root.MarkInfo = Dictionary(Marked=True)


def _field_element(pdf: Pdf, field: "Object", document: "Object") -> "Object":
    """The signature field among the others (ISO 14289-1, 7.18.4)."""
    kid = Dictionary(Type=Name.OBJR, Obj=field, Pg=pdf.pages[0].obj)
    element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Form, P=document, K=kid))
    document.K.append(element)
    return element


def _element(pdf: Pdf, element: Element, parent: "Object", made: dict[int, "Object"]) -> "Object":
    built = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{element.tag}"), P=parent))
    made[id(element)] = built
    built.K = Array(list(_kids(pdf, element, built, made)))
    if element.tag == "TH":
        built.A = Dictionary(O=Name.Table, Scope=Name(f"/{element.detail}"))
    if element.tag == "Figure":
        built.Alt = String(element.detail)
        built.A = Dictionary(O=Name.Layout, BBox=Array(element.box or (0, 0, 0, 0)))
    return built


def _kids(pdf: Pdf, element: Element, built: "Object", made: dict[int, "Object"]) -> Iterable["Object | int"]:
    first_page = next((kid[0] for kid in element.kids if isinstance(kid, tuple)), None)
    if first_page is not None:
        built.Pg = pdf.pages[first_page].obj
    for kid in element.kids:
        if isinstance(kid, Element):
            yield _element(pdf, kid, built, made)
        elif kid[0] == first_page:
            yield kid[1]
        else:
            yield Dictionary(Type=Name.MCR, Pg=pdf.pages[kid[0]].obj, MCID=kid[1])


__all__ = ["CODE_KEY", "Properties", "pdf_bytes"]
