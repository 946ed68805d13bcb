"""The holder's view of the access log, and its signed heads for everyone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from backend_client.contract.access_log import AccessLog, PublishedHeads
from central.access_log import view
from central.access_log.noting import OWN_LOG, appender, note_in_session
from central.api.account_routes import own
from central.api.office import Central, Scoped
from central.identity.tokens import Grant

router = APIRouter(tags=["access log"])


@router.get("/api/v1/access-log")
def access_log(
    central: Central,
    grant: Annotated[Grant, Depends(Scoped("account"))],
    page: Annotated[str, Query(pattern=r"^([ab]\d{1,12})?$", description="`newer` or `older` of another page")] = "",
) -> AccessLog:
    """Who read the holder's records in the last 90 days; that it is looked at is one line of it, once a session."""
    number = own(grant)
    note_in_session(central, grant, OWN_LOG)
    return view.access_log(central, number, page)


@router.get("/access-log/heads")
def heads(central: Central) -> PublishedHeads:
    """How far each chain goes, signed, a minute old at most: whoever keeps these can tell later if lines are gone."""
    key = central.keys.access_log_key.as_dict(private=False)
    return PublishedHeads(keys=({name: str(value) for name, value in key.items()},),
                          heads=tuple(appender(central).published()))  # fmt: skip
