"""The terminal's side of HTTP: every misbehaviour of a server becomes a named error; nothing is sent twice blindly."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from backend_client.client import errors
from backend_client.client.central import Central, HolderSession
from backend_client.client.keys import DeviceKey, KeyFileError, SigningKey
from backend_client.client.parse import model
from backend_client.client.settings import CentralSettings
from backend_client.client.transport import Answer, Call, Retry, Transport
from backend_client.contract.contributions import Contributions
from backend_client.contract.identity import Challenge, Token
from tests.samples import contributions

Play = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Plays one scene for each request; the last one again and again."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Play the next scene."""
        stage: Stage = self.server.stage  # type: ignore[attr-defined]
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stage.requests.append((self.command, self.path, dict(self.headers)))
        scene = stage.scenes.pop(0) if len(stage.scenes) > 1 else stage.scenes[0]
        scene(self)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


class Stage:
    """A server with scenes, and what was asked of it."""

    def __init__(self) -> None:
        self.scenes: list[Play] = [answer(200, {})]
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.stage = self  # type: ignore[attr-defined]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def settings(self) -> CentralSettings:
        """How to reach it, impatiently."""
        url = f"http://127.0.0.1:{self.server.server_address[1]}"
        return CentralSettings(url, "T44010500001", connect_timeout=0.5, read_timeout=0.5)


def answer(status: int, body: object, **headers: str) -> Play:
    """A scene: this answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def play(handler: Handler) -> None:
        (handler.send_response_only if "Date" in headers else handler.send_response)(status)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(raw)

    return play


def hang_up(handler: Handler) -> None:
    """A scene: no answer at all."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def drip(handler: Handler) -> None:
    """A scene: an answer that never ends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    over = threading.Event()
    try:
        while not over.wait(0.1):
            handler.wfile.write(b"x")
            handler.wfile.flush()
    except OSError:
        handler.close_connection = True


def silence(handler: Handler) -> None:
    """A scene: the server thinks until the client gives up."""
    handler.rfile.read(1)
    handler.close_connection = True


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A stage."""
    made = Stage()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def central(stage: Stage, tmp_path: Path) -> Iterator[Central]:
    """A client of the stage."""
    made = Central(stage.settings, DeviceKey.create(tmp_path / "device.pem"))
    yield made
    made.close()


SCENES: dict[str, tuple[Play, type[errors.CentralError]]] = {
    "hangs up": (hang_up, errors.Unreachable),
    "silent": (silence, errors.TooSlow),
    "drips": (drip, errors.TooSlow),
    "html": (answer(200, b"<html>"), errors.Nonsense),
    "another shape": (answer(200, {"nonce": "short"}), errors.Nonsense),
    "500": (answer(500, b"oops"), errors.Nonsense),
    "503": (answer(503, {}, Retry_After="7"), errors.Busy),
    "503 for no number of seconds": (answer(503, {}, Retry_After="²"), errors.Busy),
    "302": (answer(302, b"", Location="http://elsewhere.invalid/"), errors.Nonsense),
    "refuses": (answer(400, {"error": "invalid_grant"}), errors.SignInRefused),
    "other error": (answer(400, {"error": "made_up"}), errors.Refused),
    "clock": (answer(200, {}, Date="Thu, 01 Jan 2015 00:00:00 GMT"), errors.ClockDiffers),
}


@pytest.mark.parametrize("name", SCENES)
def test_every_misbehaviour_is_named(stage: Stage, central: Central, name: str) -> None:
    scene, error = SCENES[name]
    stage.scenes = [scene]
    with pytest.raises(error) as raised:
        central.connection.challenge()
    assert str(raised.value).endswith(".")


def test_an_answer_over_8_mib_is_nonsense(stage: Stage) -> None:
    stage.scenes = [answer(200, b"x" * (9 * 1024 * 1024))]
    transport = Transport(replace(stage.settings, read_timeout=60))  # the size is what counts here, not the time
    with pytest.raises(errors.Nonsense, match="8 MiB"):
        transport.once(Call("GET", "/"))
    transport.close()


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    settings = CentralSettings("http://127.0.0.1:1", "T1")
    client = Central(settings, DeviceKey.create(tmp_path / "device.pem"))
    with pytest.raises(errors.Unreachable):
        client.health()
    client.close()


def test_safe_calls_are_repeated_with_a_fresh_assertion(stage: Stage, central: Central) -> None:
    good = {"nonce": "n" * 43, "host_random": "0" * 16, "expires_in": 60}
    stage.scenes = [hang_up, answer(503, {}), answer(200, good)]
    assert central.connection.challenge() == Challenge.model_validate(good)
    assert len(stage.requests) == 3


def test_calls_that_may_not_be_repeated_are_sent_once(stage: Stage) -> None:
    stage.scenes = [hang_up]
    transport = Transport(stage.settings)
    with pytest.raises(errors.Unreachable):
        transport.send(lambda: Call("POST", "/token"), Retry.NEVER)
    assert len(stage.requests) == 1
    transport.close()


def signed_in(stage: Stage, central: Central) -> "HolderSession":
    """A session as the token endpoint gives it."""
    token = Token.model_validate(
        {"access_token": "t", "token_type": "DPoP", "expires_in": 300, "scope": "social", "sid": "s", "acr": "a",
         "session_expires_in": 900,
         "holder": {"id_no": "990106198504120014", "name": "测甲"}}
    )  # fmt: skip
    del stage
    return HolderSession(central.connection, SigningKey.generate(), token, 0.0)


def test_the_servers_nonce_is_used_and_every_proof_is_fresh(stage: Stage, central: Central) -> None:
    session = signed_in(stage, central)
    challenge = answer(401, {"error": "use_dpop_nonce"}, DPoP_Nonce="N1")
    stage.scenes = [challenge, answer(200, json.loads(contributions().model_dump_json()))]
    assert session.contributions() == contributions()
    proofs = [headers["DPoP"] for _method, _path, headers in stage.requests]
    assert len(set(proofs)) == 2


def test_a_record_about_somebody_else_is_nonsense(stage: Stage, central: Central) -> None:
    session = signed_in(stage, central)
    other = json.loads(contributions().model_dump_json()) | {"subject_id_no": "990106198709300027"}
    stage.scenes = [answer(200, other)]
    with pytest.raises(errors.Nonsense, match="somebody else"):
        session.contributions()


@pytest.mark.expected_log("token not revoked")
@pytest.mark.parametrize("scene", [hang_up, silence, answer(500, b"")])
def test_revocation_never_raises_and_forgets_at_once(stage: Stage, central: Central, scene: Play) -> None:
    session = signed_in(stage, central)
    stage.scenes = [scene]
    session.revoke()
    with pytest.raises(errors.SessionExpired):
        session.contributions()
    asked = len(stage.requests)
    session.revoke()
    assert len(stage.requests) == asked


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(JSON, st.sampled_from([200, 201, 400, 401, 404, 500]))
@settings(max_examples=300, deadline=None)
def test_any_json_is_a_model_or_a_named_error(body: object, status: int) -> None:
    given_answer = Answer(status, CaseInsensitiveDict(), json.dumps(body).encode())
    with pytest.raises(errors.CentralError):
        model(given_answer, Contributions)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_named_error(body: bytes) -> None:
    with pytest.raises(errors.CentralError):
        model(Answer(200, CaseInsensitiveDict(), body), Contributions)


def test_a_wrong_field_is_named_without_its_content() -> None:
    wrong = json.loads(contributions("许斌嘉").model_dump_json())
    wrong["person"]["id_no"] = "990113199110315431-许斌嘉"
    with pytest.raises(errors.Nonsense, match=r"person\.id_no") as raised:
        model(Answer(200, CaseInsensitiveDict(), json.dumps(wrong).encode()), Contributions)
    assert "990113" not in str(raised.value)


def test_a_device_key_is_private(tmp_path: Path) -> None:
    path = tmp_path / "device.pem"
    made = DeviceKey.create(path)
    assert path.stat().st_mode & 0o077 == 0
    assert DeviceKey.load(path).thumbprint == made.thumbprint
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        DeviceKey.load(path)
    with pytest.raises(KeyFileError, match="enrol"):
        DeviceKey.load(tmp_path / "nowhere.pem")
    with pytest.raises(FileExistsError):
        DeviceKey.create(path)


def test_every_error_stands_in_the_drawn_tree() -> None:
    def below(kind: type) -> list[type]:
        children: list[type] = kind.__subclasses__()
        return [*children, *(deep for child in children for deep in below(child))]

    drawn = errors.__doc__ or ""
    assert [kind.__name__ for kind in below(errors.CentralError) if kind.__name__ not in drawn] == []
