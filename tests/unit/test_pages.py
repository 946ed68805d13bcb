"""The pages that people read: every link leads somewhere, every file and every command that they name is there."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from central.__main__ import app as central
from kiosk.cli.main import app as kiosk
from simulators.__main__ import app as simulators

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")})
ROOMS = "backend_client|benchmarks|bin|card|central|city|demo|docs|kiosk|printing|simulators|tests"
APPLICATIONS = {"central": central, "kiosk": kiosk, "simulators": simulators}
COMMANDS = {name: get_command(application) for name, application in APPLICATIONS.items()}
PRESENT = [page for page in PAGES if page.name != "CHANGELOG.md"]
READMES = (ROOT / "README.md", ROOT / "README.zh.md")

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
PLACE = re.compile(rf"(?<![\w/.:-])(?:{ROOMS})/[\w./*-]*")
FILE = re.compile(r"(?<![\w/.*-])\w+\.(?:py|csv)\b")
MODULE = re.compile(rf"python -m ((?:{ROOMS})[\w.]*)")
CALL = re.compile(rf"bin/({'|'.join(COMMANDS)})\b([^`\n#>]*)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.S)


def named(page: Path) -> str:
    """For pytest."""
    return str(page.relative_to(ROOT))


@cache
def file_names() -> set[str]:
    """Of all code and tables, wherever they lie: pages name files of the folder that they speak of."""
    return {path.name for room in ROOMS.split("|") for path in (ROOT / room).rglob("*.*")}


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings: list[str] = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> Iterator[str]:
    """Links to files that are not there, or to headings that the file doesn't have."""
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield f"{path}#{anchor}"


def strange_places(page: Path) -> Iterator[str]:
    """Files, folders and modules of ours that are named as code and are not there."""
    for code in CODE.findall(page.read_text(encoding="utf-8")):
        yield from (place for place in PLACE.findall(code) if not any(ROOT.glob(place.rstrip("/."))))
        yield from (name for name in FILE.findall(code) if name not in file_names())
        yield from (module for module in MODULE.findall(code) if find_spec(module) is None)


def wrong_call(command: Any, words: list[str]) -> str | None:
    """What a line of ours says to a program that the program doesn't know."""
    while isinstance(command, TyperGroup) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if isinstance(command, TyperGroup) and words:
        return f"{command.name}: no command {words[0]}"
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    strange = [word for word in words if word.startswith("-") and word not in known]
    return f"{command.name}: no option {strange[0]}" if strange else None


def calls(page: Path) -> Iterator[tuple[Any, list[str]]]:
    """Every line that a page has for our programs; `a | b` stands for two lines."""
    for program, line in CALL.findall(page.read_text(encoding="utf-8")):
        for one in line.split(" | "):
            yield COMMANDS[program], one.split()


def leaves(command: Any, path: str) -> Iterator[str]:
    """All commands below this one, with the words that call them."""
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from leaves(below, f"{path} {name}")
    else:
        yield path


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [*broken_links(page)] == []


@pytest.mark.parametrize("page", PRESENT, ids=named)
def test_a_page_names_only_what_is_there(page: Path) -> None:
    assert [*strange_places(page)] == []
    assert [wrong for command, words in calls(page) if (wrong := wrong_call(command, words))] == []


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_readme_lists_every_command(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    listed = {
        f"{program} {' '.join(word for word in one.split() if not word.startswith('-'))}"
        for program, line in CALL.findall(text)
        for one in line.split(" | ")
    }
    assert {leaf for program, command in COMMANDS.items() for leaf in leaves(command, program)} - listed == set()


@pytest.mark.parametrize(
    ("program", "leaf"), [(name, leaf) for name in COMMANDS for leaf in leaves(COMMANDS[name], "")]
)
def test_every_command_explains_itself_with_an_example(program: str, leaf: str) -> None:
    said = CliRunner().invoke(APPLICATIONS[program], [*leaf.split(), "--help"])
    assert said.exit_code == 0
    assert f"bin/{program}{leaf}" in said.stdout
