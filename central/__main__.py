"""`bin/central`: run the reference central platform, make cards, check paper."""

import gc
import json
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from sqlalchemy import insert, make_url

from backend_client.crypto.errors import CryptoError
from backend_client.crypto.suite import INTERNATIONAL
from central import access_log_commands
from central.conformance.command import conformance
from central.keys import Keys
from central.storage import open_storage, terminals, writing
from central.synthetic.dice import PERSONS
from central.synthetic.person import NoSuchPerson

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from central.card_keys import CardKeys

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
    card_key: Annotated[
        str,
        typer.Option(help="Master key of generation-2 cards: a pkcs11: URI, `file` (beside the database), or none."),
    ] = "none",
    tls: Annotated[
        bool, typer.Option("--tls", help="HTTPS, with certificates of the device CA; enrolment by EST.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes that serve; the database is all they share.")] = 1,
    sms: Annotated[bool, typer.Option("--sms", help="Print each SMS as a JSON line instead of sending none.")] = False,
) -> None:
    """Serve the contract's API; the first line says where."""
    import uvicorn

    from central.api.app import create_app
    from central.api.office import Context, Settings
    from central.api.tls import secured
    from central.identity.logout import Messenger
    from central.identity.single_use import forget_challenges
    from central.sms import NoSms, PrintedSms
    from central.workers import working

    listener = socket.create_server((host, port))
    # asyncio does this only for sockets that it makes itself; without it each answer's body waits 40 ms for an ACK
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    url = public_url or f"http{'s' if tls else ''}://{host}:{listener.getsockname()[1]}"
    prepared = open_storage(database)
    forget_challenges(prepared)
    prepared.dispose()
    with working(workers) as first:
        engine, keys = _open(database)
        keys.suite.generate()  # a machine without SM2 says so now, not at the first sign-in
        gateway = PrintedSms() if sms else NoSms()
        settings = Settings(url, daily_limit)
        application = create_app(Context(engine, keys, settings, _card_keys(card_key, keys), gateway))
        messenger = Messenger(engine, keys, url)
        config = uvicorn.Config(
            application, log_level="warning", access_log=False, http="httptools", loop="uvloop", ws="none",
            proxy_headers=False, server_header=False,
        )  # fmt: skip
        server = uvicorn.Server(secured(config, keys, urlsplit(url).hostname or host) if tls else config)
        if first:
            application.router.add_event_handler("startup", lambda: _say({"event": "ready", "url": url}))
            messenger.start()
        gc.freeze()  # what is loaded now stays: the collector need not walk it again and again
        server.run(sockets=[listener])
        if first:
            messenger.stop()


def _card_keys(place: str, keys: Keys) -> "CardKeys":
    from central.card_keys import NoCardKeys

    if place == "file":
        return keys.card_keys
    if place == "none":
        return NoCardKeys()
    from backend_client.crypto.pkcs11_place import parse
    from central.hsm import HsmCardKeys

    _demand_aes(keys)
    return HsmCardKeys(parse(place))


def _demand_aes(keys: Keys) -> None:
    if keys.suite is not INTERNATIONAL:
        raise CommandError(
            "The gm profile's card keys are SM4, for which PKCS #11 2.40 has no mechanism; use `--card-key file`."
        )


@app.command("hsm-import", epilog="Example: bin/central hsm-import 'pkcs11:token=onecard;object=card-master?…'")
def hsm_import(
    place: Annotated[str, typer.Argument(help="Where to: a pkcs11: URI (RFC 7512).")],
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Key ceremony: put the card master key into an HSM; afterwards its file can be locked away."""
    from backend_client.crypto.pkcs11_place import parse
    from central.hsm import import_master_key

    keys = _keys(database)
    _demand_aes(keys)
    import_master_key(parse(place), keys.card_master_key)


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

    _write_card(out, make_card(*_open(database), number, generation, expired=expired))


@app.command("personalise-staff", epilog="Example: bin/central personalise-staff --staff 0042 --out staff.json")
def personalise_staff(
    staff: Annotated[str, typer.Option(help="The attendant's work number.")],
    out: Annotated[Path, typer.Option(help="Card file to write (it holds the card's secrets: 0600).")],
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Make a work card for an attendant; it never opens a resident's records."""
    from central.personalise import personalise_staff as make_card

    _write_card(out, make_card(*_open(database), staff))


def _write_card(out: Path, card: dict[str, object]) -> None:
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


@app.command("enrolment-code", epilog="Example: bin/central enrolment-code T44010500001")
def enrolment_code(
    terminal_id: Annotated[str, typer.Argument(help="12 characters.")], database: Database = DEFAULT_DATABASE
) -> None:
    """A code that enrols a terminal once, within 24 hours: `kiosk enrol CODE` there."""
    from central.enrolment.register import new_code

    _say({"terminal": terminal_id, "code": new_code(open_storage(database), terminal_id)})


@app.command("revoke-terminal", epilog="Example: bin/central revoke-terminal T44010500001")
def revoke_terminal(
    terminal_id: Annotated[str, typer.Argument(help="12 characters.")], database: Database = DEFAULT_DATABASE
) -> None:
    """A stolen terminal: its certificates and sessions are dead at once."""
    from central.enrolment.register import revoke

    if not revoke(open_storage(database), terminal_id):
        raise CommandError(f"There is no terminal {terminal_id!r}; nothing was changed.")


@app.command("device-ca", epilog="Example: bin/central device-ca > device-ca.pem")
def device_ca(database: Database = DEFAULT_DATABASE) -> None:
    """The device CA's certificate (PEM), for pinning in a terminal."""
    from cryptography.hazmat.primitives.serialization import Encoding

    sys.stdout.write(_keys(database).device_ca.public_bytes(Encoding.PEM).decode())


def _public_jwk(path: Path) -> "dict[str, object]":
    from joserfc.jwk import ECKey

    raw = path.read_bytes()
    return dict(ECKey.import_key(json.loads(raw) if raw.lstrip().startswith(b"{") else raw).as_dict(private=False))


@app.command(epilog="Example: bin/central register T44010500001 --public-key device.pem")
def register(
    terminal_id: Annotated[str, typer.Argument(help="Up to 40 characters.")],
    public_key: Annotated[Path, typer.Option(help="PEM or JWK of the terminal's device key.")],
    database: Database = DEFAULT_DATABASE,
    resource: Annotated[str, typer.Option(help="For a resource server: its indicator (RFC 8707), an https URL.")] = "",
    place_zh: Annotated[str, typer.Option(help="Where it stands, for holders' access logs; see `place`.")] = "",
    place_en: Annotated[str, typer.Option(help="The same in English.")] = "",
) -> None:
    """Allow a terminal or a resource server, or replace its key."""
    from sqlalchemy import delete

    from backend_client.contract.access_log import Words
    from central.access_log.places import set_place

    jwk = json.dumps(_public_jwk(public_key))
    row = {"terminal_id": terminal_id, "public_jwk": jwk, "state": "valid", "resource": resource or None}
    row["kind"] = "service" if resource else "terminal"
    engine = open_storage(database)
    with writing(engine) as connection:
        connection.execute(delete(terminals).where(terminals.c.terminal_id == terminal_id))
        connection.execute(insert(terminals).values(**row))
    if place_zh or place_en:
        set_place(engine, terminal_id, Words(zh=place_zh or place_en, en=place_en or place_zh))


@app.command("register-site", epilog="Example: bin/central register-site housing --public-key site.pem --url URL")
def register_site(
    client_id: Annotated[str, typer.Argument(help="Up to 40 characters.")],
    public_key: Annotated[Path, typer.Option(help="PEM or JWK of the site's key.")],
    url: Annotated[str, typer.Option(help="The site; its addresses are URL/callback, /login and /logout.")],
    name_zh: Annotated[str, typer.Option(help="Its name on the sign-in page.")] = "住建局（测试）",
    name_en: Annotated[str, typer.Option(help="The same in English.")] = "Housing authority (test)",
    card_only: Annotated[bool, typer.Option("--card-only", help="A phone sign-in is not enough for it.")] = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Let another department's site sign people in (OpenID Connect), or replace its key."""
    from central.identity.scopes import ACR_CRYPTOGRAM, ACR_PHONE
    from central.identity.sites import Site
    from central.identity.sites import register_site as register_at

    addresses = (f"{url}/callback", f"{url}/login", f"{url}/logout")
    site = Site(client_id, name_zh, name_en, *addresses, ACR_CRYPTOGRAM if card_only else ACR_PHONE)
    register_at(open_storage(database), site, _public_jwk(public_key))


@app.command(epilog="Example: bin/central lost --person 7")
def lost(number: Number, database: Database = DEFAULT_DATABASE) -> None:
    """Report a resident's card lost: it signs in no more, and what it signed in to is over at once."""
    from central.identity.card_state import freeze

    freeze(open_storage(database), number)


@app.command(epilog="Example: bin/central profile gm")
def profile(
    name: Annotated[
        str, typer.Argument(help="international (ES256) or gm (国密: SM2, SM3, SM4); none: say which.")
    ] = "",
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Choose what cards and documents are signed with from the next start on; give terminals the new `central keys`."""
    found = _keys(database)
    if name:
        found.choose(name)
    _say({"profile": found.suite.name})


@app.command(epilog="Example: bin/central keys > seal-keys.json")
def keys(database: Database = DEFAULT_DATABASE) -> None:
    """Public document-signing keys (JWKS) and authority, for pinning in a terminal and for offline checks."""
    from central.checking import published

    _say(published(_keys(database)))


app.command(epilog="Example: bin/central conformance https://city.example --credentials test.toml")(conformance)


@app.command(epilog="Example: bin/central openapi > docs/openapi.json")
def openapi() -> None:
    """The API's OpenAPI description."""
    from central.api.app import create_app

    sys.stdout.write(json.dumps(create_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n")


access_log_commands.add_to(app, _open, DEFAULT_DATABASE)


def main() -> None:
    """Run a command; what can't be done is one sentence on standard error."""
    try:
        app()
    except (CommandError, CryptoError, LookupError, NoSuchPerson, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
