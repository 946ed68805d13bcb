"""Checking an exported log without central: nothing but the file and the pinned key.

Told apart: a line that was changed, that is missing, that stands elsewhere, and an end that was cut off.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from central.access_log.chain import HEAD_TYP, START, link
from central.access_log.export import FORMAT

REGISTRY = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)


MOST_MISSING = 1_000_000


class NotALog(ValueError):
    """The file is no export of the access log."""


@dataclass(frozen=True)
class Problem:
    """`kind`: changed, missing, reordered, cut, or forged (a head that the key did not sign)."""

    kind: str
    shard: int
    number: int


@dataclass(frozen=True)
class Verdict:
    """What was read, and what is wrong with it. `heads`: the newest signed number of each shard."""

    lines: int
    heads: Mapping[int, int]
    problems: tuple[Problem, ...]


@dataclass
class _Chain:
    """How far one shard has been followed."""

    heads: dict[int, str]
    expected: int = 1
    chain: str = START
    gaps: set[int] = field(default_factory=set)

    def follow(self, number: int, body: str, stored: str) -> Iterator[tuple[str, int]]:
        """Take the next line of the file."""
        if number < self.expected:
            self.gaps.discard(number)
            yield "reordered", number
            return
        if number - self.expected > MOST_MISSING:
            raise NotALog("More than a million lines are missing in one place; this is no log.")
        if number > self.expected:
            self.gaps.update(range(self.expected, number))
        elif link(self.chain, body) != stored:
            yield "changed", number
        if number in self.heads and self.heads[number] != stored:
            yield "changed", number  # the link was made anew, but not by whoever signs
        self.expected, self.chain = number + 1, stored

    def end(self) -> Iterator[tuple[str, int]]:
        """What is still open when the file is over."""
        yield from (("missing", number) for number in sorted(self.gaps))
        last = max(self.heads, default=0)
        if last >= self.expected:
            yield "cut", self.expected


def _head(text: object, keys: Iterable[ECKey]) -> tuple[int, int, str]:
    """(shard, number, chain) of a signed head; ValueError when none of the keys signed it."""
    for key in keys:
        try:
            found = jws.deserialize_compact(str(text).encode(), key, ["ES256"], registry=REGISTRY)
            claims = json.loads(found.payload)
            if found.headers().get("typ") == HEAD_TYP:
                return int(claims["shard"]), int(claims["number"]), str(claims["chain"])
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    raise ValueError("no pinned key signed it")


def _object(text: str) -> dict[str, object]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise NotALog("A line of the file is not an object; take the file as `central access-log export` wrote it.")
    return value


def _line(raw: dict[str, object]) -> tuple[int, int, str, str]:
    """(shard, number, body, chain)."""
    body, chain = str(raw["body"]), str(raw["chain"])
    fields = _object(body)
    bytes.fromhex(chain)
    return int(str(fields["shard"])), int(str(fields["number"])), body, chain


def verify(file: Iterable[str], keys: Iterable[ECKey], also: Iterable[str] = ()) -> Verdict:
    """Check a whole file. `also`: heads that were kept elsewhere (a slip, a backup), which the file must reach.

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
    chains: dict[int, _Chain] = {}
    problems: list[Problem] = []
    count = 0
    for head in also:
        _take_head(head, keys, chains, problems)
    for text in texts:
        raw = _object(text)
        if "head" in raw:
            if count:
                raise NotALog("A head stands after the lines that it is for; take the file as it was exported.")
            _take_head(raw["head"], keys, chains, problems)
            continue
        shard, number, body, chain = _line(raw)
        count += 1
        followed = chains.setdefault(shard, _Chain({})).follow(number, body, chain)
        problems.extend(Problem(kind, shard, at) for kind, at in followed)
    for shard, state in sorted(chains.items()):
        problems.extend(Problem(kind, shard, number) for kind, number in state.end())
    newest = {shard: max(state.heads, default=0) for shard, state in sorted(chains.items())}
    return Verdict(count, newest, tuple(dict.fromkeys(problems)))


def _take_head(text: object, keys: tuple[ECKey, ...], chains: dict[int, _Chain], problems: list[Problem]) -> None:
    try:
        shard, number, chain = _head(text, keys)
    except ValueError:
        problems.append(Problem("forged", -1, -1))
        return
    heads = chains.setdefault(shard, _Chain({})).heads
    if heads.setdefault(number, chain) != chain:
        problems.append(Problem("changed", shard, number))
