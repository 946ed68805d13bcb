"""The platform under test: requests as a terminal makes them, each part of which a check may change."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric import ec

from backend_client.contract.identity import CARD_ASSERTION_TYP, CLIENT_ASSERTION_TYPE, GRANT_CARD
from central.conformance.credentials import Credentials, Terminal
from central.conformance.outcome import Skip, Violation
from central.conformance.profile import Profile
from central.conformance.signing import Signer, b64, es256, jwt, lifetime, new_key, public_jwk, thumbprint

SECONDS = 20
SCOPE = "social family"
NOT_THERE, WANTS_NONCE = "no answer", "use_dpop_nonce"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: "requests.structures.CaseInsensitiveDict[str]"
    body: bytes

    @property
    def members(self) -> dict[str, Any]:
        """The JSON object in the body; empty when there is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def error(self) -> str:
        """The OAuth error."""
        return str(self.members.get("error", ""))

    @property
    def media_type(self) -> str:
        """Content-Type without its parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Changes:
    """What is wrong with a token request: members that replace, or with None take away, those of a good one."""

    card: dict[str, Any] = field(default_factory=dict)
    card_header: dict[str, Any] = field(default_factory=dict)
    card_signer: Signer | None = None
    client: dict[str, Any] = field(default_factory=dict)
    client_signer: Signer | None = None
    proof: dict[str, Any] | None = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    nonce: str | None = None


@dataclass(frozen=True)
class Session:
    """A signed-in holder, or the terminal itself."""

    key: ec.EllipticCurvePrivateKey
    answer: dict[str, Any]

    @property
    def token(self) -> str:
        """The access token."""
        return str(self.answer.get("access_token", ""))


class Platform:
    """One platform, seen by one terminal with one test card. Never sends anything that is about another person.

    `patient`: checks that take minutes are made.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        patient: bool = False,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url, self.who = url.rstrip("/"), credentials
        self.patient, self.wait = patient, wait
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = credentials.ca_file or True
        self._http.cert = credentials.tls
        self.nonce: str | None = None
        self.answers = 0

    @property
    def profile(self) -> Profile:
        """The crypto profile that this platform is to keep."""
        return self.who.card.profile

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, method: str, path: str, **more: Any) -> Answer:
        """One request. Violation when there is no HTTP answer."""
        try:
            got = self._http.request(method, self.url + path, timeout=SECONDS, allow_redirects=False, **more)
        except requests.RequestException as error:
            raise Violation(f"{NOT_THERE} to {method} {path}: {type(error).__name__}") from error
        self.nonce = got.headers.get("DPoP-Nonce", self.nonce)
        self.answers += 1
        return Answer(got.status_code, got.headers, got.content)

    def client_form(self, terminal: Terminal | None = None, changes: Changes | None = None) -> dict[str, str]:
        """private_key_jwt (RFC 7523 section 2.2)."""
        who, changes = terminal or self.who.terminal, changes or Changes()
        claims = {"iss": who.client_id, "sub": who.client_id, "aud": self.url, **lifetime(), **changes.client}
        made = jwt({"alg": "ES256", "typ": "JWT"}, claims, changes.client_signer or es256(who.key))
        return {"client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": made}

    def as_client(self, path: str, terminal: Terminal | None = None, **form: str) -> Answer:
        """A form from a terminal that authenticates itself."""
        return self.ask("POST", path, data={**form, **self.client_form(terminal)})

    def challenge(self, terminal: Terminal | None = None) -> dict[str, Any]:
        """A fresh challenge."""
        answer = self.as_client("/card/challenge", terminal)
        if answer.status != 200 or "nonce" not in answer.members:
            raise Skip("there is no challenge to sign; see `challenge`")
        return answer.members

    def proof(self, key: ec.EllipticCurvePrivateKey, method: str, path: str, token: str = "", **changes: Any) -> str:
        """A DPoP proof (RFC 9449 section 4.2); `changes` replace its claims."""
        claims = {"htm": method, "htu": self.url + path, "nonce": self.nonce, **lifetime(), "exp": None}
        if token:
            claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": public_jwk(key)}
        return jwt(header, {**claims, **changes}, es256(key))

    def assertion(self, challenge: dict[str, Any], key: ec.EllipticCurvePrivateKey, changes: Changes) -> str:
        """A card assertion for this session key."""
        card, terminal = self.who.card, self.who.terminal
        header: dict[str, Any] = {"alg": card.profile.jws if card.sign else "ES256", "typ": CARD_ASSERTION_TYP}
        header |= {"x5c": list(card.chain)} if card.sign else {"kid": terminal.client_id}
        claims = {
            "iss": card.card_id, "sub": card.card_id, "aud": f"{self.url}/token", "client_id": terminal.client_id,
            "nonce": challenge["nonce"], "cnf": {"jkt": thumbprint(public_jwk(key))}, "amr": card.amr(), **lifetime(),
            **card.cryptogram(challenge.get("host_random", "")),
        }  # fmt: skip
        signer = changes.card_signer or card.sign or es256(terminal.key)
        return jwt({**header, **changes.card_header}, {**claims, **changes.card}, signer)

    def token_request(self, key: ec.EllipticCurvePrivateKey | None = None, changes: Changes | None = None) -> Answer:
        """Ask for a token by card; once more when the platform wants another nonce, as RFC 9449 section 8 has it."""
        key, changes = key or new_key(), changes or Changes()
        challenge = {"nonce": changes.nonce, "host_random": "0" * 16} if changes.nonce else self.challenge()
        form = {"grant_type": GRANT_CARD, "scope": SCOPE, "assertion": self.assertion(challenge, key, changes)}
        return self.send_token({**form, **self.client_form(None, changes), **changes.form}, key, changes)

    def send_token(self, form: dict[str, str], key: ec.EllipticCurvePrivateKey, changes: Changes) -> Answer:
        """The token request itself."""
        if changes.proof is None:
            return self.ask("POST", "/token", data=form)
        for again in (False, True):
            headers = {"DPoP": self.proof(key, "POST", "/token", **changes.proof)}
            answer = self.ask("POST", "/token", data=form, headers=headers)
            if answer.error != WANTS_NONCE or again or "nonce" in changes.proof:
                break
            form = {**form, **(self.client_form(None, changes) if "client_assertion" in form else {})}
        return answer

    def sign_in(self, changes: Changes | None = None, key: ec.EllipticCurvePrivateKey | None = None) -> Session:
        """A session of its own for one check."""
        key = key or new_key()
        answer = self.token_request(key, changes)
        if answer.status != 200 or "access_token" not in answer.members:
            raise Skip(f"the sign-in did not work ({answer.status} {answer.error}); see `token`")
        return Session(key, answer.members)

    @cached_property
    def session(self) -> Session:
        """The session that checks share."""
        return self.sign_in()

    @cached_property
    def own(self) -> Session:
        """The terminal's own session."""
        return self.own_session(self.who.terminal)

    def own_session(self, terminal: Terminal) -> Session:
        """A terminal's own session, for what becomes of documents."""
        key = new_key()
        form = {"grant_type": "client_credentials", "scope": "terminal", **self.client_form(terminal)}
        answer = self.send_token(form, key, Changes())
        if answer.status != 200 or "access_token" not in answer.members:
            raise Skip(f"the terminal's own sign-in did not work ({answer.status} {answer.error}); see `own-token`")
        return Session(key, answer.members)

    def call(self, session: Session, method: str, path: str, **more: Any) -> Answer:
        """A resource call, once more when another nonce is wanted; `proof` replaces the proof, `headers` are added."""
        given, extra = more.pop("proof", None), more.pop("headers", {})
        for again in (False, True):
            proof = given or self.proof(session.key, method, path.partition("?")[0], session.token)
            headers = {"Authorization": f"DPoP {session.token}", "DPoP": proof, **extra}
            answer = self.ask(method, path, headers=headers, **more)
            if answer.error != WANTS_NONCE or given or again:
                break
        return answer
