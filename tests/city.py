"""Central in this process, for tests: with hand-made requests (`City`) or on a port for the real client (`Served`)."""

import base64
import json
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gmssl_pyx
import uvicorn
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from fastapi.testclient import TestClient
from sqlalchemy import insert

from backend_client.client.account import AccountDesk
from backend_client.client.central import Central
from backend_client.client.keys import DeviceKey, SigningKey
from backend_client.client.proofs import Setting, card_assertion, client_assertion, dpop_proof
from backend_client.client.settings import CentralSettings
from backend_client.contract.identity import GRANT_CARD, Challenge
from backend_client.crypto.suite import INTERNATIONAL
from central.api.app import create_app
from central.api.office import Context, Settings
from central.api.tls import secured
from central.api.wire import Wire
from central.card_keys import CardKeys
from central.keys import Keys
from central.personalise import personalise
from central.storage import open_storage, terminals, writing
from tests.gmssl_cmac import cmac_by_gmssl

URL = "http://central.test"
TERMINAL = "T44010500001"
PHONE = "99012345678"


class SoftCard:
    """A personalised generation-3 card without a chip."""

    algorithm = "ES256"

    def __init__(self, file: dict[str, Any]) -> None:
        self.card_id: str = file["ef05"]["01"]
        self.certificate_chain = (base64.b64decode(file["certificate"]),)
        key = serialization.load_pem_private_key(file["private_key"].encode(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self.key = key

    def sign(self, digest: bytes) -> bytes:
        """r‖s."""
        r, s = decode_dss_signature(self.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()))))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Sm2Card:
    """A personalised generation-3 card that was asked for its SM2 key; GmSSL is its chip."""

    algorithm = "SM2"

    def __init__(self, file: dict[str, Any]) -> None:
        self.card_id: str = file["ef05"]["01"]
        self.certificate_chain = (base64.b64decode(file["sm2_certificate"]),)
        self.private = bytes.fromhex(file["sm2_private_key"])

    def sign(self, digest: bytes) -> bytes:
        """r‖s over e."""
        r, s = decode_dss_signature(gmssl_pyx.sm2_sign_sm3_digest(self.private, digest))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class SoftOldCard:
    """A personalised generation-2 card without a chip."""

    def __init__(self, file: dict[str, Any]) -> None:
        self.card_id: str = file["ef05"]["01"]
        self._key = bytes.fromhex(file["cryptogram_key"])
        self._mac = cmac_by_gmssl if file.get("cryptogram_cipher") == "SM4" else INTERNATIONAL.cmac

    def cryptogram(self, host_random: bytes) -> tuple[bytes, bytes]:
        """(card random, cryptogram)."""
        card_random = secrets.token_bytes(8)
        return card_random, self._mac(self._key, host_random + card_random)[:8]


AnyCard = SoftCard | Sm2Card | SoftOldCard


class KeptSms:
    """An SMS gateway that keeps what it should send: (phone, text)."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, phone: str, text: str) -> None:
        """Keep it."""
        self.sent.append((phone, text))

    def code(self) -> str:
        """The code in the last text."""
        found = re.search(r"\d{6}", self.sent[-1][1])
        assert found
        return found.group()


def register(context: Context, client_id: str, key: SigningKey, resource: str | None = None) -> None:
    """Let a terminal, or a resource server, be known."""
    row = {"terminal_id": client_id, "public_jwk": json.dumps(key.public_jwk()), "state": "valid", "resource": resource}
    row["kind"] = "service" if resource else "terminal"
    with writing(context.engine) as connection:
        connection.execute(insert(terminals).values(**row))


class City:
    """Central under test, and a terminal's hands."""

    def __init__(
        self,
        folder: Path,
        url: str = URL,
        card_keys: CardKeys | None = None,
        daily_limit: int = 5,
        profile: str = "",
        database: str = "",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.url = url
        self.engine, self.keys = open_storage(database or f"sqlite:///{folder}/c.db"), Keys(folder / "keys")
        if profile:
            self.keys.choose(profile)
        self.sms = KeptSms()
        self.context = Context(
            self.engine, self.keys, Settings(url, daily_limit), card_keys or self.keys.card_keys, self.sms
        )
        self.app = create_app(self.context)
        self.client = TestClient(self.app, base_url=url)
        self.device = DeviceKey.create(folder / "device.pem")
        register(self.context, TERMINAL, self.device)
        self.nonce = self.client.get("/healthz").headers["DPoP-Nonce"]

    def close(self) -> None:
        """Give everything back."""
        self.client.close()
        self.engine.dispose()

    def form(self) -> dict[str, str]:
        """Client authentication."""
        return client_assertion(self.device, TERMINAL, self.url)

    def card(self, person: int = 4) -> SoftCard:
        """A resident's card."""
        return SoftCard(personalise(self.engine, self.keys, person, 3))

    def sm2_card(self, person: int = 4) -> Sm2Card:
        """A resident's card in the gm profile."""
        return Sm2Card(personalise(self.engine, self.keys, person, 3))

    def old_card(self, person: int = 5) -> SoftOldCard:
        """A resident's card of generation 2."""
        return SoftOldCard(personalise(self.engine, self.keys, person, 2))

    def challenge(self) -> Challenge:
        """A fresh challenge."""
        return Challenge.model_validate(self.client.post("/card/challenge", data=self.form()).json())

    def assertion(self, card: AnyCard, session: SigningKey, **setting: Any) -> str:
        """A card assertion; `setting` replaces what the terminal puts into it."""
        made: dict[str, Any] = {"challenge": setting.pop("challenge", None) or self.challenge(), **setting}
        made = {"terminal_id": TERMINAL, "audience": f"{self.url}/token", "jkt": session.thumbprint, **made}
        return card_assertion(card, self.device, Setting(**made))

    def token(self, card: AnyCard, session: SigningKey, scope: str = "social family", **more: Any) -> Any:
        """Ask for a token; `more` replaces parts of the request or of the assertion."""
        proof = more.pop("proof", None) or dpop_proof(session, "POST", f"{self.url}/token", self.nonce)
        extra, given = more.pop("form", {}), more.pop("assertion", None)
        form = {"grant_type": GRANT_CARD, "scope": scope, "assertion": given or self.assertion(card, session, **more)}
        return self.client.post("/token", data={**form, **self.form(), **extra}, headers={"DPoP": proof})

    def call(self, method: str, path: str, key: SigningKey, token: str, **more: Any) -> Any:
        """A resource call."""
        url = self.url + path.split("?", maxsplit=1)[0]
        proof = more.pop("proof", None) or dpop_proof(key, method, url, self.nonce, token)
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof, **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)


def refused(answer: Any, code: str) -> bool:
    """Was it refused with this error, as problem details with a sentence for the holder?"""
    body = answer.json()
    whole = answer.status_code == body.get("status") and bool(body["holder"]["zh"] and body["holder"]["en"])
    return bool(answer.status_code >= 400 and body["error"] == code and whole)


class Announced(uvicorn.Server):
    """Sets `up` when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As the parent does."""
        await super().startup(sockets)
        self.up.set()


@contextmanager
def serving(city: City) -> Iterator[None]:
    """The city's application on its own port, as long as it lasts; `city.url` must be http(s)://127.0.0.1:PORT."""
    port = int(city.url.rsplit(":", 1)[1])
    plain: dict[str, Any] = {"log_level": "error", "access_log": False, "lifespan": "off", "proxy_headers": False}
    config = uvicorn.Config(city.app, http=Wire, **plain)
    server = Announced(secured(config, city.keys, "127.0.0.1") if city.url.startswith("https") else config)
    listener = socket.create_server(("127.0.0.1", port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    assert server.up.wait(30)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextmanager
def served(folder: Path, scheme: str = "http", **given: Any) -> Iterator[City]:
    """A city on a port of its own; `given` is what City takes."""
    city = City(folder, f"{scheme}://127.0.0.1:{free_port()}", **given)
    with serving(city):
        yield city
    city.close()


def client_of(city: City, **changes: Any) -> Central:
    """The real client of a served city."""
    keys = {str(key["kid"]): key for key in city.keys.public_jwks()["keys"]}
    return Central(
        CentralSettings(**{"base_url": city.url, "terminal_id": TERMINAL, "seal_keys": keys, **changes}), city.device
    )


def give_phone(city: City, person: int = 4) -> None:
    """The resident opens an account and links PHONE."""
    client = client_of(city)
    desk = AccountDesk(client.sign_in(city.card(person), "acct.open account.change"))
    desk.open(desk.notice())
    desk.confirm_phone(desk.link_phone(PHONE), city.sms.code())
    client.close()
