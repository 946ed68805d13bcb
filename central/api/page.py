"""Pages for phones, Chinese and English: one column, no script, nothing from elsewhere."""

import base64
import hashlib
import html
import tomllib
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse

WORDS = Path(__file__).with_name("pages.toml")
LANGUAGES = ("zh", "en")
STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'{{more}}; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def language(request: Request) -> str:
    """`lang` of the query, else what the browser asks for first, else Chinese."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"


class Page:
    """One page in one language; every word that comes from outside is escaped."""

    def __init__(self, request: Request, group: str) -> None:
        self.lang, self._group, self._request = language(request), group, request
        self._body: list[str] = []

    def say(self, key: str, **values: str) -> str:
        """A word of this page, escaped."""
        errors = _words()["error"]
        text = (_words()[self._group].get(key) or errors.get(key) or errors["other"])[LANGUAGES.index(self.lang)]
        return html.escape(text.format(**values))

    def add(self, markup: str) -> None:
        """More markup."""
        self._body.append(markup)

    def heading(self, key: str, **values: str) -> None:
        """The page's heading."""
        self.add(f"<h1>{self.say(key, **values)}</h1>")

    def note(self, key: str, kind: str = "") -> None:
        """A paragraph; `kind` warn or bad."""
        role = ' role="alert"' if kind == "bad" else ""
        self.add(f'<p class="{kind}"{role}>{self.say(key)}</p>')

    def shown(self, text: str) -> None:
        """Something to compare, large."""
        self.add(f'<p class="code">{html.escape(text)}</p>')

    def form(self, action: str, hidden: dict[str, str], inputs: list[str], buttons: list[tuple[str, str, str]]) -> None:
        """A form; `buttons`: (action value, word, class)."""
        kept = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in hidden.items()
        )
        pressed = "".join(
            f'<button name="action" value="{value}" class="{kind}">{self.say(word)}</button>'
            for value, word, kind in buttons
        )
        url = f"{action}?lang={self.lang}"
        self.add(f'<form method="post" action="{url}">{kept}{"".join(inputs)}{pressed}</form>')

    def link(self, path: str, query: dict[str, str], word: str) -> None:
        """To another page, in the same language."""
        url = html.escape(f"{path}?{urlencode({**query, 'lang': self.lang})}")
        self.add(f'<a class="button second" href="{url}">{self.say(word)}</a>')

    def input(self, name: str, word: str, attributes: str) -> str:
        """A labelled field."""
        return f'<label for="{name}">{self.say(word)}</label><input id="{name}" name="{name}" required {attributes}>'

    def answer(self, status: int = 200, form_targets: str = "") -> HTMLResponse:
        """The response. `form_targets`: other origins that a form of this page may end at."""
        other = "en" if self.lang == "zh" else "zh"
        name = {"zh": "中文", "en": "English"}[other]
        query = {k: v for k, v in self._request.query_params.items() if k != "lang"} | {"lang": other}
        toggle = html.escape(f"{self._request.url.path}?{urlencode(query)}")
        switch = f'<a href="{toggle}" lang="{other}">{name}</a>' if self._request.method == "GET" else ""
        lang, title = {"zh": "zh-CN", "en": "en"}[self.lang], self.say("title")
        content = (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
            f"<body><header><span>{title}</span>{switch}</header><main>{''.join(self._body)}</main></body></html>"
        )
        more = f" {form_targets}" if form_targets else ""
        return HTMLResponse(content, status, {name: value.format(more=more) for name, value in HEADERS.items()})


def failed(request: Request, group: str, key: str, status: int = 400) -> HTMLResponse:
    """A page that says what did not work."""
    page = Page(request, group)
    page.heading("not_done")
    page.note(key, "bad")
    return page.answer(status)
