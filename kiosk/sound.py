"""A small port for sounds: a tone made by code, played by `aplay` beside the Qt thread. No sound daemon is needed.

Where there is no `aplay` or no sound device the terminal stays silent and says so once in the log. Loudness is in the
sample itself, so every use begins at the same level again (EN 301 549, 5.1.3.13); nothing a holder does changes it.
"""

import io
import logging
import math
import shutil
import struct
import subprocess
import threading
import wave
from functools import cache
from typing import Protocol

from kiosk.session.commands import Cue

log = logging.getLogger(__name__)

RATE = 22_050
FADE_SECONDS = 0.01
PLAY_SECONDS = 10
TONES: dict[Cue, tuple[tuple[float, float], ...]] = {
    Cue.TAKE_CARD: ((880.0, 0.16), (0.0, 0.06), (660.0, 0.24)),
    Cue.CARD_FORGOTTEN: ((880.0, 0.20), (0.0, 0.10), (880.0, 0.20), (0.0, 0.10), (660.0, 0.40)),
}
LOUDNESS = {Cue.TAKE_CARD: 0.5, Cue.CARD_FORGOTTEN: 1.0}
"""Of the configured volume: a reminder is gentler than a card that nobody takes."""


class Sounds(Protocol):
    """Something that lets a cue be heard."""

    def play(self, cue: Cue) -> None:
        """Begin; returns at once, never fails."""
        ...


def _samples(hertz: float, seconds: float, level: float) -> list[int]:
    count, fade = round(RATE * seconds), round(RATE * FADE_SECONDS)
    envelope = (min(1.0, index / fade, (count - index) / fade) for index in range(count))
    turn = 2 * math.pi * hertz / RATE
    return [round(32_767 * level * edge * math.sin(turn * index)) for index, edge in enumerate(envelope)]


@cache
def tone(cue: Cue, volume: float) -> bytes:
    """A WAV: 16 bit, mono. `volume` from 0 to 1."""
    level = volume * LOUDNESS[cue]
    samples = [value for hertz, seconds in TONES[cue] for value in _samples(hertz, seconds, level)]
    packed, file = struct.pack(f"<{len(samples)}h", *samples), io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(packed)
    return file.getvalue()


class AlsaSounds:
    """Plays with `aplay`, one cue at a time; a cue that comes while another sounds is left out."""

    def __init__(self, volume: float, device: str = "default") -> None:
        self._volume, self._device = volume, device
        self._program = shutil.which("aplay")
        self._busy, self._told = threading.Lock(), False

    def play(self, cue: Cue) -> None:
        """In a thread of its own."""
        if self._volume == 0 or not self._busy.acquire(blocking=False):
            return
        if self._program is None:
            self._silent("there is no aplay; install alsa-utils")
            self._busy.release()
            return
        threading.Thread(target=self._run, args=(self._program, cue), name="sound", daemon=True).start()

    def _run(self, program: str, cue: Cue) -> None:
        command = [program, "-q", "-D", self._device, "-"]
        try:
            done = subprocess.run(
                command, input=tone(cue, self._volume), capture_output=True, timeout=PLAY_SECONDS, check=False
            )
            if done.returncode != 0:
                self._silent(done.stderr.decode(errors="replace").strip().splitlines()[-1:])
        except (OSError, subprocess.TimeoutExpired) as error:
            self._silent(type(error).__name__)
        finally:
            self._busy.release()

    def _silent(self, why: object) -> None:
        if not self._told:
            self._told = True
            log.info("no sound: %s", why)
