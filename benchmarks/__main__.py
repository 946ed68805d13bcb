"""`bin/benchmark`: all measurements in one run, as Markdown on standard output."""

import platform
import sys
from datetime import UTC, datetime

from benchmarks import access_log, card_read, first_frame, fuzz_cards, identity, paper, visits

HEAD = """# Measurements

`bin/benchmark > benchmarks/README.md` makes this page: every pair is measured turn by turn in one run,
so that a busy machine slows both sides. Times are of this run only; nothing tests against them.

{date} · {system} · Python {python} · simulated card and printers (real pcscd, IPP and TCP)

## Card read

{card}
## Fuzzed cards

Cards of all encodings, damaged cards and noise through the decoder, judged by an oracle that is not the decoder
(`benchmarks/card_oracle.py`). The long run: `python -m benchmarks.fuzz_cards --cards 10000000`.

{fuzz}
## Visits

The driver touches the real widgets without pause, so this is the machine's part of a visit.
pcscd polls the virtual reader every 400 ms (0–400 ms of each tap); a hardware reader interrupts.

{visits}
## Paper

From facts to PDF bytes in memory, processes kept, each page another resident's. The peers draw the same strings in
their own way, with the same font and the same symbol library.

{paper}
## Access log

Lines of 1 to 40 readers at once, each with its daily count, on disk (SQLite with `synchronous=FULL`, PostgreSQL as it
comes): a transaction for every line against transactions that all who wait share; *unwatched* signs without following
the chain first. Then what the log costs a call, in turns with nothing in its place.

{log}

## Sign-in and tokens

`python -m benchmarks.identity`. Our central (SQLite) beside oidc-provider (npm, certified; tokens in a Map, lost when
it ends) with the same card grant, DPoP with server nonces and one-time assertions, over TLS, each on the same one core.
The load is a process on the other core that signs beforehand; "busy" is the part of the time that it computed. "A
second of one core" counts the server's own processor time; other work on the machine stretches it less than the clock.

{identity}
## Start

{start}"""


def main() -> None:
    """Measure and write."""
    sys.stdout.write(
        HEAD.format(
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            system=platform.platform(terse=True),
            python=platform.python_version(),
            card=card_read.measure(),
            fuzz=fuzz_cards.measure(),
            visits=visits.measure(),
            paper=paper.measure(),
            log=access_log.measure(),
            identity=identity.measure(),
            start=first_frame.measure(),
        )
    )


if __name__ == "__main__":
    main()
