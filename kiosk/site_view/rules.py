"""What a page of another system may do here, and what the terminal asked for. No Qt."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
AS_PAGES = {"ws": "http", "wss": "https"}
INLINE = frozenset({"data", "blob"})


class BadRequest(ValueError):
    """What stands on standard input is no request of a terminal."""


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port (RFC 6454)."""

    scheme: str
    host: str
    port: int


def origin_of(address: str) -> Origin | None:
    """The origin of an http, https or web-socket address, as of the page that it belongs to; None for all others."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.username or parts.password:
        return None
    scheme = AS_PAGES.get(parts.scheme, parts.scheme)
    return Origin(scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme])


@dataclass(frozen=True)
class Request:
    """One page to open: its address, where it may go from there, and the holder's language."""

    address: str
    allowed: frozenset[Origin]
    language: str

    def may_go(self, address: str) -> bool:
        """May the window, or a frame in it, go there?"""
        return origin_of(address) in self.allowed

    def may_load(self, address: str) -> bool:
        """May the page load this: a picture, a style, a script, an answer?"""
        return self.may_go(address) or address.partition(":")[0] in INLINE


def read_request(line: str) -> Request:
    """The first line. BadRequest; nothing of the line is repeated, for it holds the ticket."""
    try:
        given = json.loads(line)
        address, language = str(given["address"]), str(given["language"])
        allowed = frozenset(one for text in given["origins"] if (one := origin_of(str(text))) is not None)
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest("not a request") from error
    request = Request(address, allowed, language)
    if not request.may_go(address):
        raise BadRequest("the address is at none of the origins")
    return request


@dataclass(frozen=True)
class Place:
    """Where the page is shown, in pixels of the display, and how large its words are."""

    x: int
    y: int
    width: int
    height: int
    zoom: float


def read_place(line: str) -> Place | None:
    """A later line: where the page is shown, None to hide it. BadRequest."""
    try:
        given = json.loads(line)["show"]
        if given is None:
            return None
        x, y, width, height, zoom = given
        return Place(int(x), int(y), int(width), int(height), float(zoom))
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest("not a place") from error
