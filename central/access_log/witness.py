"""What central knows of the log outside the database: heads it signed (files beside its keys), links it wrote (memory).

Before a head is signed, the chain is followed from what is known here. So whoever can write to the database, but not to
the keys' folder, can't get a changed chain signed: only what a process wrote before it was killed, and after the last
signed head (a minute), stands in the database alone.
"""

import logging
import os
import threading
from collections import defaultdict
from pathlib import Path

from joserfc.jwk import ECKey
from sqlalchemy import Connection, select

from central.access_log.chain import START, Head, link
from central.access_log.heads import NotAHead, read_head
from central.access_log.tables import lines, signed_heads

log = logging.getLogger(__name__)


class Witness:
    """One for each appender. Each method is safe from several threads."""

    def __init__(self, folder: Path, key: ECKey) -> None:
        self._folder, self._key, self._lock = folder, key, threading.Lock()
        self._written: dict[int, dict[int, str]] = defaultdict(dict)
        self._doubted: set[int] = set()

    def wrote(self, head: Head) -> None:
        """Lines up to this one were committed by us."""
        with self._lock:
            if head.shard not in self._doubted:
                self._written[head.shard][head.number] = head.chain

    def confirms(self, connection: Connection, head: Head) -> bool:
        """Does the chain in the database run to `head` from the last signed head, through every link we wrote?"""
        with self._lock:
            known = dict(self._written[head.shard])
        try:
            base = self._base(connection, head.shard)
        except NotAHead:  # what is kept beside the keys was not signed by this key
            base = Head(head.shard, head.number + 1, START)
        known[base.number] = base.chain
        whole = all(number <= head.number for number in known) and _runs(connection, base, head, known)
        if not whole:
            self._doubt(head.shard)
        return whole

    def _doubt(self, shard: int) -> None:
        log.error(
            "access log: chain %d was changed in the database; its heads aren't signed until it is restored", shard
        )
        with self._lock:
            self._doubted.add(shard)

    def signed(self, head: Head, jws: str) -> None:
        """A signed head was committed: keep it, and forget the links before it."""
        with self._lock:
            rest = self._written[head.shard]
            self._written[head.shard] = {number: chain for number, chain in rest.items() if number > head.number}
            kept = self._kept(head.shard)
            if kept is None or kept.number < head.number:
                self._put(head.shard, jws)

    def heads(self) -> list[str]:
        """The newest head of each chain that is kept here."""
        return [path.read_text(encoding="ascii") for path in sorted(self._folder.glob("*.jws"))]

    def _path(self, shard: int) -> Path:
        return self._folder / f"{shard:02}.jws"

    def _kept(self, shard: int) -> Head | None:
        path = self._path(shard)
        return read_head(path.read_text(encoding="ascii"), [self._key]) if path.exists() else None

    def _put(self, shard: int, jws: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self._folder / f".{shard:02}.{os.getpid()}"
        unfinished.write_text(jws, encoding="ascii")
        unfinished.replace(self._path(shard))

    def _base(self, connection: Connection, shard: int) -> Head:
        """Where to follow from: our kept head; on a new machine the newest one in the database that our key signed."""
        kept = self._kept(shard)
        if kept is not None:
            return kept
        there = select(signed_heads.c.jws).where(signed_heads.c.shard == shard).order_by(signed_heads.c.number.desc())
        for jws in connection.execute(there.limit(1)).scalars():
            try:
                return read_head(jws, [self._key])
            except NotAHead:
                break
        return Head(shard, 0, START)


def _runs(connection: Connection, base: Head, head: Head, known: dict[int, str]) -> bool:
    """Follow the stored lines from `base` to `head`; every known link must be met."""
    wanted = select(lines.c.number, lines.c.body, lines.c.chain).where(
        lines.c.shard == head.shard, lines.c.number >= base.number, lines.c.number <= head.number
    )
    number, chain = max(base.number - 1, 0), base.chain
    for row in connection.execute(wanted.order_by(lines.c.number)):
        follows = row.number == base.number or link(chain, row.body) == row.chain
        if row.number != number + 1 or not follows or known.get(row.number, row.chain) != row.chain:
            return False
        number, chain = row.number, row.chain
    return (number, chain) == (head.number, head.chain)
