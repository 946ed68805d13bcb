"""The time that signatures carry: this machine's clock, or central's signed date when the two are apart.

The check is never weakened: a wrong clock is corrected only by a date that is signed with a pinned key and answers our
own nonce. The machine's clock itself is not set: `difference`, on the first screen and in the log, is the attendant's.
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
    """`_signed`: central's signed date and when it came, on the monotonic clock; None while the machine's is right."""

    _signed: tuple[float, float] | None = None

    def now(self) -> float:
        """Seconds since the epoch. Once corrected, a later jump of the machine's clock changes nothing."""
        if self._signed is None:
            return time.time()
        date, came = self._signed
        return date + time.monotonic() - came

    @property
    def difference(self) -> float:
        """The time that we go by minus the machine's now, in seconds; 0 as soon as somebody has set the machine's."""
        apart = self.now() - time.time()
        return apart if abs(apart) > MAX_DIFFERENCE else 0.0

    def off(self, server_time: float) -> float:
        """How far central's clock is from the time that we go by."""
        return server_time - self.now()

    def correct(self, server_time: float) -> None:
        """Go by central's signed date from here on; or by our own clock again, when it is right."""
        difference = server_time - time.time()
        wrong = abs(difference) > MAX_DIFFERENCE
        if wrong:
            log.warning("this machine's clock is %+.0f s off central's; going by its signed date: set it", -difference)
        self._signed = (server_time, time.monotonic()) if wrong else None


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
