"""What a PDF says of itself, twice and the same: document information and XMP (ISO 19005-2, 6.6; ISO 14289-1, 5)."""

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from pikepdf import Dictionary, String

PRODUCER = "OneCard Terminal"


@dataclass(frozen=True)
class Properties:
    """Title, author and subject; the signed code; `tagged` for PDF/A-2a and PDF/UA-1 instead of PDF/A-2b.

    `to_sign`: with room for a signature.
    """

    title: str
    author: str
    subject: str
    created: datetime
    code: str
    tagged: bool = False
    to_sign: bool = False


def moment(value: datetime) -> String:
    """A PDF date (ISO 32000-1, 7.9.4)."""
    zone = value.strftime("%z") or "+0000"
    return String(f"D:{value:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'")


def info(properties: Properties) -> Dictionary:
    """The document information dictionary."""
    at = moment(properties.created)
    return Dictionary(
        Title=String(properties.title), Author=String(properties.author), Subject=String(properties.subject),
        Producer=String(PRODUCER), Creator=String(PRODUCER), CreationDate=at, ModDate=at,
        OneCardCode=String(properties.code),
    )  # fmt: skip


TEMPLATE = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" \
xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"{ua_namespace}>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>{producer}</xmp:CreatorTool><xmp:CreateDate>{moment}</xmp:CreateDate>
<xmp:ModifyDate>{moment}</xmp:ModifyDate><pdf:Producer>{producer}</pdf:Producer>
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>{conformance}</pdfaid:conformance>{ua}
</rdf:Description>{extension}</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
UA = "<pdfuaid:part>1</pdfuaid:part>"
UA_NAMESPACE = ' xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"'
# PDF/A allows a property that its own list lacks only with a description of its schema (ISO 19005-2, 6.6.2.3.3).
UA_EXTENSION = """
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


def xmp(properties: Properties) -> bytes:
    """The XMP packet."""
    tagged = properties.tagged
    return TEMPLATE.format(
        title=escape(properties.title), author=escape(properties.author), subject=escape(properties.subject),
        producer=PRODUCER, moment=properties.created.isoformat(timespec="seconds"),
        conformance="A" if tagged else "B", ua=UA if tagged else "", ua_namespace=UA_NAMESPACE if tagged else "",
        extension=UA_EXTENSION if tagged else "",
    ).encode()  # fmt: skip
