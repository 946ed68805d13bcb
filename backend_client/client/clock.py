"""The time that signatures carry: this machine's clock, or central's signed date when the two are apart.

The check is never weakened: a wrong clock is corrected only by a date that is signed with a pinned key and answers our
own nonce. The machine's clock itself is not set; `difference`, and a line of the log, are for the attendant.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from backend_client.client.errors import Nonsense
from backend_client.crypto.statement import open_statement

log = logging.getLogger(__name__)

MAX_DIFFERENCE = 30


@dataclass
class Clock:
    """`difference`: central's clock minus ours, in seconds, while we go by central's; 0 while ours is right."""

    difference: float = 0.0
    _base: float = 0.0
    _since: float = 0.0

    def now(self) -> float:
        """Seconds since the epoch. Once corrected, a later jump of the machine's clock changes nothing."""
        return self._base + time.monotonic() - self._since if self._base else time.time()

    def off(self, server_time: float) -> float:
        """How far central's clock is from the time that we go by."""
        return server_time - self.now()

    def correct(self, server_time: float) -> None:
        """Go by central's signed date from here on; or by our own clock again, when it is right."""
        difference = server_time - time.time()
        wrong = abs(difference) > MAX_DIFFERENCE
        if wrong:
            log.warning("this machine's clock is %+.0f s off central's; going by its signed date: set it", -difference)
        self.difference = difference if wrong else 0.0
        self._base, self._since = (server_time, time.monotonic()) if wrong else (0.0, 0.0)


def signed_time(statement: str, keys: Mapping[str, Mapping[str, object]], issuer: str, nonce: str) -> float:
    """Central's clock in seconds since the epoch; Nonsense unless a pinned key signed it as the answer to `nonce`."""
    try:
        claims = open_statement(statement, keys, "time+jwt")
        right = (claims["iss"], claims["nonce"]) == (issuer, nonce)
        seconds = float(claims["iat"])
    except (ValueError, LookupError, TypeError) as error:
        raise Nonsense("the signed date") from error
    if not right:
        raise Nonsense("the signed date")
    return seconds
