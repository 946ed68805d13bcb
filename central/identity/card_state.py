"""A resident's card: frozen when it is lost. A frozen card signs in no more, and what it signed in to is over."""

from sqlalchemy import Engine, update

from central.identity.approvals import withdraw
from central.identity.tables import sessions
from central.identity.tokens import end
from central.storage import cards, writing


def freeze(engine: Engine, person: int) -> list[str]:
    """Lost: gives the sids of the sessions that ended. Tokens are looked up in this database, so it holds at once."""
    with writing(engine) as connection:
        connection.execute(update(cards).where(cards.c.person == person).values(state="lost"))
        withdraw(connection, person)
        return end(connection, sessions.c.holder == person)
