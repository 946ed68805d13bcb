"""`bin/central`: run the reference central platform, make cards, check paper."""

import json
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy import insert, make_url, update

from central.keys import Keys
from central.storage import cards, open_storage, terminals, writing
from central.synthetic.dice import PERSONS
from central.synthetic.person import NoSuchPerson

if TYPE_CHECKING:
    from sqlalchemy import Engine

DEFAULT_DATABASE = "sqlite:///var/central/central.db"
app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
Database = Annotated[str, typer.Option(help="SQLAlchemy URL; secrets lie in `keys` beside an SQLite file.")]
Number = Annotated[int, typer.Option("--person", help=f"Resident, 1 to {PERSONS:,}.")]


class CommandError(Exception):
    """A command can't do what was asked; the message is the sentence that is shown."""


def _keys(database: str) -> Keys:
    url = make_url(database)
    sqlite = url.get_backend_name() == "sqlite" and url.database
    folder = Path(url.database).parent / "keys" if sqlite and url.database else Path("var/central/keys")
    return Keys(Path(os.environ.get("ONECARD_CENTRAL_KEYS", folder)))


def _open(database: str) -> "tuple[Engine, Keys]":
    return open_storage(database), _keys(database)


@app.command(epilog="Example: bin/central serve --port 8080")
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8080,
    database: Database = DEFAULT_DATABASE,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    public_url: Annotated[str, typer.Option(help="How terminals call us; default http://HOST:PORT.")] = "",
    daily_limit: Annotated[int, typer.Option(min=1, help="Reads of one record per person and day.")] = 50,
) -> None:
    """Serve the contract's API; the first line says where."""
    import uvicorn

    from central.api.app import create_app
    from central.api.office import Context, Settings

    listener = socket.create_server((host, port))
    url = public_url or f"http://{host}:{listener.getsockname()[1]}"
    engine, keys = _open(database)
    application = create_app(Context(engine, keys, Settings(url, daily_limit)))
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", access_log=False))
    application.router.add_event_handler("startup", lambda: _say({"event": "ready", "url": url}))
    server.run(sockets=[listener])


def _say(fields: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@app.command(epilog="Example: bin/central seed --scale 0.001")
def seed(
    scale: Annotated[float, typer.Option(min=0, max=1, help="Part of the city; 1 is everyone.")] = 0.001,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Register the cards of the first residents; resumes where it was ended."""
    from central.seeding import register_cards

    engine, keys = _open(database)
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

    card = make_card(*_open(database), number, generation, expired=expired)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(card, file, ensure_ascii=False, indent=1)


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
    found = sources[kind](_keys(database).seed, number)
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
        verdict = check_online(*_open(database), found)
    _say(verdict.summary())
    if verdict.state != "valid":
        raise typer.Exit(1)


@app.command("status-list", epilog="Example: bin/central status-list > void.jwt")
def status_list(database: Database = DEFAULT_DATABASE) -> None:
    """The signed list of void documents, for verifiers without a network."""
    from central.status_list import make

    sys.stdout.write(make(*_open(database), "urn:onecard:status-list") + "\n")


@app.command(epilog="Example: bin/central register T44010500001 --public-key device.pem")
def register(
    terminal_id: Annotated[str, typer.Argument(help="12 characters.")],
    public_key: Annotated[Path, typer.Option(help="PEM or JWK of the terminal's device key.")],
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Allow a terminal, or replace its key."""
    from joserfc.jwk import ECKey
    from sqlalchemy import delete

    raw = public_key.read_bytes()
    jwk = ECKey.import_key(json.loads(raw) if raw.lstrip().startswith(b"{") else raw).as_dict(private=False)
    with writing(open_storage(database)) as connection:
        connection.execute(delete(terminals).where(terminals.c.terminal_id == terminal_id))
        connection.execute(insert(terminals).values(terminal_id=terminal_id, public_jwk=json.dumps(jwk), state="valid"))


@app.command(epilog="Example: bin/central lost --person 7")
def lost(number: Number, database: Database = DEFAULT_DATABASE) -> None:
    """Report a resident's card lost: it signs in no more."""
    with writing(open_storage(database)) as connection:
        connection.execute(update(cards).where(cards.c.person == number).values(state="lost"))


@app.command(epilog="Example: bin/central keys > seal-keys.json")
def keys(database: Database = DEFAULT_DATABASE) -> None:
    """Public document-signing keys (JWKS) and authority, for pinning in a terminal and for offline checks."""
    from central.checking import published

    _say(published(_keys(database)))


@app.command(epilog="Example: bin/central openapi > docs/openapi.json")
def openapi() -> None:
    """The API's OpenAPI description."""
    from central.api.app import create_app

    sys.stdout.write(json.dumps(create_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def main() -> None:
    """Run a command; what can't be done is one sentence on standard error."""
    try:
        app()
    except (CommandError, NoSuchPerson, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
