"""Checking an exported log without central: nothing but the file and the pinned key.

Told apart: a line that was changed, that is missing, that stands elsewhere, that is filed where its holder doesn't see
it, an end that was cut off, and a head that the key did not sign. Said besides: lines that no head covers yet, and
places where the clock went back.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from joserfc.jwk import ECKey

from central.access_log.chain import SHARDS, START, link
from central.access_log.export import FORMAT
from central.access_log.heads import NotAHead, read_head

MOST_MISSING = 1_000_000


class NotALog(ValueError):
    """The file is no export of the access log."""


@dataclass(frozen=True)
class Problem:
    """`kind`: changed, missing, reordered, misfiled, cut, or forged (a head that the key did not sign)."""

    kind: str
    shard: int
    number: int


@dataclass(frozen=True)
class Verdict:
    """What was read, and what is wrong with it.

    `heads`: the newest signed number of each shard; `unsigned`: how many lines stand after it, which their writer could
    still replace; `clock_back`: (shard, number) of lines that say an earlier time than the one before.
    """

    lines: int
    heads: Mapping[int, int]
    unsigned: Mapping[int, int]
    clock_back: tuple[tuple[int, int], ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Stored:
    """A line of the file."""

    shard: int
    number: int
    at: str
    body: str
    chain: str
    misfiled: bool


@dataclass
class _Chain:
    """How far one shard has been followed."""

    heads: dict[int, str]
    expected: int = 1
    chain: str = START
    at: str = ""
    gaps: set[int] = field(default_factory=set)

    def follow(self, line: _Stored) -> Iterator[tuple[str, int]]:
        """Take the next line of the file."""
        number = line.number
        if number < self.expected:
            self.gaps.discard(number)
            yield "reordered", number
            return
        if number - self.expected > MOST_MISSING:
            raise NotALog("More than a million lines are missing in one place; this is no log.")
        if number > self.expected:
            self.gaps.update(range(self.expected, number))
        elif link(self.chain, line.body) != line.chain:
            yield "changed", number
        if self.heads.get(number, line.chain) != line.chain:
            yield "changed", number  # the link was made anew, but not by whoever signs
        if line.misfiled:
            yield "misfiled", number
        if line.at < self.at:
            yield "clock", number
        self.expected, self.chain, self.at = number + 1, line.chain, line.at

    def end(self) -> Iterator[tuple[str, int]]:
        """What is still open when the file is over."""
        yield from (("missing", number) for number in sorted(self.gaps))
        if self.signed >= self.expected:
            yield "cut", self.expected

    @property
    def signed(self) -> int:
        """The newest number that a head covers."""
        return max(self.heads, default=0)


def _object(text: str) -> dict[str, object]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise NotALog("A line of the file is not an object; take the file as `central access-log export` wrote it.")
    return value


def _line(raw: dict[str, object]) -> _Stored:
    body, chain = str(raw["body"]), str(raw["chain"])
    fields = _object(body)
    if len(bytes.fromhex(chain)) != 32:
        raise NotALog("A link of the file is no SHA-256; take the file as it was exported.")
    shard, number = int(str(fields["shard"])), int(str(fields["number"]))
    return _Stored(shard, number, str(fields.get("at", "")), body, chain, bool(raw.get("misfiled")))


def verify(file: Iterable[str], keys: Iterable[ECKey], also: Iterable[str] = ()) -> Verdict:
    """Check a whole file. `also`: heads that were kept elsewhere (published, a backup), which the file must reach.

    NotALog when it can't be read at all.
    """
    texts, known = iter(file), tuple(keys)
    try:
        if _object(next(texts, "null")).get("format") != FORMAT:
            raise NotALog("This is no export of the access log; take `central access-log export`.")
        return _followed(texts, known, also)
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, NotALog):
            raise
        raise NotALog(f"A line of the file can't be read ({type(error).__name__}); take it whole.") from error


def _followed(texts: Iterator[str], keys: tuple[ECKey, ...], also: Iterable[str]) -> Verdict:
    chains = {shard: _Chain({}) for shard in range(SHARDS)}
    found: list[Problem] = []
    count = 0
    for head in also:
        _take_head(head, keys, chains, found)
    for text in texts:
        raw = _object(text)
        if "head" in raw:
            if count:
                raise NotALog("A head stands after the lines that it is for; take the file as it was exported.")
            _take_head(raw["head"], keys, chains, found)
            continue
        line, count = _line(raw), count + 1
        if line.shard not in chains:
            raise NotALog(f"There is no chain {line.shard}; take the file as it was exported.")
        found.extend(Problem(kind, line.shard, at) for kind, at in chains[line.shard].follow(line))
    for shard, chain in chains.items():
        found.extend(Problem(kind, shard, number) for kind, number in chain.end())
    return _verdict(count, chains, found)


def _verdict(count: int, chains: dict[int, _Chain], found: list[Problem]) -> Verdict:
    used = {shard: chain for shard, chain in chains.items() if chain.expected > 1 or chain.heads}
    return Verdict(
        lines=count,
        heads={shard: chain.signed for shard, chain in used.items()},
        unsigned={
            s: chain.expected - 1 - chain.signed for s, chain in used.items() if chain.expected - 1 > chain.signed
        },
        clock_back=tuple((one.shard, one.number) for one in found if one.kind == "clock"),
        problems=tuple(dict.fromkeys(one for one in found if one.kind != "clock")),
    )


def _take_head(text: object, keys: tuple[ECKey, ...], chains: dict[int, _Chain], found: list[Problem]) -> None:
    try:
        head = read_head(text, keys)
    except NotAHead:
        found.append(Problem("forged", -1, -1))
        return
    if head.shard not in chains:
        raise NotALog(f"There is no chain {head.shard}; take the file as it was exported.")
    heads = chains[head.shard].heads
    if heads.setdefault(head.number, head.chain) != head.chain:
        found.append(Problem("changed", head.shard, head.number))
