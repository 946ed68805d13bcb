"""Sounds: a real WAV, begun without waiting, silent with one line in the log where nothing can sound."""

import io
import logging
import stat
import wave
from array import array
from pathlib import Path

import pytest

from kiosk.session.commands import Cue
from kiosk.sound import LOUDNESS, RATE, TONES, AlsaSounds, tone


def samples(content: bytes) -> "array[int]":
    """The samples of a WAV, after its head was checked."""
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return array("h", file.readframes(file.getnframes()))


@pytest.mark.parametrize("cue", Cue)
def test_a_tone_lasts_and_is_as_loud_as_its_table_says(cue: Cue) -> None:
    found = samples(tone(cue, 0.5))
    assert len(found) == sum(round(RATE * seconds) for _, seconds in TONES[cue])
    loudest = max(abs(value) for value in found)
    assert loudest == pytest.approx(32_767 * 0.5 * LOUDNESS[cue], rel=0.01)
    assert abs(found[0]) < 10 and abs(found[-1]) < 200  # no click at either end


def test_a_reminder_is_gentler_than_a_forgotten_card() -> None:
    assert max(samples(tone(Cue.TAKE_CARD, 1.0))) < max(samples(tone(Cue.CARD_FORGOTTEN, 1.0)))


def program(folder: Path, script: str) -> None:
    """An `aplay` of ours, first on the path."""
    path = folder / "aplay"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def finished(sounds: AlsaSounds) -> None:
    """Until the cue has sounded."""
    with sounds._busy:
        pass


def test_a_cue_goes_to_aplay_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, f'echo "$@" > {tmp_path}/arguments; cat > {tmp_path}/heard.wav')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    sounds = AlsaSounds(0.6, "plughw:1")
    sounds.play(Cue.TAKE_CARD)
    finished(sounds)
    assert (tmp_path / "heard.wav").read_bytes() == tone(Cue.TAKE_CARD, 0.6)
    assert (tmp_path / "arguments").read_text() == "-q -D plughw:1 -\n"


def test_a_second_cue_does_not_wait_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, f"echo x >> {tmp_path}/count; cat > /dev/null")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    sounds = AlsaSounds(0.6)
    with sounds._busy:
        sounds.play(Cue.TAKE_CARD)
    assert not (tmp_path / "count").exists()
    sounds.play(Cue.TAKE_CARD)
    finished(sounds)
    assert (tmp_path / "count").read_text() == "x\n"


@pytest.mark.parametrize("script", [None, "echo 'no such device' >&2; exit 1"])
def test_silence_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, script: str | None
) -> None:
    if script is not None:
        program(tmp_path, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    sounds = AlsaSounds(0.6)
    for _ in range(3):
        sounds.play(Cue.CARD_FORGOTTEN)
        finished(sounds)
    lines = [record for record in caplog.records if record.name == "kiosk.sound"]
    assert len(lines) == 1
    assert lines[0].levelno == logging.INFO


def test_volume_nought_is_silent_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    AlsaSounds(0.0).play(Cue.TAKE_CARD)
    assert not caplog.records
