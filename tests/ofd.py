"""What GB/T 33190-2016 (OFD) asks for, rule by rule, read with the standard library and FreeType.

The standard's schemas can't be shipped; the tables below are their content models for the elements that our files may
hold. Each rule yields sentences about what is wrong, with its clause.
"""

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from posixpath import dirname, join
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import ImageFont

NAMESPACE = "{http://www.ofdspec.org/2016}"
# element: its children in order, "?" may be missing, "*" any number, "+" at least one
CHILDREN = {
    "OFD": "DocBody+", "DocBody": "DocInfo DocRoot?",
    "DocInfo": "DocID Title? Author? Subject? Abstract? CreationDate? ModDate? DocUsage? Cover? Keywords? Creator? "
               "CreatorVersion? CustomDatas?",
    "CustomDatas": "CustomData+",
    "Document": "CommonData Pages Outlines? Permissions? Actions? VPreferences?",
    "CommonData": "MaxUnitID PageArea PublicRes* DocumentRes* TemplatePage* DefaultCS?",
    "PageArea": "PhysicalBox ApplicationBox? ContentBox? BleedBox?", "Area": "PhysicalBox ApplicationBox?",
    "Pages": "Page+", "VPreferences": "PageMode? PageLayout? TabDisplay?",
    "Res": "ColorSpaces? DrawParams? Fonts? MultiMedias?", "ColorSpaces": "ColorSpace+", "Fonts": "Font+",
    "Font": "FontFile?", "MultiMedias": "MultiMedia+", "MultiMedia": "MediaFile",
    "Page": "Area? Content?",  # in Document.xml without children, a reference
    "Content": "Layer+", "Layer": "TextObject* PathObject* ImageObject*",
    "TextObject": "FillColor? StrokeColor? TextCode+", "PathObject": "StrokeColor? FillColor? AbbreviatedData",
}  # fmt: skip
ANY_ORDER = {"Layer"}
REQUIRED = {
    "OFD": {"Version", "DocType"}, "CustomData": {"Name"}, "Res": {"BaseLoc"}, "ColorSpace": {"ID", "Type"},
    "Font": {"ID", "FontName"}, "MultiMedia": {"ID", "Type"}, "Layer": {"ID"},
    "TextObject": {"ID", "Boundary", "Font", "Size"}, "PathObject": {"ID", "Boundary"},
    "ImageObject": {"ID", "Boundary", "ResourceID"}, "TextCode": {"X", "Y"}, "FillColor": {"Value"},
    "StrokeColor": {"Value"},
}  # fmt: skip
OPTIONAL = {
    "ColorSpace": {"BitsPerComponent"}, "Font": {"FamilyName"}, "MultiMedia": {"Format"}, "Layer": {"Type"},
    "TextObject": {"Stroke", "Fill", "LineWidth"}, "PathObject": {"Stroke", "Fill", "LineWidth"},
    "ImageObject": {"CTM"}, "TextCode": {"DeltaX", "DeltaY"}, "Page": {"ID", "BaseLoc"},
}  # fmt: skip
OPERANDS = {"M": 2, "L": 2, "B": 6, "C": 0}
SLACK = 0.002  # millimetres: each number is rounded to a thousandth


@dataclass(frozen=True)
class Package:
    """The files of a package, its XML parsed."""

    files: dict[str, bytes]
    trees: dict[str, ET.Element]

    @classmethod
    def read(cls, data: bytes) -> "Package":
        """From the bytes of an OFD file."""
        with ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        trees = {name: ET.fromstring(raw) for name, raw in files.items() if name.endswith(".xml")}
        return cls(files, trees)

    def all(self, *tags: str) -> Iterator[ET.Element]:
        """Every element with one of these names, in any file."""
        wanted = {NAMESPACE + tag for tag in tags}
        return (found for tree in self.trees.values() for found in tree.iter() if found.tag in wanted)

    def pages(self) -> Iterator[ET.Element]:
        """The pages' contents, in the order of the document."""
        for page in self.trees["Doc_0/Document.xml"].iter(f"{NAMESPACE}Page"):
            yield self.trees[join("Doc_0", page.attrib["BaseLoc"])]


Rule = Callable[[Package], Iterator[str]]


def local(element: ET.Element) -> str:
    """The name without its namespace."""
    return element.tag.removeprefix(NAMESPACE)


def numbers(text: str) -> list[float]:
    """ST_Array, ST_Box, ST_Pos."""
    return [float(part) for part in text.split()]


def content_model(package: Package) -> Iterator[str]:
    """Annex A: children in order, attributes known, everything in the namespace."""
    for tree in package.trees.values():
        for element in tree.iter():
            if not element.tag.startswith(NAMESPACE):
                yield f"7.1: {element.tag} is not in the namespace"
                continue
            yield from _children(element)
            yield from _attributes(element)


def _children(element: ET.Element) -> Iterator[str]:
    name = local(element)
    model = CHILDREN.get(name, "")
    terms = re.findall(r"(\w+)([?*+]?)", model)
    if name in ANY_ORDER:
        pattern = "(" + "|".join(f"{term} " for term, _times in terms) + ")*"
    else:
        pattern = "".join(f"({term} ){times}" for term, times in terms)
    found = "".join(local(child) + " " for child in element)
    if not re.fullmatch(pattern, found):
        yield f"A: {name} holds {found!r}"


def _attributes(element: ET.Element) -> Iterator[str]:
    name, given = local(element), set(element.attrib)
    required, optional = REQUIRED.get(name, set()), OPTIONAL.get(name, set())
    if not required <= given or not given <= required | optional:
        yield f"A: {name} has the attributes {sorted(given)}"


def package_structure(package: Package) -> Iterator[str]:
    """7.1 and 7.4: the entry, the roots, every reference has its file and every file its reference."""
    if next(iter(package.files)) != "OFD.xml":
        yield "7.1: OFD.xml is not the first file"
    roots = {"OFD.xml": "OFD", "Document.xml": "Document", "PublicRes.xml": "Res", "DocumentRes.xml": "Res",
             "Content.xml": "Page"}  # fmt: skip
    for name, tree in package.trees.items():
        if local(tree) != roots[name.rsplit("/", 1)[-1]]:
            yield f"7: {name} has the root {local(tree)}"
        if not package.files[name].startswith(b'<?xml version="1.0" encoding="UTF-8"?>'):
            yield f"7.1: {name} is not UTF-8 XML"
    named = {"OFD.xml", *_references(package)}
    for name in named ^ set(package.files):
        yield f"7.1: {name} is {'missing' if name in named else 'named nowhere'}"


def _references(package: Package) -> Iterator[str]:
    for name, tree in package.trees.items():
        for element in tree.iter():
            place = join(dirname(name), tree.attrib["BaseLoc"]) if local(tree) == "Res" else dirname(name)
            if local(element) in ("DocRoot", "PublicRes", "DocumentRes", "FontFile", "MediaFile"):
                yield join(place, element.text or "")
            elif local(element) == "Page" and "BaseLoc" in element.attrib:
                yield join(place, element.attrib["BaseLoc"])


def information(package: Package) -> Iterator[str]:
    """7.4: version, identifier, dates."""
    entry = package.trees["OFD.xml"]
    if entry.attrib["Version"] != "1.0" or entry.attrib["DocType"] != "OFD":
        yield "7.4: another version or type"
    for tag, form in (
        ("DocID", r"[0-9a-f]{32}"),
        ("CreationDate", r"\d{4}-\d\d-\d\d"),
        ("ModDate", r"\d{4}-\d\d-\d\d"),
    ):
        for element in package.all(tag):
            if not re.fullmatch(form, element.text or ""):
                yield f"7.4: {tag} is {element.text!r}"


def identifiers(package: Package) -> Iterator[str]:
    """7.5 and ST_ID: each once, none above MaxUnitID, each reference to the right kind of thing."""
    kinds: dict[str, str] = {}
    for tree in package.trees.values():
        for element in tree.iter():
            number = element.attrib.get("ID")
            if number in kinds:
                yield f"7.5: two things are number {number}"
            if number is not None:
                kinds[number] = local(element)
    (highest,) = package.all("MaxUnitID")
    if max(map(int, kinds)) != int(highest.text or 0):
        yield "7.5: MaxUnitID is another"
    for attribute, kind in (("Font", "Font"), ("ResourceID", "MultiMedia")):
        for element in package.all("TextObject", "ImageObject"):
            if attribute in element.attrib and kinds.get(element.attrib[attribute]) != kind:
                yield f"8: {attribute} {element.attrib[attribute]} is no {kind}"
    for element in package.all("DefaultCS"):
        if kinds.get(element.text or "") != "ColorSpace":
            yield "7.5: DefaultCS is no ColorSpace"


def colours(package: Package) -> Iterator[str]:
    """8.3: three parts of 0 to 255."""
    for element in package.all("FillColor", "StrokeColor"):
        parts = numbers(element.attrib["Value"])
        if len(parts) != 3 or any(part != int(part) or not 0 <= part <= 255 for part in parts):
            yield f"8.3.2: the colour {element.attrib['Value']}"


def boundaries(package: Package) -> Iterator[str]:
    """8.2 and 8.5: each object has an area, on the page (a picture may be larger)."""
    for page in package.pages():
        box = page.find(f"{NAMESPACE}Area/{NAMESPACE}PhysicalBox")
        width, height = numbers(box.text or "")[2:] if box is not None else (0.0, 0.0)
        for element in page.iter():
            if "Boundary" not in element.attrib:
                continue
            x, y, w, h = numbers(element.attrib["Boundary"])
            if w <= 0 or h <= 0:
                yield f"8.5: {local(element)} without an area"
            if local(element) != "ImageObject" and not (min(x, y) >= 0 and x + w <= width and y + h <= height):
                yield f"8.5: {local(element)} is not on the page"


def paths(package: Package) -> Iterator[str]:
    """9.1 and 9.3: a path begins with M, has whole operands, and stays inside its boundary."""
    for element in package.all("PathObject"):
        _x, _y, width, height = numbers(element.attrib["Boundary"])
        data = element.find(f"{NAMESPACE}AbbreviatedData")
        text = (data.text or "") if data is not None else ""
        if not text.startswith("M "):
            yield "9.3: a path begins elsewhere"
        for operator, operands in re.findall(r"([A-Z]) ?([^A-Z]*)", text):
            found = numbers(operands)
            if OPERANDS.get(operator) != len(found):
                yield f"9.3: {operator} with {len(found)} operands"
            for place, limit in zip(found, [width, height] * 3, strict=False):
                if not -SLACK <= place <= limit + SLACK:
                    yield "8.5: a path leaves its boundary"


def steps(text: str) -> list[float]:
    """DeltaX with its repetitions written out (11.3)."""
    found: list[float] = []
    parts = iter(text.split())
    for part in parts:
        if part == "g":
            count = int(next(parts))
            found += [float(next(parts))] * count
        else:
            found.append(float(part))
    return found


def texts(package: Package) -> Iterator[str]:
    """11.3: a step between each two characters, inside the boundary; beyond the BMP each character is for itself."""
    for element in package.all("TextObject"):
        _x, _y, width, height = numbers(element.attrib["Boundary"])
        for code in element.iter(f"{NAMESPACE}TextCode"):
            text, ways = code.text or "", steps(code.attrib.get("DeltaX", ""))
            if not text or len(ways) != len(text) - 1:
                yield f"11.3: {len(text)} characters with {len(ways)} steps"
            if len(text) > 1 and any(char > "\uffff" for char in text):
                yield "11.3: a character beyond the BMP in a row"
            if (
                not 0 <= float(code.attrib["X"]) + sum(ways) <= width + SLACK
                or not 0 <= float(code.attrib["Y"]) <= height
            ):
                yield "8.5: a text leaves its boundary"


def fonts(package: Package) -> Iterator[str]:
    """7.9 and 11.1: every font is in the file, can be opened, and has a drawing for each character."""
    used: dict[str, set[str]] = {}
    for element in package.all("TextObject"):
        chars = used.setdefault(element.attrib["Font"], set())
        chars.update(*(code.text or "" for code in element.iter(f"{NAMESPACE}TextCode")))
    for element in package.all("Font"):
        file = element.find(f"{NAMESPACE}FontFile")
        if file is None:
            yield "11.1: a font is not in the file"
            continue
        raw = package.files.get(join("Doc_0/Res", file.text or ""))
        if raw is None:
            continue  # said above
        face = ImageFont.truetype(io.BytesIO(raw), 32)
        missing = bytes(face.getmask("\U0010fffd"))
        for char in used.get(element.attrib["ID"], set()) - {" "}:
            drawn = bytes(face.getmask(char))
            if not any(drawn) or drawn == missing:
                yield f"11.1: U+{ord(char):04X} is not in {file.text}"


RULES: tuple[Rule, ...] = (
    content_model, package_structure, information, identifiers, colours, boundaries, paths, texts, fonts,
)  # fmt: skip


def faults(data: bytes) -> list[str]:
    """What a file breaks."""
    package = Package.read(data)
    return [fault for rule in RULES for fault in rule(package)]


def text_of(data: bytes) -> str:
    """Every character on the pages, in the order in which they are drawn."""
    package = Package.read(data)
    return "".join(code.text or "" for page in package.pages() for code in page.iter(f"{NAMESPACE}TextCode"))


def changed(data: bytes, name: str, old: str, new: str) -> bytes:
    """The file with the first such words in one of its parts replaced, for tests of these rules."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as before, ZipFile(out, "w", ZIP_DEFLATED) as after:
        for each in before.namelist():
            raw = before.read(each)
            if each == name:
                if old.encode() not in raw:
                    raise ValueError(f"{name} has no {old}.")
                raw = raw.replace(old.encode(), new.encode(), 1)
            after.writestr(each, raw)
    return out.getvalue()


def places(steps_between: list[float], start: float) -> list[float]:
    """Where each character stands."""
    found = [start]
    for step in steps_between:
        found.append(found[-1] + step)
    return found
