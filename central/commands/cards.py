"""Cards: made, counted in, reported lost."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from central.commands.application import DEFAULT_DATABASE, CommandError, Database, Number, app, opened
from central.synthetic.dice import PERSONS


@app.command(epilog="Example: bin/central seed --scale 0.001")
def seed(
    scale: Annotated[float, typer.Option(min=0, max=1, help="Part of the city; 1 is everyone.")] = 0.001,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Register the cards of the first residents; resumes where it was ended."""
    from central.seeding import register_cards

    engine, keys = opened(database)
    total = round(PERSONS * scale)
    with typer.progressbar(length=total, file=sys.stderr, label="cards") as bar:
        register_cards(engine, keys.seed, total, bar.update)


@app.command(epilog="Example: bin/central personalise --person 7 --out person-7.json")
def personalise(
    number: Number,
    out: Annotated[Path, typer.Option(help="Card file to write (it holds the card's secrets: 0600).")],
    generation: Annotated[int | None, typer.Option(min=2, max=3, help="Default: as the person's card is.")] = None,
    expired: Annotated[bool, typer.Option(help="A card past its term.")] = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Make a card for a resident."""
    from central.personalise import personalise as make_card

    _write_card(out, make_card(*opened(database), number, generation, expired=expired))


@app.command("personalise-staff", epilog="Example: bin/central personalise-staff --staff 0042 --out staff.json")
def personalise_staff(
    staff: Annotated[str, typer.Option(help="The attendant's work number.")],
    out: Annotated[Path, typer.Option(help="Card file to write (it holds the card's secrets: 0600).")],
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Make a work card for an attendant; it never opens a resident's records."""
    from central.personalise import personalise_staff as make_card

    _write_card(out, make_card(*opened(database), staff))


def _write_card(out: Path, card: dict[str, object]) -> None:
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(card, file, ensure_ascii=False, indent=1)


@app.command(epilog="Example: bin/central wards --person 32 --json")
def wards(
    number: Number,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output (the only form).")] = True,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Whom this resident may act for now, by number, and the record that proves it."""
    from central.identity.guardians import relations

    del as_json
    engine, keys = opened(database)
    with engine.connect() as connection:
        found = relations(connection, keys.seed, number)
    lines = [{"person": one.ward, "kind": one.kind, "basis": one.basis} for one in found]
    sys.stdout.write(json.dumps(lines, ensure_ascii=False) + "\n")


@app.command("end-guardianship", epilog="Example: bin/central end-guardianship --person 12")
def end_guardianship(number: Number, database: Database = DEFAULT_DATABASE) -> None:
    """The record by which somebody acts for this resident is withdrawn: what they do for them now is over at once."""
    from central.identity.guardians import end_relation

    engine, keys = opened(database)
    if end_relation(engine, keys.seed, number) is None:
        raise CommandError(f"Nobody acts for resident {number}; nothing was changed.")


@app.command(epilog="Example: bin/central lost --person 7")
def lost(number: Number, database: Database = DEFAULT_DATABASE) -> None:
    """Report a resident's card lost: it signs in no more, and what it signed in to is over at once."""
    from central.identity.card_state import freeze
    from central.storage import open_storage

    freeze(open_storage(database), number)


@app.command(epilog="Example: bin/central unfreeze --person 7 --staff 0042 --counter haizhu-counter-3")
def unfreeze(
    number: Number,
    staff: Annotated[str, typer.Option(help="Work number of who has seen holder, card and identity card.")],
    counter: Annotated[str, typer.Option(help="Where; `place` gives it words for the holder's access log.")],
    database: Database = DEFAULT_DATABASE,
) -> None:
    """At a counter: a frozen card was found, and signs in again. The holder's access log says who gave it back."""
    from central.access_log.noting import CARD, Reader, Why, note
    from central.api.office import Context, Settings
    from central.identity.card_state import at_a_counter, frozen
    from central.identity.card_state import unfreeze as give_back

    engine, keys = opened(database)
    if not at_a_counter(engine, staff):
        raise CommandError(f"{staff!r} has no work card (`personalise-staff`); nothing was changed.")
    if not frozen(engine, number):
        raise CommandError(f"No card of resident {number} is frozen; nothing was changed.")
    note(Context(engine, keys, Settings("")), number, Reader(counter, staff, "office"), CARD, Why("unfreeze"))
    give_back(engine, number)
