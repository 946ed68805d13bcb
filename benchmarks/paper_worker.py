"""One engine in a process of its own: reads a page (or a document of ours) a line, answers milliseconds and bytes.

`python -m benchmarks.paper_worker ENGINE`. The peers are no dependency of ours: they live in their own environment.
"""

import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FONT = "/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"
Engine = Callable[[str], bytes]


def ours() -> Engine:
    """reportlab's canvas, our layout and fonts, pikepdf: from the issued document's JSON."""
    from backend_client.contract.documents import IssuedDocument
    from benchmarks.paper_page import AT
    from printing import warm
    from printing.a4 import render_a4

    warm()  # as the terminal does while it is idle
    kept: dict[str, IssuedDocument] = {}

    def draw(line: str) -> bytes:
        return render_a4(kept[line], "zh", AT)

    def parsed(line: str) -> bytes:
        if line not in kept:
            kept[line] = IssuedDocument.model_validate_json(line)
            raise NotTimed
        return draw(line)

    return parsed


class NotTimed(Exception):
    """This call only made ready: ask again."""


def symbol_svg(code: str) -> str:
    """The symbol, by the library that we use too."""
    import segno

    out = io.BytesIO()
    segno.make(code, error="m", boost_error=False, micro=False, mask=3).save(out, kind="svg", border=4, xmldecl=False)
    return out.getvalue().decode()


TYPST = """
#let d = json(bytes(sys.inputs.data))
#set document(title: d.title, author: d.issuer, date: datetime(year: 2026, month: 11, day: 25))
#set page(paper: "a4", margin: 42pt, background: rotate(-38deg, text(40pt, fill: luma(230), d.mark)),
  footer: context [#text(8pt)[#d.foot #h(1fr) 第 #counter(page).display() 页 共 #counter(page).final().first() 页]])
#set text(font: "LXGW WenKai", size: 9.5pt, cjk-latin-spacing: none, lang: "zh")
#grid(columns: (1fr, 85pt), [#align(center, text(22pt, tracking: 3pt, d.title))
  #grid(columns: (48pt, 1fr, 48pt, 1fr), row-gutter: 5pt, ..d.head.flatten().map(x => text(8.5pt, x)))],
  image(bytes(d.symbol), width: 85pt, format: "svg"))
#for s in d.sections [
  #v(4pt) #text(11.5pt, s.title)
  #if "fields" in s {
    table(columns: (16%, 34%, 16%, 34%), stroke: 0.5pt, inset: 4pt, ..s.fields.flatten())
  } else {
    set text(8pt)
    table(columns: s.widths.map(w => w * 1fr), stroke: 0.5pt, inset: 2.6pt,
      align: s.aligns.map(a => if a == "right" { right } else if a == "left" { left } else { center }),
      table.header(..s.heads), ..s.rows.flatten())
  }
]
#for (i, n) in d.notes.enumerate() [#text(8.5pt)[#(i + 1). #n] \\ ]
#d.closing
#align(right, box(width: 160pt, align(center)[#text(fill: red, d.seal) \\ #d.issuer]))
"""


def typst(tagged: bool) -> Engine:
    """A kept compiler, new data in each call, PDF/A-2b."""
    import typst as library

    folder = Path(tempfile.mkdtemp())
    (folder / "page.typ").write_text(TYPST, encoding="utf-8")
    compiler = library.Compiler(str(folder / "page.typ"), font_paths=[str(Path(FONT).parent)], ignore_system_fonts=True)

    def draw(line: str) -> bytes:
        data = json.loads(line)
        data["symbol"] = symbol_svg(data["code"])
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        options = {} if tagged else {"pdf_tags": False}
        return bytes(compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-2b"], **options))

    return draw


def fpdf2() -> Engine:
    """The library's own tables; a fresh document each time, as it wants."""
    from fpdf import FPDF

    def draw(line: str) -> bytes:
        data = json.loads(line)
        pdf = FPDF(format="A4", enforce_compliance="PDF/A-2B")
        pdf.set_margin(15)
        pdf.add_font("W", fname=FONT)
        pdf.set_lang("zh-CN")
        pdf.set_title(data["title"])
        pdf.add_page()
        pdf.set_font("W", size=22)
        pdf.cell(w=0, text=data["title"], align="C", new_x="LMARGIN", new_y="NEXT")
        pdf.image(io.BytesIO(symbol_svg(data["code"]).encode()), x=165, y=12, w=30)
        pdf.set_font("W", size=8.5)
        for name, value in data["head"]:
            pdf.cell(w=0, text=f"{name} {value}", new_x="LMARGIN", new_y="NEXT")
        for section in data["sections"]:
            _fpdf_section(pdf, section)
        for number, note in enumerate(data["notes"], start=1):
            pdf.multi_cell(w=0, text=f"{number}. {note}", new_x="LMARGIN", new_y="NEXT")
        pdf.multi_cell(w=0, text=data["closing"], new_x="LMARGIN", new_y="NEXT")
        pdf.cell(w=0, text=f"{data['seal']} {data['issuer']}", align="R")
        return bytes(pdf.output())

    return draw


def _fpdf_section(pdf: Any, section: dict[str, Any]) -> None:
    pdf.set_font("W", size=11.5)
    pdf.cell(w=0, text=section["title"], new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("W", size=8)
    widths: tuple[float, ...]
    aligns: tuple[str, ...]
    if "fields" in section:
        flat = [part for pair in section["fields"] for part in pair]
        flat += [""] * (-len(flat) % 4)
        rows, widths, aligns = [flat[i : i + 4] for i in range(0, len(flat), 4)], (16, 34, 16, 34), ("LEFT",) * 4
    else:
        rows, widths = [section["heads"], *section["rows"]], tuple(section["widths"])
        aligns = tuple({"left": "LEFT", "right": "RIGHT", "centre": "CENTER"}[align] for align in section["aligns"])
    with pdf.table(col_widths=widths, text_align=aligns, first_row_as_headings=False, line_height=5) as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(cell)


def weasyprint() -> Engine:
    """HTML and CSS, PDF/A-2b."""
    from html import escape

    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    style = CSS(string=f"@font-face {{ font-family: W; src: url(file://{FONT}) }} @page {{ size: A4; margin: 15mm }}"
                "body { font: 9.5pt W } table { border-collapse: collapse; width: 100%; font-size: 8pt }"
                "td, th { border: .5pt solid; padding: 2pt } h1 { text-align: center; font-size: 22pt }",
                font_config=fonts)  # fmt: skip

    def table(rows: list[list[str]], aligns: list[str]) -> str:
        sides = [align.replace("centre", "center") for align in aligns]
        made = [
            "".join(f"<td style='text-align:{side}'>{escape(cell)}</td>" for cell, side in zip(row, sides, strict=True))
            for row in rows
        ]
        return "<table>" + "".join(f"<tr>{cells}</tr>" for cells in made) + "</table>"

    def draw(line: str) -> bytes:
        data = json.loads(line)
        parts = [f"<h1>{data['title']}</h1><div style='float:right;width:30mm'>{symbol_svg(data['code'])}</div>"]
        parts += [f"<p>{escape(a)} {escape(b)}</p>" for a, b in data["head"]]
        for section in data["sections"]:
            parts.append(f"<h2>{section['title']}</h2>")
            rows = section.get("fields") or [section["heads"], *section["rows"]]
            parts.append(table(rows, section.get("aligns", ["left", "left"])))
        parts += [f"<p>{escape(note)}</p>" for note in (*data["notes"], data["closing"], data["seal"], data["issuer"])]
        page = HTML(string=f"<html lang=zh><title>{data['title']}</title><body>{''.join(parts)}")
        return bytes(page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-2b"))

    return draw


ENGINES: dict[str, Callable[[], Engine]] = {
    "ours": ours, "typst": lambda: typst(tagged=False), "fpdf2": fpdf2, "weasyprint": weasyprint,
}  # fmt: skip


def main() -> None:
    """Answer lines until there are no more."""
    draw = ENGINES[sys.argv[1]]()
    for line in sys.stdin:
        page = line.rstrip("\n")
        try:
            start = time.perf_counter()
            pdf = draw(page)
        except NotTimed:
            start = time.perf_counter()
            pdf = draw(page)
        elapsed = (time.perf_counter() - start) * 1000
        sys.stdout.write(json.dumps([elapsed, len(pdf)]) + "\n")
        sys.stdout.flush()
        if len(sys.argv) > 2:
            Path(sys.argv[2]).write_bytes(pdf)


if __name__ == "__main__":
    main()
