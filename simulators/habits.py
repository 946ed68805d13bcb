"""Habits: how cards of different makers differ in what they accept and answer.

`t0`, `select-p1-02-only`, short ids and padded names are seen in public code that reads real cards; the others are
reconstructed from ISO 7816-4 (docs/decisions/0010-card-habits.md). A card without habits behaves as `t0`.
"""

from collections.abc import Collection

HABITS = {
    "select-p1-02-only": "an EF is selected with P1=02 only; P1=00 gets 6A86",
    "select-p1-04": "an EF is selected by name, P1=04; P1=00 and 02 get 6A86",
    "no-le-in-select": "SELECT with an Le field gets 6700",
    "no-fci": "SELECT of the application answers 9000 and no data",
    "ef-fci": "SELECT of an EF answers file control information too",
    "select-6283": "the application is invalidated: SELECT answers 6283, records are read, PIN and keys answer 6985",
    "no-short-ids": "reading by short id gets 6A82",
    "short-ids-only": "SELECT of an EF gets 6A81",
    "t0": "61xx and 6Cxx as T=0 cards answer, and an ATR that offers T=0 only",
    "t1": "Le=00 gives everything with 9000, a wrong Le 6Cxx, no Le on a read 6700",
    "wrong-le-6700": "a wrong Le gets 6700 and no hint of the right one",
    "le-too-long-warns": "an Le larger than the data gives the data and 6282",
    "chained-responses": "answers come in blocks of 16 bytes with 61xx; GET RESPONSE fetches the next",
    "extended-length": "extended Lc and Le are understood; other cards answer 6700",
    "padded-records": "records have 48 bytes; the TLV is followed by FF",
    "padded-records-nul": "records have 48 bytes; the TLV is followed by 00",
    "bank-beside": "a PBOC bank application lives beside ours; the witness tells who touches it",
    "records-need-pin": "EF06 answers 6982 until the PIN is verified",
    "no-tries-query": "VERIFY without data gets 6700 and spends nothing",
    "bcd-pin": "the PIN is 3 BCD bytes; another length gets 6700 and spends nothing",
    "blocked-says-63c0": "the try that blocks the PIN is answered with 63C0; later ones with 6983",
    "blocked-says-6984": "a blocked PIN answers 6984",
    "slow": "9600 bit/s: 1.25 ms a byte both ways",
}
EXCLUSIVE = (
    {"t0", "t1"},
    {"select-p1-02-only", "select-p1-04", "short-ids-only"},
    {"no-short-ids", "short-ids-only"},
    {"padded-records", "padded-records-nul"},
    {"no-fci", "select-6283"},
)


def check_habits(names: Collection[str]) -> frozenset[str]:
    """The habits as a set; ValueError names one that is unknown and two that exclude each other."""
    unknown = sorted(set(names) - set(HABITS))
    if unknown:
        raise ValueError(f"unknown habit {unknown[0]!r}; known: {', '.join(HABITS)}")
    for group in EXCLUSIVE:
        both = sorted(group & set(names))
        if len(both) > 1:
            raise ValueError(f"{' and '.join(both)} exclude each other")
    return frozenset(names)
