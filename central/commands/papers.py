"""Records and documents: what they say, whether they are real, and what others need to check them."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from central.commands.application import DEFAULT_DATABASE, CommandError, Database, Number, app, keys_of, opened, say


@app.command(epilog="Example: bin/central record --person 7 --kind contributions --json")
def record(
    number: Number,
    kind: Annotated[str, typer.Option(help="contributions or family-planning.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output (the only form).")] = True,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """What the API answers for a resident, computed from the seed; `null` when there is no record."""
    from central.synthetic.contributions import contributions
    from central.synthetic.family_planning import family_planning

    del as_json
    sources = {"contributions": contributions, "family-planning": family_planning}
    if kind not in sources:
        raise CommandError(f"There is no kind {kind!r}; known: {', '.join(sources)}.")
    found = sources[kind](keys_of(database).seed, number)
    sys.stdout.write((found.model_dump_json() if found else "null") + "\n")


@app.command(epilog="Example: bin/central verify page.pdf --keys seal-keys.json --status-list void.jwt")
def verify(
    given: Annotated[str, typer.Argument(metavar="FILE|CODE", help="PDF, PNG or JPEG scan, text, or the code itself.")],
    keys: Annotated[Path | None, typer.Option(help="Published keys (JWKS): check offline, without a database.")] = None,
    status_list: Annotated[Path | None, typer.Option(help="Published list of void documents, for offline.")] = None,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Check a document; says what is wrong with it, and exits with 0 only when it is valid."""
    from central.checking import check_offline, check_online
    from central.evidence import evidence

    found = evidence(given)
    if keys is not None:
        verdict = check_offline(found, keys.read_text("utf-8"), status_list.read_text("ascii") if status_list else None)
    else:
        verdict = check_online(*opened(database), found)
    say(verdict.summary())
    if verdict.state != "valid":
        raise typer.Exit(1)


@app.command("status-list", epilog="Example: bin/central status-list > void.jwt")
def status_list(database: Database = DEFAULT_DATABASE) -> None:
    """The signed list of void documents, for verifiers without a network."""
    from central.status_list import make

    sys.stdout.write(make(*opened(database), "urn:onecard:status-list") + "\n")


@app.command(epilog="Example: bin/central profile gm")
def profile(
    name: Annotated[
        str, typer.Argument(help="international (ES256) or gm (国密: SM2, SM3, SM4); none: say which.")
    ] = "",
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Choose what cards and documents are signed with from the next start on; give terminals the new `central keys`."""
    found = keys_of(database)
    if name:
        found.choose(name)
    say({"profile": found.suite.name})


@app.command(epilog="Example: bin/central keys > seal-keys.json")
def keys(database: Database = DEFAULT_DATABASE) -> None:
    """Public document-signing keys (JWKS) and authority, for pinning in a terminal and for offline checks."""
    from central.certificates import published

    say(published(keys_of(database)))


@app.command(epilog="Example: bin/central openapi > docs/openapi.json")
def openapi() -> None:
    """The API's OpenAPI description."""
    from central.api.app import create_app

    sys.stdout.write(json.dumps(create_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
