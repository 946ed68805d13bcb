"""`python -m benchmarks.fuzz_cards [--cards N]`: fuzzed cards through the decoder, judged by benchmarks/card_oracle.py.

Every card is a pure function of (seed, chunk), so a finding comes back.
Exit 1 when the decoder crashed, accepted wrongly or refused wrongly.
"""

import argparse
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import Pool

from benchmarks.card_oracle import Expected, Refuse, judge
from benchmarks.fuzz_material import Records, cards
from benchmarks.table import markdown
from card.errors import CardError
from card.records import CardData, decode, value_of

CHUNK = 5_000
SHORT, LONG = 100_000, 10_000_000


@dataclass
class Tally:
    """Outcomes by name, findings as (what, card), CPU seconds in the decoder."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[tuple[str, Records]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: "Tally") -> None:
        """Sum."""
        self.outcomes += other.outcomes
        self.findings += other.findings
        self.seconds += other.seconds


def read(records: Records) -> CardData | Exception:
    """What the decoder makes of a card: data, a refusal, or a crash."""
    try:
        return decode({tag: value_of(tag, record) for tag, record in records.items()})
    except Exception as error:  # noqa: BLE001  a crash is what this looks for
        return error


def finding(records: Records, answer: CardData | Exception) -> str | None:
    """What is wrong with an answer; None when it is right."""
    try:
        expected: Expected | None = judge(records)
    except Refuse:
        expected = None
    if isinstance(answer, Exception):
        if not isinstance(answer, CardError):
            return f"crash: {type(answer).__name__}"
        return f"wrong refusal: {answer}" if expected else None
    holder = answer.holder
    birth = holder.birth_date.isoformat() if holder.birth_date else ""
    codes = holder.sex, holder.ethnic, holder.birthplace
    got = Expected(holder.id_no, birth, *codes, answer.generation, holder.id_converted)
    return None if got == expected else f"wrong accept: {got} for {expected}"


def run_chunk(place: tuple[int, int]) -> Tally:
    """Make, decode and judge one chunk."""
    made, tally = list(cards(*place, CHUNK)), Tally()
    start = time.process_time()
    answers = [read(records) for records in made]
    tally.seconds = time.process_time() - start
    for records, answer in zip(made, answers, strict=True):
        tally.outcomes["accepted" if isinstance(answer, CardData) else type(answer).__name__] += 1
        if what := finding(records, answer):
            tally.outcomes[what.split(":")[0]] += 1
            tally.findings.append((what, records))
    return tally


def fuzz(count: int, seed: int, jobs: int) -> Tally:
    """`count` cards (rounded up to whole chunks) over `jobs` processes."""
    total, places = Tally(), [(seed, chunk) for chunk in range(-(-count // CHUNK))]
    with Pool(jobs) as pool:
        for tally in pool.imap_unordered(run_chunk, places):
            total.add(tally)
    return total


def report(total: Tally) -> str:
    """The outcomes as a table."""
    wrong = ("crash", "wrong accept", "wrong refusal")
    count = sum(n for name, n in total.outcomes.items() if name not in wrong)
    rows = [(name, f"{n:,}") for name, n in total.outcomes.most_common() if name not in wrong]
    rows += [(f"**{name}**", f"{total.outcomes[name]:,}") for name in wrong]
    rate = count / total.seconds if total.seconds else 0
    return markdown(("fuzzed cards", f"{count:,}"), rows) + f"\nDecoded at {rate:,.0f} cards a second of one core.\n"


def measure() -> str:
    """The short run, for the page of measurements."""
    return report(fuzz(SHORT, seed=1, jobs=os.cpu_count() or 1))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_cards", description=__doc__)
    parser.add_argument("--cards", type=int, default=SHORT, help=f"default {SHORT:,}; the long run is {LONG:,}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    total = fuzz(asked.cards, asked.seed, asked.jobs)
    sys.stdout.write(report(total))
    for what, records in total.findings[:10]:
        sys.stdout.write(f"{what}\n  { {f'{tag:02X}': record.hex() for tag, record in records.items()} }\n")
    return 1 if total.findings else 0


if __name__ == "__main__":
    sys.exit(main())
