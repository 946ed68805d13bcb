"""The public verification page as HTML: two languages, nothing personal that the paper doesn't show.

It works without script; the only one adds a camera to the form where there is one.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Literal

from backend_client.contract.documents import ContributionsFacts, IssuedDocument
from backend_client.contract.masking import masked_id, masked_name
from backend_client.contract.totals import totals
from central.verification import SENTENCES, UNSIGNED_FILE, State, Verdict

Language = Literal["zh", "en"]
TONES = {State.VALID: "good", State.EXPIRED: "warn", State.UNKNOWN_KEY: "warn"}
WORDS = {
    "brand": ("自助终端凭证核验", "Check a terminal document"),
    "title": ("凭证核验", "Check a document"),
    "intro": (
        "对自助终端打印的凭证，可以拍照、上传文件，或输入编号和验真码。核验免费，无需登录。",
        "Take a picture, upload a file, or type the number and verify code of a document from a terminal. "
        "Free, no sign-in.",
    ),
    "picture": ("拍照或上传", "Picture or file"),
    "file": ("凭证照片、扫描件、PDF 或 OFD 文件", "Photo, scan, PDF or OFD of the document"),
    "file_hint": (
        "手机上可直接拍摄二维码。最大10 MB，核验后即删除。",
        "A phone can take the picture now. 10 MB at most; deleted after the check.",
    ),
    "camera": ("用摄像头", "Use a camera"),
    "take": ("拍下并核验", "Take and check"),
    "camera_sees": ("摄像头画面", "The camera's picture"),
    "camera_shown": ("请让二维码占满画面，拿稳后拍下。", "Let the symbol fill the picture, hold still, and take it."),
    "no_camera": (
        "不能使用摄像头：请在浏览器中允许，或上传照片。",
        "The camera can't be used: allow it in the browser, or upload a picture.",
    ),
    "type": ("输入编号", "Type it"),
    "doc_no": ("凭证编号", "Document no."),
    "doc_hint": ("例如 SB440105201701020001", "Such as SB440105201701020001"),
    "code": ("验真码", "Verify code"),
    "code_hint": ("16位，不含 0 1 I L O", "16 characters, without 0 1 I L O"),
    "check": ("核验", "Check"),
    "again": ("核验另一份", "Check another one"),
    "what": ("登记的内容，请与纸面逐项核对", "On record; compare it with the paper"),
    "kind": ("凭证名称", "Document"),
    "name": ("姓名", "Name"),
    "id_no": ("公民身份号码", "Identity number"),
    "issuer": ("开具单位", "Issued by"),
    "issued_at": ("开具时间", "Issued"),
    "valid_until": ("有效期至", "Valid until"),
    "terminal": ("终端编号", "Terminal"),
    "none": ("无", "None"),
    "totals": ("各险种合计（已到账，元）", "Totals by insurance (arrived, yuan)"),
    "insurance": ("险种", "Insurance"),
    "months": ("月数", "Months"),
    "emp_amt": ("单位缴费", "Employer"),
    "per_amt": ("个人缴费", "Personal"),
    "children": ("子女数", "Children"),
    "too_large": ("文件超过10 MB，请只上传凭证页。", "The file is larger than 10 MB; send the document's page only."),
    "foot": (
        "请确认网址属于发证机关。本平台现有数据均为测试数据，不具法律效力。",
        "Make sure that this address belongs to the issuing authority. All data are test data without legal force.",
    ),
}
INSURANCES = {
    "110": ("城镇职工基本养老保险", "Employee pension"), "210": ("失业保险", "Unemployment"),
    "310": ("职工社会医疗保险", "Employee medical"), "330": ("重大疾病医疗补助", "Serious illness"),
    "410": ("工伤保险", "Work injury"), "510": ("生育保险", "Maternity"),
    "170": ("城乡居民养老保险", "Resident pension"), "390": ("城乡居民医疗保险", "Resident medical"),
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """Language of the page, and its own address without the language."""

    language: Language
    path: str

    def say(self, name: str) -> str:
        """A text in the page's language, escaped."""
        return self.either(WORDS[name])

    def either(self, pair: tuple[str, str]) -> str:
        """The Chinese or the English one, escaped."""
        return escape(pair[0 if self.language == "zh" else 1])

    def page(self, title: str, content: str) -> str:
        """The whole page; title and content are markup."""
        other: Language = "en" if self.language == "zh" else "zh"
        return _template().substitute(
            lang="zh-CN" if self.language == "zh" else "en", title=title, brand=self.say("brand"), content=content,
            other_lang="en" if other == "en" else "zh-CN", other_name="English" if other == "en" else "中文",
            other_href=escape(f"{self.path}{'&' if '?' in self.path else '?'}lang={other}"), foot=self.say("foot"),
        )  # fmt: skip


CAMERA = (Path(__file__).parent / "verify_camera.js").read_text(encoding="utf-8")
CAMERA_HASH = f"sha256-{base64.b64encode(hashlib.sha256(CAMERA.encode()).digest()).decode()}"


@cache
def _template() -> Template:
    return Template((Path(__file__).parent / "verify.html").read_text(encoding="utf-8"))


def form_page(view: View) -> str:
    """Two forms: a file, or number and code."""
    say = view.say
    action = f"/verify?lang={view.language}"
    content = f"""<h1>{say("title")}</h1><p>{say("intro")}</p>
<form class="card" method="post" enctype="multipart/form-data" action="{action}"><h2>{say("picture")}</h2>
<label for="file">{say("file")}</label>
<input id="file" name="file" type="file" required aria-describedby="file-hint" \
accept="image/png,image/jpeg,application/pdf,application/ofd,.ofd,text/plain">
<p class="hint" id="file-hint">{say("file_hint")}</p>
<button>{say("check")}</button>
{_camera(view)}</form>
<form class="card" method="post" action="{action}"><h2>{say("type")}</h2>
<label for="doc_no">{say("doc_no")}</label><input id="doc_no" name="doc_no" required maxlength="40" \
autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="doc-hint">
<p class="hint" id="doc-hint">{say("doc_hint")}</p>
<label for="code">{say("code")}</label><input id="code" name="code" required maxlength="40" autocomplete="off" \
autocapitalize="characters" spellcheck="false" aria-describedby="code-hint">
<p class="hint" id="code-hint">{say("code_hint")}</p><button>{say("check")}</button></form>
<script>{CAMERA}</script>"""
    return view.page(say("title"), content)


def _camera(view: View) -> str:
    """Hidden until the script finds a camera."""
    say = view.say
    return f"""<div id="camera" hidden data-refused="{say("no_camera")}" data-shown="{say("camera_shown")}">
<video hidden muted playsinline aria-label="{say("camera_sees")}"></video>
<button type="button" class="second">{say("camera")}</button><button type="button" hidden>{say("take")}</button>
<p class="hint" role="status"></p></div>"""


def verdict_page(view: View, verdict: Verdict, document: IssuedDocument | None) -> str:
    """What the check says, and what the paper should say."""
    sentence = view.either(SENTENCES[verdict.state])
    content = _told(sentence, TONES.get(verdict.state, "bad"))
    if verdict.only_code:
        content += f'<p class="card note">{view.either(UNSIGNED_FILE)}</p>'
    if document is not None:
        content += f'<div class="card">{"".join(_facts(view, document))}</div>'
    return view.page(sentence, content + _again(view))


def too_large_page(view: View) -> str:
    """Nothing was checked."""
    sentence = view.say("too_large")
    return view.page(sentence, _told(sentence, "warn") + _again(view))


def _told(sentence: str, tone: str) -> str:
    return f'<div class="card verdict {tone}" role="status"><h1>{sentence}</h1></div>'


def _again(view: View) -> str:
    return f'<p><a href="/verify?lang={view.language}">{view.say("again")}</a></p>'


def _facts(view: View, document: IssuedDocument) -> Iterator[str]:
    facts, record = document.facts, document.facts.record
    name = facts.record.person.name if isinstance(facts, ContributionsFacts) else facts.record.name
    values = {
        "doc_no": document.doc_no,
        "kind": document.title if view.language == "zh" else document.title_en,
        "name": masked_name(name),
        "id_no": masked_id(record.subject_id_no),
        "issuer": document.issuer,
        "issued_at": f"{document.issued_at:%Y-%m-%d %H:%M}",
        "valid_until": document.valid_until.isoformat()
        if document.valid_until
        else WORDS["none"][view.language == "en"],
        "terminal": document.terminal_id,
    }
    if not isinstance(facts, ContributionsFacts):
        values["children"] = str(len(facts.record.children))
    rows = "".join(
        f'<tr role="row"><th scope="row" role="rowheader">{view.say(key)}</th><td role="cell">{escape(value)}</td></tr>'
        for key, value in values.items()
    )
    caption = f"<caption>{view.say('what')}</caption>"
    yield f'<table role="table">{caption}<tbody role="rowgroup">{rows}</tbody></table>'
    if isinstance(facts, ContributionsFacts):
        yield _totals(view, facts)


def _totals(view: View, facts: ContributionsFacts) -> str:
    """Roles are named because a phone shows the rows as blocks, which would take them away."""
    names = ("months", "emp_amt", "per_amt")
    heads = "".join(f'<th scope="col" role="columnheader">{view.say(name)}</th>' for name in ("insurance", *names))
    rows = ""
    for total in totals(facts.record.rows):
        values = (str(total.months), f"{total.emp_amt:.2f}", f"{total.per_amt:.2f}")
        cells = "".join(
            f'<td class="n" role="cell" data-head="{view.say(name)}">{value}</td>'
            for name, value in zip(names, values, strict=True)
        )
        kind = view.either(INSURANCES[total.kind.value])
        rows += f'<tr role="row"><th scope="row" role="rowheader">{kind}</th>{cells}</tr>'
    return (
        f'<table class="sums" role="table"><caption>{view.say("totals")}</caption><thead role="rowgroup">'
        f'<tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )
