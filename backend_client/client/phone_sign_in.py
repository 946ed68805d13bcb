"""Signing in without a card: the terminal shows a QR symbol, the phone approves, the terminal asks until it has."""

import time

from backend_client.client.central import Central, HolderSession
from backend_client.client.errors import Refused, SessionExpired, SignInRefused
from backend_client.client.keys import SigningKey

SLOWER = 5


class PhoneSignIn:
    """One attempt. `qr`: the address for the QR symbol; `user_code`: what to type without one.

    Its assurance is lower (`urn:onecard:acr:phone`): services that need a card answer StepUpNeeded.
    """

    def __init__(self, central: Central, scope: str) -> None:
        self._central, self._key = central, SigningKey.generate()
        begun = central.device_authorization(scope)
        self._device_code, self._interval = begun.device_code, begun.interval
        self.qr, self.user_code, self.address = begun.verification_uri_complete, begun.user_code, begun.verification_uri
        self.over_at = time.monotonic() + begun.expires_in

    @property
    def interval(self) -> int:
        """Seconds to wait between two polls."""
        return self._interval

    def poll(self) -> HolderSession | None:
        """The session, or None while the phone has not answered.

        SignInRefused when the phone refused, SessionExpired when the time is over: begin again.
        """
        try:
            return self._central.device_token(self._device_code, self._key)
        except SignInRefused:
            raise
        except Refused as error:
            if error.code == "slow_down":
                self._interval += SLOWER
            elif error.code == "access_denied":
                raise SignInRefused(error.code) from error
            elif error.code == "expired_token":
                raise SessionExpired(error.code) from error
            elif error.code != "authorization_pending":
                raise
            return None
