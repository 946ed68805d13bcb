"""Acting for a child or an elder: only where a record proves the relation, and never for the holder's own account."""

import hashlib

from backend_client.contract.account import Ward
from backend_client.contract.masking import masked_id, masked_name
from central.errors import CentralRefusal
from central.identity.scopes import ACTING_SCOPES
from central.synthetic.household import Relation, wards_of
from central.synthetic.person import person


def relation_id(salt: bytes, relation: Relation) -> str:
    """Names the relation to its guardian; tells nothing of the ward."""
    text = f"{relation.guardian}|{relation.ward}|{relation.basis}"
    return hashlib.sha256(salt + text.encode()).hexdigest()[:32]


def wards(seed: str, salt: bytes, guardian: int) -> tuple[Ward, ...]:
    """Everyone whom a person may act for."""
    return tuple(_ward(seed, salt, relation) for relation in wards_of(seed, guardian))


def _ward(seed: str, salt: bytes, relation: Relation) -> Ward:
    who = person(seed, relation.ward)
    return Ward(
        relation_id=relation_id(salt, relation), name=masked_name(who.name), id_no=masked_id(who.id_no),
        kind="child" if relation.kind == "child" else "elder", basis=relation.basis,
    )  # fmt: skip


def ward_of(seed: str, salt: bytes, guardian: int, wanted: str, scope: str) -> int:
    """The ward behind a relation of this guardian. 403 `not_a_guardian` when no record proves it; invalid_scope."""
    if not set(scope.split(" ")) <= ACTING_SCOPES:
        raise CentralRefusal(400, "invalid_scope", f"For a ward: {' '.join(sorted(ACTING_SCOPES))}.")
    for relation in wards_of(seed, guardian):
        if relation_id(salt, relation) == wanted:
            return relation.ward
    raise CentralRefusal(403, "not_a_guardian", "No record proves that the holder may act for this person.")
