"""Slip printers' abilities, from `profiles.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Charset = Literal["ascii", "gb2312", "gbk"]


@dataclass(frozen=True)
class Profile:
    """One printer model; the fields are explained at the head of the table."""

    columns: int
    dots: int
    charset: Charset
    qr: Literal["native", "raster"]
    module: int
    escpos: str


@cache
def profiles() -> dict[str, Profile]:
    """All of them, by name."""
    table = tomllib.loads((Path(__file__).parent / "profiles.toml").read_text(encoding="utf-8"))
    return {name: Profile(**fields) for name, fields in table.items()}


DEFAULT = profiles()["generic-80"]
