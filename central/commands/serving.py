"""The server, and the key ceremony of its HSM."""

import gc
import socket
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from central.commands.application import DEFAULT_DATABASE, CommandError, Database, app, keys_of, opened, say

if TYPE_CHECKING:
    from central.card_keys import CardKeys
    from central.keys import Keys


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
    workers: Annotated[
        int,
        typer.Option(min=1, help="Processes that serve, each replaced when it dies; the database is all they share."),
    ] = 1,
    proxy: Annotated[
        str, typer.Option(help="Address of the proxy in front of this central; its X-Forwarded-For is believed.")
    ] = "",
    sms: Annotated[bool, typer.Option("--sms", help="Print each SMS as a JSON line instead of sending none.")] = False,
) -> None:
    """Serve the contract's API; the first line says where."""
    import uvicorn

    from central.api.app import create_app
    from central.api.office import Context, Settings
    from central.api.tls import secured
    from central.api.wire import Wire
    from central.identity.logout import Messenger
    from central.identity.single_use import forget_challenges
    from central.retention import Sweeper
    from central.sms import NoSms, PrintedSms
    from central.storage import open_storage
    from central.workers import working

    listener = socket.create_server((host, port))
    # asyncio does this only for sockets that it makes itself; without it each answer's body waits 40 ms for an ACK
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    url = public_url or f"http{'s' if tls else ''}://{host}:{listener.getsockname()[1]}"
    prepared = open_storage(database)
    forget_challenges(prepared)
    prepared.dispose()

    def work(first: bool) -> None:
        engine, keys = opened(database)
        keys.suite.generate()  # a machine without SM2 says so now, not at the first sign-in
        gateway = PrintedSms() if sms else NoSms()
        settings = Settings(url, daily_limit, proxy)
        application = create_app(Context(engine, keys, settings, _card_keys(card_key, keys), gateway))
        messenger, sweeper = Messenger(engine, keys, url), Sweeper(engine)
        config = uvicorn.Config(
            application, log_level="warning", access_log=False, http=Wire, loop="uvloop", ws="none",
            proxy_headers=False, server_header=False,
        )  # fmt: skip
        server = uvicorn.Server(secured(config, keys, urlsplit(url).hostname or host) if tls else config)
        if first:
            application.router.add_event_handler("startup", lambda: say({"event": "ready", "url": url}))
            messenger.start()
            sweeper.start()
        gc.freeze()  # what is loaded now stays: the collector need not walk it again and again
        server.run(sockets=[listener])
        if first:
            messenger.stop()
            sweeper.stop()

    working(workers, work)


def _card_keys(place: str, keys: "Keys") -> "CardKeys":
    from central.card_keys import NoCardKeys

    if place == "file":
        return keys.card_keys
    if place == "none":
        return NoCardKeys()
    from backend_client.crypto.pkcs11_place import parse
    from central.hsm import HsmCardKeys

    _demand_aes(keys)
    return HsmCardKeys(parse(place))


def _demand_aes(keys: "Keys") -> None:
    from backend_client.crypto.suite import INTERNATIONAL

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

    keys = keys_of(database)
    _demand_aes(keys)
    import_master_key(parse(place), keys.card_master_key)
