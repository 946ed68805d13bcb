"""Records: typed as the contract says, about the holder and nobody else."""

from backend_client.contract.contributions import Contributions
from backend_client.contract.family_planning import FamilyPlanning
from central.conformance.check import check, demand, model, ok, refused
from central.conformance.outcome import Skip
from central.conformance.platform import Answer, Platform

CONTRIBUTIONS, FAMILY = "/api/v1/contributions", "/api/v1/family-planning"


def _record(platform: Platform, path: str) -> Answer:
    answer = platform.call(platform.session, "GET", path)
    if answer.error == "daily_limit":
        raise Skip("the test holder's reads are used up for today; come back tomorrow, or take another card")
    if answer.error == "no_record" and answer.status == 404:
        raise Skip("the test holder has no such record; take another card")
    return answer


@check("contributions", "Contributions are as the contract types them", "docs/openapi.json, Contributions")
def _contributions(platform: Platform) -> None:
    model(_record(platform, CONTRIBUTIONS), Contributions)


@check("contributions-own", "They are the holder's own", "docs/protocol.md, GET /api/v1/contributions")
def _own(platform: Platform) -> None:
    _about_the_holder(platform, _record(platform, CONTRIBUTIONS))


@check("family-planning", "The family-planning record is as the contract types it", "docs/openapi.json, FamilyPlanning")
def _family(platform: Platform) -> None:
    model(_record(platform, FAMILY), FamilyPlanning)


@check("family-planning-own", "It is the holder's own", "docs/protocol.md, GET /api/v1/family-planning")
def _family_own(platform: Platform) -> None:
    _about_the_holder(platform, _record(platform, FAMILY))


def _about_the_holder(platform: Platform, answer: Answer) -> None:
    holder = (platform.session.answer.get("holder") or {}).get("id_no")
    demand(ok(answer).members.get("subject_id_no") == holder, "it is about somebody else than the token's holder")


@check(
    "records-json",
    "Records come as application/json and are not to be stored",
    "RFC 8259 section 11; RFC 9111 s. 5.2.2",
)
def _json(platform: Platform) -> None:
    answer = ok(_record(platform, CONTRIBUTIONS))
    demand(answer.media_type == "application/json", f"Content-Type is {answer.media_type}")
    demand("no-store" in answer.headers.get("Cache-Control", ""), "Cache-Control has no no-store")


@check(
    "records-need-token", "Without a token: 401 with a DPoP challenge", "RFC 9449 section 7.1; RFC 9110 section 11.6.1"
)
def _need_token(platform: Platform) -> None:
    for path in (CONTRIBUTIONS, FAMILY):
        answer = refused(platform.ask("GET", path), "invalid_token", status=401)
        demand(answer.headers.get("WWW-Authenticate", "").startswith("DPoP"), "WWW-Authenticate names no DPoP")


@check("records-need-holder", "A terminal's own token opens no record", "docs/protocol.md, client_credentials")
def _need_holder(platform: Platform) -> None:
    refused(platform.call(platform.own, "GET", CONTRIBUTIONS), "insufficient_scope", status=403)
