"""Registering the cards of many residents; resumes after being ended, because it counts what is there."""

from collections.abc import Callable

from sqlalchemy import Engine, insert, select

from central.personalise import EXPIRES
from central.storage import cards, writing
from central.synthetic.person import person

BATCH = 2000


def register_cards(engine: Engine, seed: str, total: int, progress: Callable[[int], None]) -> None:
    """Make sure that residents 1 … total have a registered card, in transactions of 2000."""
    for first in range(1, total + 1, BATCH):
        last = min(first + BATCH - 1, total)
        with writing(engine) as connection:
            in_batch = cards.c.person.between(first, last)
            known = set(connection.execute(select(cards.c.person).where(in_batch)).scalars())
            people = [person(seed, number) for number in range(first, last + 1) if number not in known]
            if people:
                connection.execute(
                    insert(cards),
                    [
                        {"person": p.number, "card_id": p.card_id, "generation": p.generation, "state": "valid",
                         "expires": EXPIRES.isoformat()}
                        for p in people
                    ],
                )  # fmt: skip
        progress(last - first + 1)
