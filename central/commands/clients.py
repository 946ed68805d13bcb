"""Terminals, resource servers and sites: who may ask, from where, and with which certificate."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from central.commands.application import DEFAULT_DATABASE, CommandError, Database, app, keys_of, say

Revive = Annotated[bool, typer.Option("--revive", help="Also when it was revoked: it is let in again.")]


@app.command(epilog="Example: bin/central register T44010500001 --public-key device.pem")
def register(
    terminal_id: Annotated[str, typer.Argument(help="Up to 40 characters.")],
    public_key: Annotated[Path, typer.Option(help="PEM or JWK of the terminal's device key.")],
    database: Database = DEFAULT_DATABASE,
    resource: Annotated[str, typer.Option(help="For a resource server: its indicator (RFC 8707), an https URL.")] = "",
    place_zh: Annotated[str, typer.Option(help="Where it stands, for holders' access logs; see `place`.")] = "",
    place_en: Annotated[str, typer.Option(help="The same in English.")] = "",
    revive: Revive = False,
) -> None:
    """Allow a terminal or a resource server, or replace its key: who held the old one is out at once."""
    from backend_client.contract.access_log import Words
    from central.access_log.places import set_place
    from central.enrolment.admission import allow
    from central.storage import open_storage

    engine = open_storage(database)
    allow(engine, terminal_id, _public_jwk(public_key), resource, revive=revive)
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
    revive: Revive = False,
) -> None:
    """Let another department's site sign people in (OpenID Connect), or replace its key."""
    from central.identity.scopes import ACR_CRYPTOGRAM, ACR_PHONE
    from central.identity.sites import Site
    from central.identity.sites import register_site as register_at
    from central.storage import open_storage

    addresses = (f"{url}/callback", f"{url}/login", f"{url}/logout")
    site = Site(client_id, name_zh, name_en, *addresses, ACR_CRYPTOGRAM if card_only else ACR_PHONE)
    register_at(open_storage(database), site, _public_jwk(public_key), revive=revive)


@app.command("enrolment-code", epilog="Example: bin/central enrolment-code T44010500001")
def enrolment_code(
    terminal_id: Annotated[str, typer.Argument(help="12 characters.")],
    database: Database = DEFAULT_DATABASE,
    revive: Revive = False,
) -> None:
    """A code that enrols a terminal once, within 24 hours: `kiosk enrol CODE` there."""
    from central.enrolment.register import new_code
    from central.storage import open_storage

    say({"terminal": terminal_id, "code": new_code(open_storage(database), terminal_id, revive=revive)})


@app.command("revoke-terminal", epilog="Example: bin/central revoke-terminal T44010500001")
def revoke_terminal(
    terminal_id: Annotated[str, typer.Argument(help="12 characters.")], database: Database = DEFAULT_DATABASE
) -> None:
    """A stolen terminal: its certificates and sessions are dead at once."""
    from central.enrolment.register import revoke
    from central.storage import open_storage

    if not revoke(open_storage(database), terminal_id):
        raise CommandError(f"There is no terminal {terminal_id!r}; nothing was changed.")


@app.command("device-ca", epilog="Example: bin/central device-ca > device-ca.pem")
def device_ca(database: Database = DEFAULT_DATABASE) -> None:
    """The device CA's certificate (PEM), for pinning in a terminal."""
    from cryptography.hazmat.primitives.serialization import Encoding

    sys.stdout.write(keys_of(database).device_ca.public_bytes(Encoding.PEM).decode())


def _public_jwk(path: Path) -> "dict[str, object]":
    from joserfc.jwk import ECKey

    raw = path.read_bytes()
    return dict(ECKey.import_key(json.loads(raw) if raw.lstrip().startswith(b"{") else raw).as_dict(private=False))


@app.command("place", epilog="Example: bin/central place T44010500001 --zh 赤岗街道办 --en 'Chigang office'")
def place(
    client_id: Annotated[str, typer.Argument(help="A terminal, or a department's service.")],
    zh: Annotated[str, typer.Option(help="Where it stands, or what it is called, in Chinese.")],
    en: Annotated[str, typer.Option(help="The same in English.")],
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Say where a terminal stands: that is what holders read in their access log."""
    from backend_client.contract.access_log import Words
    from central.access_log.places import set_place
    from central.storage import open_storage

    set_place(open_storage(database), client_id, Words(zh=zh, en=en))
