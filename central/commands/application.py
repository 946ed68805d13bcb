"""What the commands share: the application, the database option, and what they say.

Heavy imports happen inside the commands: most of what a short command takes is what it loads.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from central.synthetic.dice import PERSONS

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from central.keys import Keys

DEFAULT_DATABASE = "sqlite:///var/central/central.db"
HELP = "`bin/central`: run the reference central platform, make cards, check paper."
app = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP, pretty_exceptions_enable=False)
Database = Annotated[str, typer.Option(help="SQLAlchemy URL; secrets lie in `keys` beside an SQLite file.")]
Number = Annotated[int, typer.Option("--person", help=f"Resident, 1 to {PERSONS:,}.")]


class CommandError(Exception):
    """A command can't do what was asked; the message is the sentence that is shown."""


def keys_of(database: str) -> "Keys":
    from sqlalchemy import make_url

    from central.keys import Keys

    url = make_url(database)
    sqlite = url.get_backend_name() == "sqlite" and url.database
    folder = Path(url.database).parent / "keys" if sqlite and url.database else Path("var/central/keys")
    return Keys(Path(os.environ.get("ONECARD_CENTRAL_KEYS", folder)))


def opened(database: str) -> "tuple[Engine, Keys]":
    from central.storage import open_storage

    return open_storage(database), keys_of(database)


def say(fields: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
    sys.stdout.flush()
