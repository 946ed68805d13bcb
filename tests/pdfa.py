"""What ISO 19005-2 (PDF/A-2) and ISO 14289-1 (PDF/UA-1) ask for, rule by rule, read with pikepdf.

veraPDF can't be had from the package registries; Apache PDFBox Preflight judges PDF/A-1b in tests/interop. Each rule
yields sentences about what is wrong. Rules for what our files can't hold (transparency, movies, scripts) only ask that
it is not there.
"""

import io
import itertools
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
from pikepdf import Name, Pdf
from reportlab.pdfbase import ttfonts

Rule = Callable[[Pdf, bytes], Iterator[str]]
FORBIDDEN_KEYS = {"/JS", "/JavaScript", "/AA", "/XFA", "/EmbeddedFiles", "/OCProperties", "/Encrypt", "/SMask", "/OPI"}
FORBIDDEN_ACTIONS = {"/Launch", "/Sound", "/Movie", "/JavaScript", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState"}


def instructions(page: pikepdf.Page) -> Iterator[tuple[list[Any], str]]:
    """Operands and operators of a page's content."""
    for item in pikepdf.parse_content_stream(page):
        if isinstance(item, pikepdf.ContentStreamInstruction):
            yield list(item.operands), str(item.operator)


def file_structure(pdf: Pdf, data: bytes) -> Iterator[str]:
    """6.1.2 header, 6.1.3 trailer, 6.1.7 streams."""
    lines = data.split(b"\n", 2)
    if not re.fullmatch(rb"%PDF-1\.[0-7]", lines[0]):
        yield "6.1.2: the header is not %PDF-1.n"
    if lines[1][:1] != b"%" or sum(byte > 127 for byte in lines[1][1:5]) != 4:
        yield "6.1.2: no comment of four high bytes"
    if "/ID" not in pdf.trailer:
        yield "6.1.3: no ID"
    if not data.rstrip(b"\r\n").endswith(b"%%EOF"):
        yield "6.1.3: data after the end"
    for match in re.finditer(rb"(.)endstream", data, re.DOTALL):
        if match[1] not in b"\r\n":
            yield "6.1.7.1: no end of line before endstream"


def streams(pdf: Pdf, _data: bytes) -> Iterator[str]:
    """6.1.7: lengths, filters, nothing outside."""
    for stream in (thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream)):
        if int(stream.Length) != len(stream.read_raw_bytes()):
            yield "6.1.7.1: a stream's length is wrong"
        if {"/F", "/FFilter", "/FDecodeParms"} & set(stream.keys()):
            yield "6.1.7.1: a stream in another file"
        if "/LZWDecode" in str(stream.get("/Filter", "")):
            yield "6.1.7.2: LZW"
        if stream.get("/Subtype") == Name.Image and (stream.get("/Interpolate", False) or "/Alternates" in stream):
            yield "6.2.8: an interpolated or alternate image"
        if stream.get("/Subtype") == Name.PS:
            yield "6.2.9: PostScript"


def forbidden(pdf: Pdf, _data: bytes) -> Iterator[str]:
    """6.1.3, 6.2.10, 6.4.2, 6.5, 6.8, 6.9: what must not be there."""
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            for key in FORBIDDEN_KEYS & set(thing.keys()):
                yield f"forbidden: {key}"
            if str(thing.get("/S", "")) in FORBIDDEN_ACTIONS:
                yield f"6.5.1: {thing.S}"
    if "/AcroForm" in pdf.Root and "/NeedAppearances" in pdf.Root.AcroForm:
        yield "6.4.1: NeedAppearances"


def output_intent(pdf: Pdf, _data: bytes) -> Iterator[str]:
    """6.2.3, 6.2.4.3: device colours need a profile of the same kind."""
    (intent,) = pdf.Root.OutputIntents
    profile = intent.DestOutputProfile
    raw = profile.read_bytes()
    if intent.S != "/GTS_PDFA1" or int(profile.N) != 3 or raw[16:20] != b"RGB " or raw[36:40] != b"acsp":
        yield "6.2.3: no RGB output intent"
    if raw[8] > 4 or (raw[8] == 4 and raw[9] > 0x20):
        yield "6.2.3: the profile is newer than the standard"
    if struct.unpack(">I", raw[:4])[0] != len(raw):
        yield "6.2.3: the profile's length is wrong"
    for page in pdf.pages:
        for _operands, operator in instructions(page):
            if operator in ("k", "K", "cs", "CS", "sc", "scn", "sh", "ri", "gs"):
                yield f"6.2.4: colours by {operator}"


def metadata(pdf: Pdf, _data: bytes) -> Iterator[str]:
    """6.6: XMP is there, names the part, and says what the document information says."""
    if "/Filter" in pdf.Root.Metadata:
        yield "6.6.2.1: compressed metadata"
    with pdf.open_metadata() as xmp:
        if xmp.get("pdfaid:part") != "2" or xmp.get("pdfaid:conformance") not in ("A", "B"):
            yield "6.6.4: no PDF/A identification"
        if pdf.docinfo["/Title"] != xmp.get("dc:title") or not str(pdf.docinfo["/Title"]):
            yield "6.6.3: the titles differ"
        if [str(pdf.docinfo["/Author"])] != xmp.get("dc:creator"):
            yield "6.6.3: the authors differ"
        if str(pdf.docinfo["/Subject"]) != xmp.get("dc:description"):
            yield "6.6.3: the subjects differ"
        digits = re.sub(r"\D", "", str(xmp.get("xmp:CreateDate")))
        if digits != re.sub(r"\D", "", str(pdf.docinfo["/CreationDate"])):
            yield "6.6.3: the dates differ"
    if "/Lang" not in pdf.Root:
        yield "6.7.4: no language"


def annotations(pdf: Pdf, _data: bytes) -> Iterator[str]:
    """6.3: printed, not hidden, with a face."""
    for page in pdf.pages:
        for note in page.obj.get("/Annots", []):
            flags = int(note.F)
            if not flags & 4 or flags & (1 | 2 | 32):
                yield "6.3.2: an annotation is not printed"
            if "/AP" not in note or set(note.AP.keys()) != {"/N"}:
                yield "6.3.3: an annotation without a face"


def shown_codes(pdf: Pdf) -> dict[str, set[int]]:
    """For each font resource, the two-byte codes that are drawn."""
    found: dict[str, set[int]] = {}
    for page in pdf.pages:
        font = ""
        for operands, operator in instructions(page):
            if operator == "Tf":
                font = str(operands[0])
            elif operator == "Tj":
                raw = bytes(operands[0])
                found.setdefault(font, set()).update(struct.unpack(f">{len(raw) // 2}H", raw))
    return found


def fonts(pdf: Pdf, _data: bytes) -> Iterator[str]:
    """6.2.11: embedded, whole, the right widths, no .notdef, every code in ToUnicode."""
    resources = pdf.pages[0].obj.Resources.Font
    for name, codes in shown_codes(pdf).items():
        font = resources[name]
        descendant = font.DescendantFonts[0]
        if font.Encoding != "/Identity-H" or descendant.CIDToGIDMap != "/Identity":
            yield f"6.2.11.3: {name} is not Identity"
        if (
            not re.fullmatch(r"/[A-Z]{6}\+.+", str(font.BaseFont))
            or font.BaseFont != descendant.FontDescriptor.FontName
        ):
            yield f"6.2.11.4: {name} has no subset name"
        program = descendant.FontDescriptor.FontFile2
        raw = program.read_bytes()
        if int(program.Length1) != len(raw):
            yield f"6.2.11.4: {name} has another length"
        yield from (f"6.2.11: {name} {text}" for text in program_faults(raw, descendant, codes))
        unicode = set(re.findall(rb"<([0-9A-F]{4})> <", font.ToUnicode.read_bytes()))
        if not {b"%04X" % code for code in codes} <= unicode:
            yield f"6.2.11.7: {name} draws codes without Unicode"
        for block in re.findall(rb"(\d+) beginbfchar", font.ToUnicode.read_bytes()):
            if int(block) > 100:
                yield f"TN 5014: a block of {int(block)} entries"


def program_faults(raw: bytes, descendant: pikepdf.Object, codes: set[int]) -> Iterator[str]:
    """Read the font program as a font."""
    parsed = ttfonts.TTFontParser(io.BytesIO(raw), validate=1)  # checks every table's checksum
    start, length = parsed.get_table_pos("hmtx")
    count = length // 4
    advances = [struct.unpack(">H", raw[start + 4 * n : start + 4 * n + 2])[0] for n in range(count)]
    if 0 in codes or max(codes) >= count:
        yield "draws .notdef or what it lacks"
    declared: dict[int, float] = {}
    values = list(descendant.W)
    for first, widths in zip(values[::2], values[1::2], strict=True):
        declared |= {int(first) + place: float(width) for place, width in enumerate(widths)}
    head = parsed.get_table_pos("head")[0]
    scale = 1000 / struct.unpack(">H", raw[head + 18 : head + 20])[0]
    if any(abs(declared.get(code, 1000) - advances[code] * scale) > 1 for code in codes):
        yield "has other widths than its program"
    bits = descendant.FontDescriptor.CIDSet.read_bytes()
    if {n for n in range(len(bits) * 8) if bits[n // 8] >> (7 - n % 8) & 1} != set(range(count)):
        yield "has a CIDSet of other glyphs"


def limits(pdf: Pdf, data: bytes) -> Iterator[str]:
    """6.1.13: implementation limits."""
    if len(pdf.objects) > 8_388_607 or len(data) > 10_000_000_000:
        yield "6.1.13: too large"
    for page in pdf.pages:
        depth = 0
        for _operands, operator in instructions(page):
            depth += (operator == "q") - (operator == "Q")
            if depth > 28:
                yield "6.1.13: q is nested too deep"
        if depth:
            yield "q without Q"


PDF_A = (
    file_structure, streams, forbidden, output_intent, metadata, annotations, fonts, limits,
)  # fmt: skip


def every_mark(pdf: Pdf, _data: bytes) -> Iterator[str]:
    """UA 7.1: everything that is drawn is in a structure element or decoration, and each mark has its element."""
    tree = parent_tree(pdf)
    for page in pdf.pages:
        depth, seen = 0, []
        for operands, operator in instructions(page):
            name = operator
            if name in ("BDC", "BMC"):
                depth += 1
                if name == "BDC":
                    seen.append(int(operands[1]["/MCID"]))
            elif name == "EMC":
                depth -= 1
            elif name in ("Tj", "S", "s", "f", "Do") and depth != 1:
                yield f"7.1: {name} outside of marks, or in two"
        if seen != list(range(len(seen))) or len(tree[int(page.obj.StructParents)]) != len(seen):
            yield "14.7.4.4: marks and parent tree differ"
        if page.obj.Tabs != "/S":
            yield "7.18.3: the order of tabs is not the structure's"


def parent_tree(pdf: Pdf) -> dict[int, pikepdf.Object]:
    """Number → what stands there."""
    values = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    return {int(key): value for key, value in zip(values[::2], values[1::2], strict=True)}


def elements(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The structure tree in reading order."""
    kids: Any = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def structure(pdf: Pdf, _data: bytes) -> Iterator[str]:
    """UA 5, 7.1 to 7.5, 7.18: what a screen reader needs."""
    root = pdf.Root
    if not root.MarkInfo.Marked or not root.ViewerPreferences.DisplayDocTitle:
        yield "7.1: not marked, or the title is not shown"
    with pdf.open_metadata() as xmp:
        if xmp.get("{http://www.aiim.org/pdfua/ns/id/}part") != "1" or xmp.get("pdfaid:conformance") != "A":
            yield "5: no PDF/UA identification"
    found = list(elements(root.StructTreeRoot))
    tags = [str(element.S)[1:] for element in found]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"H\d", tag)]
    if levels[:1] != [1] or any(after > before + 1 for before, after in itertools.pairwise(levels)):
        yield f"7.4.2: headings {levels}"
    for element, tag in zip(found, tags, strict=True):
        parent = str(element.P.get("/S", ""))
        if tag == "Figure" and not str(element.Alt):
            yield "7.3: a figure without words"
        if tag == "TH" and element.A.Scope not in ("/Row", "/Column"):
            yield "7.5: a heading cell without scope"
        if (tag in ("TH", "TD") and parent != "/TR") or (tag == "TR" and parent != "/Table"):
            yield f"7.5: {tag} in {parent}"


PDF_UA = (every_mark, structure)


def faults(data: bytes, rules: tuple[Rule, ...]) -> list[str]:
    """What a file breaks."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [fault for rule in rules for fault in rule(pdf, data)]


def with_stream(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with a page's content changed, for tests of these rules."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        stream = pdf.pages[0].obj.Contents
        stream.write(zlib.compress(stream.read_bytes().replace(old, new, 1)), filter=Name.FlateDecode)
        out = io.BytesIO()
        pdf.save(out, compress_streams=False)
        return out.getvalue()
