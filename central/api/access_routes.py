"""The holder's view of the access log."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from backend_client.contract.access_log import AccessLog
from central.access_log.reading import DAYS, OWN_LOG, head_for, lines_about, note_read
from central.api.account_routes import own
from central.api.office import Central, Scoped
from central.identity.tokens import Grant
from central.synthetic.person import person

router = APIRouter(prefix="/api/v1", tags=["account"])


@router.get("/access-log")
def access_log(central: Central, grant: Annotated[Grant, Depends(Scoped("account"))]) -> AccessLog:
    """Who read the holder's records in the last 90 days; this look is the first line of it."""
    number = own(grant)
    note_read(central, grant, OWN_LOG)
    return AccessLog(
        record_id=f"RZ{number:010}", subject_id_no=person(central.keys.seed, number).id_no,
        source_unit="广州市政务服务数据管理部门（测试）", theme_code="A001", updated_at=datetime.now(UTC), is_test=True,
        days=DAYS, lines=lines_about(central, number), head=head_for(central, number),
    )  # fmt: skip
