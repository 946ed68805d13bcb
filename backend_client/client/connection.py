"""The terminal's connection to central: every call carries the right client, time, nonce and proof."""

import secrets
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime

from backend_client.client import proofs
from backend_client.client.clock import MAX_DIFFERENCE, Clock, signed_time
from backend_client.client.errors import CentralError, ClockDiffers, Nonsense
from backend_client.client.keys import DeviceKey, SigningKey
from backend_client.client.parse import demand_ok, error_code, model
from backend_client.client.revocations import Revocations
from backend_client.client.settings import CentralSettings
from backend_client.client.transport import Answer, Call, Retry, Transport
from backend_client.contract.identity import GRANT_CARD, Challenge, TimeStatement, Token
from city import Endpoint

Card = proofs.SigningCard | proofs.CryptogramCard

REVOKE_SECONDS = 0.9


class Connection:
    """Safe to use from several threads."""

    def __init__(self, settings: CentralSettings, device: DeviceKey) -> None:
        self.settings, self.device = settings, device
        self._transport = Transport(settings)
        self._nonce: str | None = None
        self.clock = Clock()
        self.revocations = Revocations(self.revoke)

    def close(self) -> None:
        """Close all connections."""
        self.revocations.close()
        self._transport.close()

    def use_certificate(self, tls: ssl.SSLContext) -> None:
        """Show a renewed certificate from the next call on."""
        self._transport.use(tls)

    def health(self) -> datetime:
        """Central's clock. When ours is more than 30 s off, `clock.difference` says so; see `_check_clock`."""
        answer = self._transport.send(lambda: Call("GET", Endpoint.HEALTH), Retry.SAFE)
        demand_ok(answer)
        self._check_clock(answer)
        server_time = answer.server_time
        if server_time is None:
            raise Nonsense("no Date header")
        return datetime.fromtimestamp(server_time, UTC)

    def as_client(self, path: str, form: dict[str, str] | None = None) -> Answer:
        """A call that the terminal signs with its own key; harmless when sent twice."""
        return self._in_time(lambda: Call("POST", path, form={**(form or {}), **self._client_form()}), Retry.SAFE)

    def challenge(self) -> Challenge:
        """What the card will sign."""
        return model(self.as_client(Endpoint.CHALLENGE), Challenge)

    def card_token(
        self, card: Card, key: SigningKey, form: dict[str, str], sid: str | None = None, entered: float | None = None
    ) -> tuple[Token, float]:
        """A token by a card assertion over a new challenge, and when the PIN counts as entered: `entered`, or then.

        With `sid`, the next token of that session.
        """
        challenge, now = self.challenge(), self.clock.now()
        setting = proofs.Setting(
            self.settings.terminal_id, self._audience, challenge, key.thumbprint, now, sid, entered
        )
        assertion = proofs.card_assertion(card, self.device, setting)
        token = self.token({"grant_type": GRANT_CARD, "assertion": assertion, **form}, key)
        return token, now if entered is None else entered

    def token(self, form: dict[str, str], key: SigningKey) -> Token:
        """A token for this grant, bound to the key."""

        def build() -> Call:
            proof = proofs.dpop_proof(key, "POST", self._audience, self._nonce, now=self.clock.now())
            return Call("POST", Endpoint.TOKEN, {"DPoP": proof}, form={**form, **self._client_form()})

        answer = self._in_time(build, Retry.NEVER)
        if error_code(answer) == "use_dpop_nonce":  # refused before the assertion was looked at (RFC 9449 section 8)
            answer = self._in_time(build, Retry.NEVER)
        return model(answer, Token)

    def resource(
        self,
        method: str,
        path: str,
        key: SigningKey,
        token: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """A call with a bound token; repeated when safe, because every resource call of the contract is idempotent."""
        url = self.settings.public_url + path.partition("?")[0]  # RFC 9449 section 4.2: htu has no query

        def build() -> Call:
            proof = proofs.dpop_proof(key, method, url, self._nonce, token, self.clock.now())
            all_headers = {"Authorization": f"DPoP {token}", "DPoP": proof, **(headers or {})}
            return Call(method, path, all_headers, json=body)

        answer = self._transport.send(build, Retry.SAFE)
        self._keep_nonce(answer)
        if error_code(answer) == "use_dpop_nonce":
            answer = self._transport.send(build, Retry.SAFE)
            self._keep_nonce(answer)
        return answer

    def revoke(self, token: str) -> None:
        """Tell central, in one bounded attempt."""
        form = {"token": token, **self._client_form()}
        demand_ok(self._transport.once(Call("POST", Endpoint.REVOKE, form=form), REVOKE_SECONDS))

    @property
    def _audience(self) -> str:
        return f"{self.settings.public_url}{Endpoint.TOKEN}"

    def _client_form(self) -> dict[str, str]:
        return proofs.client_assertion(
            self.device, self.settings.terminal_id, self.settings.public_url, self.clock.now()
        )

    def _check_clock(self, answer: Answer) -> bool:
        """Go by central's signed date when ours is more than 30 s off: True. ClockDiffers when there is none."""
        date = answer.server_time
        if date is None or abs(self.clock.off(date)) <= MAX_DIFFERENCE:
            return False
        try:
            signed = self._signed_time()
        except CentralError as error:
            raise ClockDiffers(abs(date - time.time())) from error
        if abs(signed - date) > MAX_DIFFERENCE:  # the unsigned date was changed on its way, or the signed one is old
            raise ClockDiffers(abs(date - time.time()))
        self.clock.correct(signed)
        return True

    def _signed_time(self) -> float:
        nonce, asked = secrets.token_urlsafe(16), time.monotonic()
        answer = self._transport.once(Call("GET", f"{Endpoint.TIME}?nonce={nonce}"))
        statement = model(answer, TimeStatement).statement
        seconds = signed_time(statement, self.settings.seal_keys, self.settings.public_url, nonce)
        return seconds + (time.monotonic() - asked) / 2

    def _keep_nonce(self, answer: Answer) -> None:
        self._nonce = answer.headers.get("DPoP-Nonce", self._nonce)

    def _in_time(self, build: Callable[[], Call], retry: Retry) -> Answer:
        """Send; and again, with the right time in it, when the answer shows that our clock is wrong."""
        answer = self._transport.send(build, retry)
        self._keep_nonce(answer)
        if self._check_clock(answer) and answer.status in (400, 401):
            answer = self._transport.send(build, retry)
            self._keep_nonce(answer)
        return answer
