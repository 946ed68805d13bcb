"""`bin/simulators card|thermal|a4|site`: each a program of its own, steered by lines on standard input."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@app.command(epilog="Example: bin/simulators card person-7.json --reader 0 --latency 15")
def card(
    file: Annotated[Path | None, typer.Argument(help="Card file written by `central personalise`.")] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="Somebody's other card: bank, transport, sim, memory, empty-atr, nonsense-atr, silent."),
    ] = None,
    reader: Annotated[int, typer.Option(min=0, max=1, help="Slot of the virtual reader.")] = 0,
    latency: Annotated[float, typer.Option(min=0, help="Milliseconds added to every APDU.")] = 0,
    fault: Annotated[str, typer.Option(help="By name, as 'remove-after 3'; all: docs/protocol.md.")] = "none",
    absent: Annotated[bool, typer.Option(help="Start with the card outside.")] = False,
    contactless: Annotated[bool, typer.Option("--contactless", help="At the antenna, not at the contacts.")] = False,
    uid: Annotated[str, typer.Option(help="UID at the antenna: hex or 'random'; else the card's own.")] = "",
) -> None:
    """A social-security card (FILE) or somebody's other card (--kind) in the virtual reader of a real pcscd."""
    from simulators.card import run_card
    from simulators.plastic import KIND, plastic

    if (file is None) == (kind is None):
        raise typer.BadParameter("Give a card file or --kind, one of them.")
    run_card(plastic(KIND + kind if kind else str(file)), reader, latency, fault, absent, contactless, uid)


@app.command(epilog="Example: bin/simulators thermal --port 9100 --out slips")
def thermal(
    out: Annotated[Path, typer.Option(help="Folder for slip-NNN.png and slip-NNN.bin.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")] = 9100,
    speed: Annotated[int, typer.Option(min=1, help="Dot rows a second; 203 dpi at 250 mm/s is 2000.")] = 20000,
    serial: Annotated[bool, typer.Option("--serial", help="Also on a serial line; `ready` names its file.")] = False,
) -> None:
    """An 80 mm ESC/POS printer on a TCP port that leaves each slip as a picture."""
    from simulators.thermal import run_thermal

    run_thermal(out, port, speed, serial=serial)


@app.command(epilog="Example: bin/simulators a4 --out pages")
def a4(
    out: Annotated[Path, typer.Option(help="Folder for job-NNN.pdf and its pages as PNG.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")] = 0,
    counter: Annotated[bool, typer.Option("--counter", help="With a page counter, on a port of its own.")] = False,
) -> None:
    """A real IPP printer (ippeveprinter) that leaves each page as PDF and PNG."""
    from simulators.a4 import run_a4

    run_a4(out, port, counter=counter)


@app.command(epilog="Example: bin/simulators site --issuer http://127.0.0.1:8080 --key site.pem --port 8090")
def site(
    issuer: Annotated[str, typer.Option(help="Central's public address.")],
    key: Annotated[Path, typer.Option(help="The site's private key (PEM), made when it isn't there.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one.")] = 8090,
    client_id: Annotated[str, typer.Option(help="As central registered it.")] = "housing",
) -> None:
    """Another department's site that signs people in through central (OpenID Connect)."""
    from simulators.site import run_site

    run_site(issuer, client_id, key, port)


def main() -> None:
    """Run a simulator; SIGTERM and Ctrl-C end it."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    try:
        app()
    except (ValueError, OSError, RuntimeError) as error:
        print(error, file=sys.stderr)  # noqa: T201  # the program's one error sentence
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
