"""The commands of `bin/kiosk`, and the one place where errors become a sentence and an exit status."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.__version__ import VERSION
from kiosk.cli.errors import CommandError
from kiosk.config import Config, ConfigurationError, load_config

if TYPE_CHECKING:
    from kiosk.journal.journal import Journal

DEFAULT_CONFIG = Path("terminal.toml")

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The OneCard terminal.", pretty_exceptions_enable=False
)
card_app = typer.Typer(no_args_is_help=True, help="The card in the reader.")
journal_app = typer.Typer(no_args_is_help=True, help="What this terminal issued and printed.")
print_app = typer.Typer(no_args_is_help=True, help="Test prints.")
app.add_typer(card_app, name="card")
app.add_typer(journal_app, name="journal")
app.add_typer(print_app, name="print")

ConfigOption = Annotated[Path, typer.Option("--config", help="The terminal's TOML.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


def say(line: str) -> None:
    """One line on standard output."""
    sys.stdout.write(line + "\n")


def _version(wanted: bool) -> None:
    if wanted:
        say(f"onecard-terminal {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say it, end.")] = False,
) -> None:
    """The OneCard terminal."""
    del version


@app.command(epilog="Example: bin/kiosk run --config terminal.toml")
def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run the terminal on this display until SIGTERM or Ctrl-C."""
    from kiosk.cli.run import run_terminal

    raise typer.Exit(run_terminal(config))


@app.command(epilog="Example: bin/kiosk doctor --config terminal.toml --json")
def doctor(
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
    fix: Annotated[bool, typer.Option("--fix", help="Make missing folders and keys.")] = False,
) -> None:
    """Check every part of this terminal; exit 1 when one is missing."""
    from kiosk.cli.doctor import examine

    findings = examine(config, fix=fix)
    if as_json:
        say(json.dumps([vars(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            say(f"{'ok     ' if finding.ok else 'MISSING'} {finding.part}: {finding.sentence}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@app.command(epilog="Example: bin/kiosk enrol 7KQ2M-XXXXX-XXXXX-XXXXX --config terminal.toml")
def enrol(
    code: Annotated[str, typer.Argument(help="One-time code of `central enrolment-code`.")] = "",
    renew: Annotated[
        bool, typer.Option("--renew", help="The next certificate, when less than 30 days are left.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Give this terminal a key and a certificate (EST); run `enrol --renew` daily."""
    from kiosk.cli import enrol as enrolling

    if bool(code) == renew:
        raise CommandError("Give the code, or --renew.")
    settings = load_config(config)
    say(enrolling.renew(settings) if renew else enrolling.enrol(settings, code))


@app.command("replay", epilog="Example: bin/kiosk replay visits/visit-000012.jsonl --out pictures")
def replay_command(
    recording: Annotated[Path, typer.Argument(help="A visit that a terminal recorded.")],
    out: Annotated[Path | None, typer.Option(help="Folder for pictures; without it, on the display.")] = None,
) -> None:
    """Show a recorded, masked visit again; exit 1 when this version does something else than the terminal did."""
    from kiosk.cli.replay import replay_visit

    difference = replay_visit(recording, out)
    say(f"first difference: {difference}" if difference else "The same screens as recorded.")
    raise typer.Exit(1 if difference else 0)


@card_app.command("read", epilog="Example: bin/kiosk card read --reader 'Virtual PCD' --json")
def card_read(
    reader: Annotated[str, typer.Option(help="A part of the reader's name.")] = "",
    recorded: Annotated[Path | None, typer.Option("--from", help="A transcript in place of a reader.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read EF05 and EF06 of the card that is in, or of one that was recorded, without PIN."""
    from kiosk.cli.card import read_values, replayed_values

    values = read_values(reader) if recorded is None else replayed_values(recorded)
    if as_json:
        say(json.dumps(values, ensure_ascii=False))
        return
    for name, value in values.items():
        say(f"{name:16} {'' if value is None else value}")


@card_app.command("trace", epilog="Example: bin/kiosk card trace --out card.jsonl")
def card_trace(
    out: Annotated[Path, typer.Option(help="The transcript to write; masked, it may be sent to support.")],
    reader: Annotated[str, typer.Option(help="A part of the reader's name.")] = "",
) -> None:
    """Record what terminal and card say to each other before the PIN; `card read --from` replays it."""
    from kiosk.cli.card import trace

    say(trace(reader, out))


def open_journal(config: Config) -> "Journal":
    """The journal of a configuration; CommandError when it isn't there yet."""
    from kiosk.journal import opening

    if not config.journal_path.exists():
        raise CommandError(f"There is no journal at {config.journal_path}; the terminal has not run yet.")
    return opening.open_journal(config)


@journal_app.command("list", epilog="Example: bin/kiosk journal list --config terminal.toml --json")
def journal_list(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Every document and how far it is; no personal data."""
    entries = open_journal(load_config(config)).entries()
    rows = [
        {"entry": e.number, "step": e.step.value, "kind": e.kind.value, "medium": e.medium.value, "doc_no": e.doc_no,
         "at": e.at.isoformat(), "detail": e.detail}
        for e in entries
    ]  # fmt: skip
    if as_json:
        say(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        fixed = f"{row['entry']:>6}  {row['step']:10} {row['medium']:5} {row['doc_no'] or '-':20}"
        say(f"{fixed} {row['at']}  {row['detail']}")


@journal_app.command("verify", epilog="Example: bin/kiosk journal verify --config terminal.toml")
def journal_verify(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Check the chain of all steps; exit 1 when something was changed."""
    problems = open_journal(load_config(config)).verify()
    if as_json:
        say(json.dumps({"ok": not problems, "problems": problems}))
    else:
        say("\n".join(problems) or "The journal is whole.")
    raise typer.Exit(1 if problems else 0)


@journal_app.command("report", epilog="Example: bin/kiosk journal report --day 2026-11-25 --central --json")
def journal_report(
    config: ConfigOption = DEFAULT_CONFIG,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Today, unless given.")] = None,
    with_central: Annotated[bool, typer.Option("--central", help="Compare each number with central.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The day's books: issued = confirmed + voided + open; exit 1 when they don't add up."""
    from kiosk.cli import journal as books

    settings = load_config(config)
    wanted = (day or datetime.now()).date()
    found = books.daily_report(settings, open_journal(settings), wanted, with_central=with_central)
    say(json.dumps(books.as_json(found), ensure_ascii=False) if as_json else books.as_text(found))
    raise typer.Exit(0 if found.adds_up else 1)


@journal_app.command("adopt", epilog="Example: bin/kiosk journal adopt --day 2026-11-25")
def journal_adopt(
    config: ConfigOption = DEFAULT_CONFIG,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Today, unless given.")] = None,
) -> None:
    """Take numbers that only central knows into the journal, as unknown: after a journal was lost or put back."""
    from kiosk.cli.journal import adopt_numbers

    settings = load_config(config)
    adopted = adopt_numbers(settings, open_journal(settings), (day or datetime.now()).date())
    say("\n".join(adopted) or "Central knows no number of that day that this journal doesn't.")


@journal_app.command("resolve", epilog="Example: bin/kiosk journal resolve 12 printed")
def journal_resolve(
    entry: Annotated[int, typer.Argument(help="Number from `journal list`.")],
    end: Annotated[str, typer.Argument(help="printed or void.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Say what became of an unknown document, after looking at the paper."""
    from kiosk.cli.journal import resolve_unknown

    if end not in ("printed", "void"):
        raise CommandError("Say `printed` when the paper came out whole, else `void`.")
    settings = load_config(config)
    say(resolve_unknown(settings, open_journal(settings), entry, printed=end == "printed"))


@print_app.command("slip", epilog="Example: bin/kiosk print slip --test --config terminal.toml")
def print_slip(config: ConfigOption = DEFAULT_CONFIG, test: Annotated[bool, typer.Option("--test")] = True) -> None:
    """A test slip, followed to its end."""
    from kiosk.cli.trial_print import print_test_slip

    del test
    _tell_outcome(*print_test_slip(load_config(config)))


@print_app.command("a4", epilog="Example: bin/kiosk print a4 --test --config terminal.toml")
def print_a4(config: ConfigOption = DEFAULT_CONFIG, test: Annotated[bool, typer.Option("--test")] = True) -> None:
    """A test page, followed to its end."""
    from kiosk.cli.trial_print import print_test_page

    del test
    _tell_outcome(*print_test_page(load_config(config)))


@print_app.command("history", epilog="Example: bin/kiosk print history --config terminal.toml --json")
def print_history(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """The A4 printer's own memory of jobs that ended; their names name nobody."""
    from kiosk.printers import printers

    jobs = printers(load_config(config)).a4.history()
    if as_json:
        say(json.dumps([vars(job) for job in jobs], ensure_ascii=False))
        return
    for job in jobs:
        pages = "-" if job.impressions is None else str(job.impressions)
        say(f"{job.id:>6}  {job.name:46} state {job.state}  pages {pages:>4}  {', '.join(job.reasons)}")


def _tell_outcome(end: str, evidence: str) -> None:
    say(f"{end}: {evidence}")
    raise typer.Exit(0 if end == "printed" else 1)


def main() -> None:
    """Run a command; what can't be done is one sentence on standard error."""
    from card.errors import CardError
    from card.transcript import TranscriptError
    from kiosk.journal.errors import JournalError
    from kiosk.recording.codec import NotARecording

    ours = (CommandError, ConfigurationError, CardError, TranscriptError, JournalError, NotARecording)
    expected = (*ours, LookupError, OSError)
    try:
        app()
    except expected as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error
