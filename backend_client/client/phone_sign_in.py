"""Signing in without a card: the terminal shows a QR symbol, the phone approves, the terminal asks until it has."""

import math
import time

from backend_client.client.central import Central, HolderSession
from backend_client.client.errors import Busy, Refused, SessionExpired, SignInRefused, TooSlow, Unreachable
from backend_client.client.keys import SigningKey

SLOWER = 5
LONGEST = 60
LOST = (Unreachable, TooSlow, Busy)


class PhoneSignIn:
    """One attempt. `qr`: the address for the QR symbol; `user_code`: what to type without one.

    Its assurance is lower (`urn:onecard:acr:phone`): services that need a card answer StepUpNeeded.
    """

    def __init__(self, central: Central, scope: str) -> None:
        self._central, self._key = central, SigningKey.generate()
        begun = central.device_authorization(scope)
        self._device_code, self._interval, self._lost = begun.device_code, begun.interval, 0
        self.qr, self.user_code, self.address = begun.verification_uri_complete, begun.user_code, begun.verification_uri
        self.over_at = time.monotonic() + begun.expires_in

    @property
    def interval(self) -> float:
        """Seconds to wait before the next poll: central's own, doubled for each poll in a row that got no answer

        (RFC 8628 section 3.5), at most a minute or as long as central itself asks.
        """
        return max(self._interval, min(math.ldexp(self._interval, self._lost), LONGEST))

    def poll(self) -> HolderSession | None:
        """The session, or None while the phone has not answered, or no answer came through.

        SignInRefused when the phone refused, SessionExpired when the time is over: begin again.
        """
        try:
            return self._central.device_token(self._device_code, self._key)
        except LOST as error:
            self._lost += 1
            if time.monotonic() >= self.over_at:
                raise SessionExpired("expired_token") from error
            return None
        except Refused as error:
            self._refused(error)
            self._lost = 0
            return None

    def _refused(self, error: Refused) -> None:
        """Not yet, or slower; everything else ends the attempt."""
        if error.code == "slow_down":
            self._interval += SLOWER
        elif error.code == "access_denied":
            raise SignInRefused(error.code) from error
        elif error.code == "expired_token" or (isinstance(error, SignInRefused) and self._lost):
            raise SessionExpired(error.code) from error  # used already: its token went with an answer that was lost
        elif error.code != "authorization_pending":
            raise error
