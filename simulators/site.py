"""Another department's site that signs people in through central: an OpenID relying party, built on Authlib.

It knows central by its discovery document alone. Events on standard output: `ready`, `signed-in`, `signed-out`.
"""

import html
import json
import secrets
import sys
import threading
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

EVENT = "http://schemas.openid.net/event/backchannel-logout"
MAX_BODY = 65536


class Stranger(ValueError):
    """What came is not from central, or not for us."""


@dataclass
class Site:
    """The site's memory: log-ins under way by state, people signed in by cookie."""

    url: str
    client_id: str
    key: ECKey
    issuer: str
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.central = self._get(f"{self.issuer}/.well-known/openid-configuration")

    def _get(self, url: str) -> Any:
        answer = self.http.get(url, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def client(self) -> OAuth2Session:
        """Authlib's client, authenticated by a signed assertion."""
        short = {"exp": int(time.time()) + 50}  # central takes 60 s at most, Authlib's own choice is an hour
        proof = PrivateKeyJWT(self.central["token_endpoint"], claims=short, alg="ES256")
        session = OAuth2Session(
            self.client_id, self.key, token_endpoint_auth_method=proof, scope="openid",
            redirect_uri=f"{self.url}/callback", code_challenge_method="S256",
        )  # fmt: skip
        session.trust_env = False
        return session

    def begin(self, hint: str, language: str = "zh") -> str:
        """Central's address for a new sign-in; `hint` is the terminal's ticket, or empty."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        more = {"login_hint": hint} if hint else {}
        address, state = self.client().create_authorization_url(
            self.central["authorization_endpoint"], code_verifier=verifier, nonce=nonce, lang=language, **more
        )
        with self.lock:
            self.asked[state] = {"verifier": verifier, "nonce": nonce}
        return str(address)

    def finish(self, query: dict[str, str]) -> str:
        """A cookie for the person who comes back with a code. Stranger when anything is not as it was asked."""
        with self.lock:
            asked = self.asked.pop(query.get("state", ""), None)
        if asked is None or query.get("iss") != self.central["issuer"] or "code" not in query:
            raise Stranger(query.get("error", "not what was asked for"))
        token = self.client().fetch_token(
            self.central["token_endpoint"], code=query["code"], code_verifier=asked["verifier"], state=query["state"]
        )
        claims = self.claims(token["id_token"], asked["nonce"])
        cookie = secrets.token_urlsafe(24)
        with self.lock:
            self.people[cookie] = {name: str(claims[name]) for name in ("sub", "sid", "acr")}
        say(event="signed-in", **self.people[cookie])
        return cookie

    def claims(self, token: str, nonce: str | None) -> dict[str, Any]:
        """The claims of a token that central signed for us; Stranger otherwise."""
        keys = KeySet.import_key_set(self._get(self.central["jwks_uri"]))
        try:
            decoded = jwt.decode(token, keys, algorithms=["ES256"])
            rules = jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": self.central["issuer"]}, sid={"essential": True},
                aud={"essential": True, "value": self.client_id}, exp={"essential": True}, iat={"essential": True},
            )  # fmt: skip
            rules.validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise Stranger("not central's token") from error
        if decoded.claims.get("nonce") != nonce:
            raise Stranger("another nonce")
        return {**decoded.claims, "typ": decoded.header.get("typ")}

    def log_out(self, token: str) -> None:
        """Back-channel logout (OpenID Connect Back-Channel Logout 1.0 section 2.6)."""
        claims = self.claims(token, None)
        if claims["typ"] != "logout+jwt" or EVENT not in claims.get("events", {}):
            raise Stranger("not a logout token")
        with self.lock:
            gone = [cookie for cookie, person in self.people.items() if person["sid"] == claims["sid"]]
            for cookie in gone:
                del self.people[cookie]
        say(event="signed-out", sid=claims["sid"], people=len(gone), at=time.time())


def say(**fields: object) -> None:
    """An event."""
    sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
    sys.stdout.flush()


PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>住建局（测试）</title><link rel="icon" href="data:,"><style>a { display: inline-block; padding: .6em 0 }</style>
<body style="font:1.0625rem/1.6 sans-serif;max-width:32em;margin:0 auto;padding:1em;overflow-wrap:anywhere">
<main><h1>住建局公租房申请（测试）</h1>{content}</main></body></html>"""


class Handler(BaseHTTPRequestHandler):
    """One request of a browser, or of central."""

    site: Site

    def _person(self) -> dict[str, str] | None:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("site")
        return self.site.people.get(cookie.value) if cookie is not None else None

    def _language(self, query: dict[str, str]) -> str:
        """`lang` of the address, else what the browser asks for first."""
        asked = "en" if self.headers.get("Accept-Language", "").lower().startswith("en") else "zh"
        return query.get("lang", asked)

    def do_GET(self) -> None:
        """Home, sign-in, and the way back from central."""
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        if parts.path == "/login" and query.get("iss", self.site.issuer) == self.site.issuer:
            self._go(self.site.begin(query.get("login_hint", ""), self._language(query)))
        elif parts.path == "/callback":
            try:
                self._go("/", f"site={self.site.finish(query)}; HttpOnly; SameSite=Lax; Path=/")
            except Stranger as error:
                self._show(400, f"<p>没有登录（{html.escape(str(error))}）</p>")
        elif parts.path == "/":
            person = self._person()
            shown = f"<p>已登录，编号 <code>{html.escape(person['sub'])}</code></p>" if person else ""
            self._show(
                200, shown or '<p><a href="/login" style="display:inline-block;padding:.6em 0">统一身份认证登录</a></p>'
            )
        else:
            self._show(404, "<p>没有这一页</p>")

    def do_POST(self) -> None:
        """Central says that somebody is signed out."""
        length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY)
        form = dict(parse_qsl(self.rfile.read(length).decode("ascii", "replace")))
        try:
            self.site.log_out(form.get("logout_token", ""))
        except Stranger:
            self._show(400, "")
        else:
            self._show(200, "")

    def _go(self, address: str, cookie: str = "") -> None:
        self.send_response(303)
        self.send_header("Location", address)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _show(self, status: int, content: str) -> None:
        raw = PAGE.replace("{content}", content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses hold codes."""


def make_key(path: Path) -> ECKey:
    """The site's key, made on first use (0600)."""
    if not path.exists():
        path.touch(0o600)
        path.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    return ECKey.import_key(path.read_bytes())


def serve(issuer: str, client_id: str, key: Path, port: int) -> ThreadingHTTPServer:
    """A site on a port, ready to be run with `serve_forever`."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    url = f"http://127.0.0.1:{server.server_address[1]}"
    site = Site(url, client_id, make_key(key), issuer)
    server.RequestHandlerClass = type("SiteHandler", (Handler,), {"site": site})
    return server


def run_site(issuer: str, client_id: str, key: Path, port: int) -> None:
    """Serve until a signal ends it."""
    server = serve(issuer, client_id, key, port)
    say(event="ready", url=f"http://127.0.0.1:{server.server_address[1]}")
    server.serve_forever()
