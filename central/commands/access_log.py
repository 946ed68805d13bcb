"""`bin/central access-log`: the log as a file, its keys, and checking a file without central."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from central.commands.application import DEFAULT_DATABASE, Database, app, keys_of, opened

group = typer.Typer(no_args_is_help=True, help="Who looked at whose data.")
app.add_typer(group, name="access-log")


@group.command("export", epilog="Example: bin/central access-log export log.jsonl")
def export(
    out: Annotated[Path, typer.Argument(help="File to write, JSON lines; it names no person.")],
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Write the whole log with its signed heads."""
    from central.access_log.appending import appender_of
    from central.access_log.export import export as lines_of

    engine, keys = opened(database)
    texts = lines_of(engine, appender_of(engine, keys), lambda number: keys.pairwise(number, "access-log"))
    with out.open("w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in texts)


@group.command("keys", epilog="Example: bin/central access-log keys > log-keys.json")
def keys(database: Database = DEFAULT_DATABASE) -> None:
    """Public keys of the signed heads (JWKS), for auditors to pin."""
    sys.stdout.write(json.dumps({"keys": [keys_of(database).access_log_key.as_dict(private=False)]}) + "\n")


@group.command("verify", epilog="Example: bin/central access-log verify log.jsonl --keys log-keys.json")
def verify(
    file: Annotated[Path, typer.Argument(help="What `access-log export` wrote.")],
    keys: Annotated[Path, typer.Option(help="JWKS that was fetched earlier; needs no database and no network.")],
    head: Annotated[list[str] | None, typer.Option(help="A signed head kept elsewhere; may repeat.")] = None,
    heads: Annotated[Path | None, typer.Option(help="What /access-log/heads said earlier (JSON).")] = None,
) -> None:
    """Check an exported log; exit 0 only when nothing was changed, taken out, moved or cut off."""
    from joserfc.jwk import ECKey

    from central.access_log.verify import verify as check

    pinned = [ECKey.import_key(key) for key in json.loads(keys.read_text(encoding="utf-8"))["keys"]]
    kept = json.loads(heads.read_text(encoding="utf-8"))["heads"] if heads is not None else ()
    with file.open(encoding="utf-8") as texts:
        verdict = check(texts, pinned, [*(head or ()), *kept])
    problems = [vars(problem) for problem in verdict.problems]
    told = {**vars(verdict), "ok": not problems, "problems": problems}
    sys.stdout.write(json.dumps(told) + "\n")
    if problems:
        raise typer.Exit(1)
