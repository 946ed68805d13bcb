"""Who person N is: identity number, name, address, card. Nobody real: every number begins with 9901, no province."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from central.synthetic.check_digits import id_check_digit
from central.synthetic.dice import PERSONS, dice

HERE = Path(__file__).parent
DISTRICT_COUNT, BIRTH_DAYS, SEQUENCES = 11, 29_000, 999
FIRST_BIRTHDAY = date(1937, 1, 1)
CAPACITY = DISTRICT_COUNT * BIRTH_DAYS * SEQUENCES
# Coprime to CAPACITY, so that N → (N × STEP) mod CAPACITY never gives two persons one identity number.
STEP = 122_949_823
RARE_PER_MILLE, MINORITY_PER_MILLE, COMPOUND_PER_MILLE = 15, 20, 8


@dataclass(frozen=True)
class Person:
    """One resident. `district` is the code of GB/T 2260; `generation` that of the card."""

    number: int
    id_no: str
    name: str
    sex: str
    birth_date: date
    ethnic: str
    district: str
    district_name: str
    street: str
    address: str
    phone: str
    card_id: str
    card_no: str
    generation: int


class NoSuchPerson(ValueError):
    """The number is outside 1 … 38,525,400."""


@lru_cache(maxsize=4)
def table(name: str) -> dict[str, Any]:
    """One of the TOML tables beside this file."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def _name(throw: Random, sex: str) -> tuple[str, bool]:
    names, chance = table("names"), throw.randrange(1000)
    if chance < MINORITY_PER_MILLE:
        return throw.choice(names["minority"]["names"]), True
    compound = throw.randrange(1000) < COMPOUND_PER_MILLE
    surname = throw.choice(names["compound_surnames"] if compound else names["surnames"])
    characters = names["male" if sex == "1" else "female"]
    given = "".join(throw.choice(characters) for _ in range(throw.choice((1, 2, 2))))
    if chance < MINORITY_PER_MILLE + RARE_PER_MILLE:
        given = given[:-1] + throw.choice(sorted(names["rare"]))
    return surname + given, False


def person(seed: str, number: int) -> Person:
    """Resident `number`; raises NoSuchPerson outside 1 … 38,525,400."""
    if not 1 <= number <= PERSONS:
        raise NoSuchPerson(f"Person {number} does not exist; take a number from 1 to {PERSONS:,}.")
    return _person(seed, number)


def id_of_card(seed: str, number: int, earlier: int = 0) -> str:
    """Names a resident's card, 16 bytes in hex; `earlier`: how many of theirs were replaced."""
    word = f"{seed}|card|{number}|{earlier}" if earlier else f"{seed}|card|{number}"
    return f"4401{hashlib.sha256(word.encode()).hexdigest()[:20].upper()}{number:08d}"


@lru_cache(maxsize=4096)
def _person(seed: str, number: int) -> Person:
    place = number * STEP % CAPACITY
    district = table("places")["district"][place % DISTRICT_COUNT]
    birth_date = FIRST_BIRTHDAY + timedelta(days=place // DISTRICT_COUNT % BIRTH_DAYS)
    sequence = place // (DISTRICT_COUNT * BIRTH_DAYS) + 1
    sex = "1" if sequence % 2 else "2"
    first17 = f"9901{district['code'][4:]}{birth_date:%Y%m%d}{sequence:03}"
    throw = dice(seed, "person", number)
    name, minority = _name(throw, sex)
    street = throw.choice(district["streets"])
    return Person(
        number=number,
        id_no=first17 + id_check_digit(first17),
        name=name,
        sex=sex,
        birth_date=birth_date,
        ethnic=throw.choice(("05", "02", "04")) if minority else "01",
        district=district["code"],
        district_name=district["name"],
        street=street,
        address=f"广州市{district['name']}{street}测试路{throw.randint(1, 300)}号{throw.randint(101, 2804)}房",
        phone=f"990{throw.randrange(10**8):08}",
        card_id=id_of_card(seed, number),
        card_no=f"T{number:08d}",
        generation=throw.choice((2, 2, 3)),
    )
