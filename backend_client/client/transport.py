"""HTTP with time-outs everywhere, an answer's size bounded, and retries by a table. Knows no tokens.

Re-sent: only calls that are the same when sent twice (`Retry.SAFE`); each attempt is built anew, so that no proof or
assertion is used twice. urllib3's own retries are off: they would re-send the same proof.
"""

import logging
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from backend_client.client.errors import Busy, Nonsense, TooSlow, Unreachable
from backend_client.client.settings import CentralSettings

log = logging.getLogger(__name__)

MAX_ANSWER = 8 * 1024 * 1024
BLOCK = 65536
PAUSES = (0.1, 0.4)


class Retry(Enum):
    """May the same call be sent again after its fate is unknown?"""

    SAFE = True
    NEVER = False


@dataclass(frozen=True)
class Call:
    """One request, ready to leave."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] | None = None
    json: object = None


@dataclass(frozen=True)
class Answer:
    """Status, headers and body (at most 8 MiB)."""

    status: int
    headers: "requests.structures.CaseInsensitiveDict[str]"
    body: bytes

    @property
    def server_time(self) -> float | None:
        """Central's clock, seconds since the epoch; None when there is no usable Date."""
        try:
            return parsedate_to_datetime(self.headers["Date"]).timestamp()
        except (KeyError, ValueError, TypeError):
            return None


class PinnedAdapter(HTTPAdapter):
    """HTTPS through a context of ours: which CA we believe, which certificate we show, wherever its key lies."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(max_retries=0, pool_connections=2, pool_maxsize=8)

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """As the parent does, with the context."""
        super().init_poolmanager(*arguments, **named, ssl_context=self._context)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> Any:
        """Host and port only: `verify` and `cert` are the context's business."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {name: value for name, value in pool.items() if name not in ("ca_certs", "ca_cert_dir")}

    def cert_verify(self, conn: Any, url: str, verify: bool | str, cert: Any) -> None:
        """Nothing: the context verifies."""


class Transport:
    """A kept-alive connection to central."""

    def __init__(self, settings: CentralSettings) -> None:
        self._settings = settings
        self._session = requests.Session()
        self._session.trust_env = False  # REQUESTS_CA_BUNDLE would override verify (identity.md, traps)
        self._session.mount("http://", HTTPAdapter(max_retries=0, pool_connections=2, pool_maxsize=8))
        self.use(settings.tls or ssl.create_default_context(cafile=settings.ca_file))

    def use(self, context: ssl.SSLContext) -> None:
        """New connections from the next call on, with this context; idle ones are closed."""
        self._session.close()
        self._session.mount("https://", PinnedAdapter(context))

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def once(self, call: Call, timeout: float | None = None) -> Answer:
        """Send once. Unreachable, TooSlow or Nonsense when there is no whole answer in time."""
        limit = timeout or self._settings.read_timeout
        deadline = time.monotonic() + limit
        try:
            with self._session.request(
                call.method,
                self._settings.base_url + call.path,
                headers=call.headers,
                data=call.form,
                json=call.json,
                timeout=(min(self._settings.connect_timeout, limit), limit),
                allow_redirects=False,
                stream=True,
            ) as response:
                return Answer(response.status_code, response.headers, _body(response, deadline))
        except requests.Timeout as error:
            raise TooSlow from error
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            raise (TooSlow() if "timed out" in str(error) else Unreachable()) from error
        except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as error:
            raise TooSlow from error
        except urllib3.exceptions.ProtocolError as error:
            raise Unreachable from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise Nonsense("HTTP itself") from error

    def send(self, build: Callable[[], Call], retry: Retry) -> Answer:
        """Send, and again after short pauses when that is safe; `build` makes each attempt anew."""
        for pause in PAUSES if retry is Retry.SAFE else ():
            try:
                return _unless_busy(self.once(build()))
            except (Unreachable, Busy) as error:
                log.info("call repeated: %s", type(error).__name__)
                time.sleep(pause)
        return _unless_busy(self.once(build()))


def _body(response: requests.Response, deadline: float) -> bytes:
    """The whole body before the deadline; read1 gives what is there, so that a server that drips can't hold us."""
    if int(response.headers.get("Content-Length", 0)) > MAX_ANSWER:
        raise Nonsense("an answer over 8 MiB")
    body = b""
    while block := response.raw.read1(BLOCK, decode_content=True):
        body += block
        if len(body) > MAX_ANSWER:
            raise Nonsense("an answer over 8 MiB")
        if time.monotonic() > deadline:
            raise TooSlow
    return body


def _unless_busy(answer: Answer) -> Answer:
    if answer.status in (502, 503, 504):
        after = answer.headers.get("Retry-After", "1")
        raise Busy(float(after) if after.isdecimal() else 1.0)
    return answer
