"""Acting for a child or an elder: only while a record proves the relation, and never for the holder's own account."""

import hashlib
import time

from sqlalchemy import Connection, Engine, func, insert, select

from backend_client.contract.account import Ward
from backend_client.contract.masking import masked_id, masked_name
from central.errors import CentralRefusal
from central.identity.scopes import ACTING_SCOPES
from central.identity.tables import ended_relations, sessions
from central.identity.tokens import end
from central.storage import writing
from central.synthetic.household import Relation, guardian_of, wards_of
from central.synthetic.person import person

LOCK = 0x0CA2E  # any number that nothing else locks in this database together with a ward's


def relation_id(salt: bytes, relation: Relation) -> str:
    """Names the relation to its guardian; tells nothing of the ward."""
    text = f"{relation.guardian}|{relation.ward}|{relation.basis}"
    return hashlib.sha256(salt + text.encode()).hexdigest()[:32]


def relations(connection: Connection, seed: str, guardian: int) -> list[Relation]:
    """Everyone whom a person may act for now."""
    ended = select(ended_relations.c.ward).where(ended_relations.c.guardian == guardian)
    over = set(connection.execute(ended).scalars())
    return [relation for relation in wards_of(seed, guardian) if relation.ward not in over]


def wards(seed: str, salt: bytes, found: list[Relation]) -> tuple[Ward, ...]:
    """Relations as their guardian sees them."""
    return tuple(_ward(seed, salt, relation) for relation in found)


def _ward(seed: str, salt: bytes, relation: Relation) -> Ward:
    who = person(seed, relation.ward)
    return Ward(
        relation_id=relation_id(salt, relation), name=masked_name(who.name), id_no=masked_id(who.id_no),
        kind="child" if relation.kind == "child" else "elder", basis=relation.basis,
    )  # fmt: skip


def ward_of(connection: Connection, seed: str, salt: bytes, guardian: int, wanted: str, scope: str) -> int:
    """The ward behind a relation of this guardian. 403 `not_a_guardian` when no record proves it; invalid_scope.

    The relation holds until this transaction is over.
    """
    if not set(scope.split(" ")) <= ACTING_SCOPES:
        raise CentralRefusal(400, "invalid_scope", f"For a ward: {' '.join(sorted(ACTING_SCOPES))}.")
    for relation in wards_of(seed, guardian):
        if relation_id(salt, relation) == wanted and _holds(connection, relation):
            return relation.ward
    raise CentralRefusal(403, "not_a_guardian", "No record proves that the holder may act for this person.")


def _holds(connection: Connection, relation: Relation) -> bool:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(LOCK, relation.ward)))
    mine = (ended_relations.c.guardian == relation.guardian, ended_relations.c.ward == relation.ward)
    return connection.execute(select(ended_relations).where(*mine)).first() is None


def end_relation(engine: Engine, seed: str, ward: int) -> list[str] | None:
    """The record is withdrawn: nobody acts for the ward from now on. The sids that ended; None when nobody did."""
    relation = guardian_of(seed, ward)
    if relation is None:
        return None
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(LOCK, ward)))
        if not _holds(connection, relation):
            return None
        row = {"guardian": relation.guardian, "ward": ward, "ended": time.time()}
        connection.execute(insert(ended_relations).values(**row))
        return end(connection, sessions.c.person == ward, sessions.c.holder == relation.guardian)
