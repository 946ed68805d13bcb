"""Who may act for whom: relations between residents as the household register and notaries have them. Nobody real."""

from dataclasses import dataclass
from functools import lru_cache

from central.synthetic.contributions import CUTOFF
from central.synthetic.dice import PERSONS
from central.synthetic.person import Person, person

ADULT, ELDER = 18, 70
NEIGHBOURS = 60
YEARS_APART = range(20, 46)


@dataclass(frozen=True)
class Relation:
    """`ward` is the guardian's child (监护, household register) or elder (代办, notarised). Residents' numbers."""

    guardian: int
    ward: int
    kind: str
    basis: str


def _age(who: Person) -> int:
    return int((CUTOFF.date() - who.birth_date).days / 365.25)


@lru_cache(maxsize=4096)
def guardian_of(seed: str, ward: int) -> Relation | None:
    """Who acts for this resident: a parent for a minor, a grown child for somebody of 70 or more, else nobody."""
    age = _age(person(seed, ward))
    if ADULT <= age < ELDER:
        return None
    for number in range(ward + 1, min(ward + NEIGHBOURS, PERSONS) + 1):
        other = _age(person(seed, number))
        if ADULT <= other < ELDER and abs(other - age) in YEARS_APART:
            child = age < ADULT
            basis = f"{'HK' if child else 'GZ'}{person(seed, ward).district}{ward:08d}"
            return Relation(number, ward, "child" if child else "elder", basis)
    return None


def wards_of(seed: str, guardian: int) -> list[Relation]:
    """Everyone whom this resident may act for."""
    found = (guardian_of(seed, ward) for ward in range(max(1, guardian - NEIGHBOURS), guardian))
    return [relation for relation in found if relation is not None and relation.guardian == guardian]
