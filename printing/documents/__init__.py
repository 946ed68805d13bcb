"""The documents that exist: facts → declaration. One file for one kind of facts."""

from backend_client.contract.documents import ContributionsFacts, Facts
from printing.declaration import Declaration
from printing.documents.contributions import contributions
from printing.documents.family_planning import family_planning


def declare(facts: Facts) -> Declaration:
    """What the paper says about these facts."""
    if isinstance(facts, ContributionsFacts):
        return contributions(facts.record)
    return family_planning(facts.record)
