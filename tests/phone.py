"""A phone's browser for tests of central's public pages: Debian's Chromium, axe-core, and pictures to look at.

Pictures are left in ONECARD_PICTURES, when that names a folder.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

CHROMIUM = "/usr/bin/chromium"
AXE = Path(__file__).parent / "interop" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
BREAKS = "options => axe.run(document, options).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
TOUCH = 44  # CSS pixels: what both phone makers ask of a target; WCAG 2.2 AA has 24 (2.5.8)


@dataclass(frozen=True)
class Look:
    """Language of the browser; width in CSS pixels; the reader's own size of text (16 is usual)."""

    locale: str
    width: int = 360
    text: int = 16

    @property
    def name(self) -> str:
        """For pictures and tests."""
        return f"{self.locale}{'-large' if self.text > 16 else ''}"


# Large: twice the text (WCAG 1.4.4) on the narrowest page that must do (1.4.10).
LOOKS = (Look("zh-CN"), Look("en-GB"), Look("zh-CN", 320, 32), Look("en-GB", 320, 32))


@contextmanager
def browser(look: Look, *arguments: str) -> Iterator[Browser]:
    """A browser of this look.

    Its one context has an empty page that stays open, and with it the process that draws: a fresh one for each test
    took 0.6 s of processor time more, for fonts and for compiling axe-core.
    """
    text = f"--blink-settings=defaultFontSize={look.text}"
    size = ViewportSize(width=look.width, height=740)
    with sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", text, *arguments])
        made.new_context(viewport=size, locale=look.locale, has_touch=True, is_mobile=True).new_page()
        yield made
        made.close()


@contextmanager
def phone(of: Browser, permissions: Sequence[str] = ()) -> Iterator[Page]:
    """A page of it, forgotten afterwards. What it says on its console fails the test, apart from 4xx of a page."""
    (context,) = of.contexts
    context.grant_permissions(permissions)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    yield page
    page.close()
    context.clear_cookies()
    context.clear_permissions()
    assert [line for line in said if "responded with a status of 4" not in line] == []


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[Any]:
    """What axe-core finds against WCAG 2.2 A and AA: rules with the elements."""
    page.evaluate(_axe())
    found: list[Any] = page.evaluate(BREAKS, {"runOnly": WCAG})
    return found


def seen(page: Page, look: Look, name: str) -> None:
    """Nothing sticks out of the phone, everything to press is large enough, no rule is broken; leave a picture."""
    folder = os.environ.get("ONECARD_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}-{look.name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= look.width
    for box in [one.bounding_box() for one in page.locator("button:visible, input:visible, header a").all()]:
        assert box is not None and box["height"] >= TOUCH
    assert violations(page) == []


def press(page: Page, button: str = "button") -> None:
    """Tap, and wait for the next page."""
    with page.expect_navigation():
        page.locator(button).first.tap()
