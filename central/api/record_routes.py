"""Records of the signed-in holder."""

from typing import Annotated

from fastapi import APIRouter, Depends

from backend_client.contract.contributions import Contributions
from backend_client.contract.family_planning import FamilyPlanning
from central.access_log.noting import CONTRIBUTIONS, FAMILY_PLANNING, Why, note_read
from central.api.office import Central, Scoped
from central.identity.tokens import Grant
from central.issuing import NoRecord
from central.synthetic.contributions import contributions
from central.synthetic.family_planning import family_planning

router = APIRouter(prefix="/api/v1", tags=["records"])


@router.get("/contributions")
def read_contributions(central: Central, grant: Annotated[Grant, Depends(Scoped("social"))]) -> Contributions:
    """Social-insurance contributions."""
    record = contributions(central.keys.seed, grant.person or 0)
    note_read(central, grant, CONTRIBUTIONS, Why("query", limited=True))
    return record


@router.get("/family-planning")
def read_family_planning(central: Central, grant: Annotated[Grant, Depends(Scoped("family"))]) -> FamilyPlanning:
    """The family-planning record; 404 `no_record` when there is none."""
    record = family_planning(central.keys.seed, grant.person or 0)
    note_read(central, grant, FAMILY_PLANNING, Why("query", found=record is not None, limited=True))
    if record is None:
        raise NoRecord
    return record
