"""Deterministic chance: the same (seed, kind, number) throws the same dice on every machine."""

import hashlib
import random

PERSONS = 38_525_400
DEFAULT_SEED = "guangzhou-2016"


def dice(seed: str, kind: str, number: int) -> random.Random:
    """A random source for one record of one person; `number` from 1 to 38,525,400."""
    digest = hashlib.sha256(f"{seed}|{kind}|{number}".encode()).digest()
    return random.Random(int.from_bytes(digest, "big"))
