"""oidc-provider (npm, OpenID-certified) as a bench: the card grant in a server that others wrote."""

import json
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend_client.contract.identity import CLIENT_ASSERTION_TYPE, GRANT_CARD, Challenge
from tests.attacks import Jwt, client_jwt, es, new_key, public_jwk
from tests.bench import CityBench
from tests.city import free_port

FOLDER = Path(__file__).parent / "oidc_provider"


class OidcBench(CityBench):
    """The belongings of a city's attacker, and another server to try them on. `prefix`: before node's command."""

    prefix: tuple[str, ...] = ()
    scheme = "http"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"
        self.http = requests.Session()
        self.http.trust_env = False
        command = [*self.prefix, str(Path(sys.executable).with_name("node")), str(FOLDER / "server.mjs")]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        )
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(self._setup()) + "\n")
        self.process.stdin.flush()
        assert json.loads(self.process.stdout.readline())["event"] == "ready"

    def _setup(self) -> dict[str, Any]:
        clients = ((self.terminal, self.device), (self.other_terminal, self.other_device))
        return {
            "port": self.port,
            "ca": self.city.keys.card_ca.public_bytes(serialization.Encoding.PEM).decode(),
            "clients": [{"id": name, "jwk": {**public_jwk(key), "kid": name}} for name, key in clients],
            "holders": {self.card_id: {"id_no": "990106198504120014", "name": "测甲"}},
        }

    def close(self) -> None:
        """End the server."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.http.close()
        super().close()

    def challenge(self, terminal: str, device: ec.EllipticCurvePrivateKey) -> Challenge:
        """A fresh challenge for a terminal."""
        assertion = client_jwt(self, terminal, device).compact()
        form = {"client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": assertion}
        return Challenge.model_validate(self.post("/card/challenge", form, {}).json())

    def nonce(self) -> str:
        """The server's DPoP nonce now: it is told when a proof has none."""
        key = new_key()
        claims = {"htm": "POST", "htu": f"{self.url}/token", "jti": secrets.token_urlsafe(9), "iat": int(time.time())}
        proof = Jwt({"alg": "ES256", "typ": "dpop+jwt", "jwk": public_jwk(key)}, claims, es(key))
        assertion = client_jwt(self, self.terminal, self.device).compact()
        form = {
            "grant_type": GRANT_CARD, "client_assertion_type": CLIENT_ASSERTION_TYPE, "client_assertion": assertion,
            "scope": "social", "assertion": "x",
        }  # fmt: skip
        return str(self.post("/token", form, {"DPoP": proof.compact()}).headers["DPoP-Nonce"])

    def post(self, path: str, form: dict[str, Any], headers: dict[str, str]) -> Any:
        """POST."""
        return self._asked("POST", path, data=form, headers=headers)

    def get(self, path: str, headers: dict[str, str]) -> Any:
        """GET."""
        return self._asked("GET", path, headers=headers)

    def _asked(self, method: str, path: str, **request: Any) -> requests.Response:
        """Node hangs up on a header over 16 KiB, mostly after a 431 that may or may not arrive; that counts as 431."""
        try:
            return self.http.request(method, self.url + path, timeout=10, **request)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            refusal = requests.Response()
            refusal.status_code = 431
            return refusal
