"""Control lines of the simulators: each command has one answer, and a wrong one says what would be right."""

import io
import json
from collections.abc import Callable

import pytest

from simulators import control

Answers = Callable[..., list[control.Answer]]

COMMANDS: dict[str, control.Command] = {
    "paper": lambda words: {"paper": ["ok", "out"].index(words[0])},
    "eject": lambda _words: {"card": "out"},
}


class Ended(Exception):
    """Instead of waiting for a signal."""


class Event:
    """Of a program that is ended when its standard input is."""

    def wait(self) -> None:
        """Not at all."""
        raise Ended


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Answers:
    """What is said to lines, until standard input ends."""
    monkeypatch.setattr("simulators.control.threading.Event", Event)

    def said(*lines: str) -> list[control.Answer]:
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
        with pytest.raises(Ended):
            control.serve_commands(COMMANDS)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return said


def test_every_line_has_one_answer_that_names_it(answers: Answers) -> None:
    said = answers("paper out", "", "   ", "eject now")
    assert said == [{"answer": "paper", "paper": 1}, {"answer": "eject", "card": "out"}]


def test_an_unknown_command_is_told_the_known_ones(answers: Answers) -> None:
    assert answers("dance") == [{"answer": "dance", "error": "Unknown command 'dance'; known: eject, paper."}]


@pytest.mark.parametrize("line", ["paper", "paper torn"])
def test_a_wrong_word_is_an_error_and_the_next_line_is_answered(answers: Answers, line: str) -> None:
    wrong, right = answers(line, "paper ok")
    assert str(wrong["error"]).startswith(f"{line.split(maxsplit=1)[0]} ") and right == {"answer": "paper", "paper": 0}


def test_what_is_said_is_one_line_and_stays_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    control.say(event="ready", place="海珠\n街道")
    assert capsys.readouterr().out == '{"event": "ready", "place": "海珠\\n街道"}\n'
