"""A resident's card: frozen when it is lost, and given back at a counter, or replaced. A frozen card signs in no more,
and what it signed in to is over; one that was replaced never does again.
"""

from sqlalchemy import Connection, Engine, func, select, update

from central.identity.approvals import withdraw
from central.identity.tables import sessions, staff_cards
from central.identity.tokens import end
from central.storage import cards, writing


def freeze(engine: Engine, person: int) -> list[str]:
    """Lost: gives the sids of the sessions that ended. Tokens are looked up in this database, so it holds at once."""
    with writing(engine) as connection:
        in_use = update(cards).where(cards.c.person == person, cards.c.state == "valid")
        connection.execute(in_use.values(state="lost"))
        withdraw(connection, person)
        return end(connection, sessions.c.holder == person)


def frozen(engine: Engine, person: int) -> bool:
    """Is a card of this resident frozen?"""
    with engine.connect() as connection:
        lost = select(cards.c.card_id).where(cards.c.person == person, cards.c.state == "lost")
        return connection.execute(lost).first() is not None


def at_a_counter(engine: Engine, staff_id: str) -> bool:
    """Has this member of staff a work card in use?"""
    with engine.connect() as connection:
        own = select(staff_cards.c.card_id).where(staff_cards.c.staff_id == staff_id, staff_cards.c.state == "valid")
        return connection.execute(own).first() is not None


def unfreeze(engine: Engine, person: int) -> None:
    """Found again, and shown at a counter. What ended when it was frozen stays ended."""
    with writing(engine) as connection:
        found = update(cards).where(cards.c.person == person, cards.c.state == "lost")
        connection.execute(found.values(state="valid"))


def replace_lost(connection: Connection, person: int) -> int:
    """Another card is being made: those that were lost stay out for good. How many of this resident's are by now."""
    connection.execute(update(cards).where(cards.c.person == person, cards.c.state == "lost").values(state="replaced"))
    replaced = select(func.count()).where(cards.c.person == person, cards.c.state == "replaced")
    return connection.execute(replaced).scalar_one()
