"""The visits that the demo can make, by name: who comes, with which card, what they do, and what must come out."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from demo import account, guardian, link_phone, phone, site, visits
from demo.driver import Driver
from demo.street import Street
from demo.visits import Visit


@dataclass(frozen=True)
class Plan:
    """A visit by name: its script, record, default person, card generation, and the papers that must come out.

    `for_ward`: record and papers are those of somebody for whom the person may act.
    """

    script: Callable[[Visit], None]
    kind: str
    person: int
    papers: tuple[str, ...] = ()
    generation: int | None = None
    for_ward: bool = False


BOTH = ("slip", "a4")
PLANS = {
    "contributions": Plan(visits.whole, "contributions", 4, BOTH, 3),
    "family-planning": Plan(visits.in_english, "family-planning", 128, BOTH, 3),
    "wrong-pin": Plan(visits.wrong_pin, "contributions", 3),
    "card-pulled": Plan(visits.card_pulled, "contributions", 8),
    "paper-out": Plan(visits.paper_out, "contributions", 11, ("a4",)),
    "central-down": Plan(visits.central_down, "contributions", 6),
    "contributions-gen2": Plan(visits.whole, "contributions", 627, BOTH, 2),
    "family-planning-gen2": Plan(visits.whole, "family-planning", 5, BOTH, 2),
    "paper-refilled": Plan(visits.paper_refilled, "contributions", 12, ("slip",)),
    "change-pin": Plan(visits.change_pin, "contributions", 13),
    "access-log": Plan(visits.access_log, "contributions", 14, ("slip",)),
    "phone-copy": Plan(visits.phone_copy, "contributions", 14, ("a4",)),
    "phone-sign-in": Plan(phone.sign_in_by_phone, "contributions", 15),
    "account": Plan(account.account, "contributions", 16),
    "link-phone": Plan(link_phone.link_phone, "contributions", 21),
    "department-site": Plan(site.department_site, "contributions", 17),
    "guardian": Plan(guardian.for_an_elder, "contributions", 32, BOTH, for_ward=True),
}


def prepare(driver: Driver, street: Street, plan: Plan, person: int) -> Visit:
    """A card for the person, and what central will say."""
    options = ("--generation", str(plan.generation)) if plan.generation else ()
    card = street.personalise(person, *options)
    pin = json.loads(card.read_text(encoding="utf-8"))["pin"]
    ward = next(reversed(street.central.wards(person)), None) if plan.for_ward else None
    whose = ward if plan.for_ward else person
    record = street.central.record(whose, plan.kind) if whose is not None else None
    return Visit(driver, street, person, card, pin, plan.kind, record, ward)
