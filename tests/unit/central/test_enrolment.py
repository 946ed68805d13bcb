"""Certificate requests that are not what they should be (EST); terminals revoked in the middle of a visit."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from backend_client.client import errors
from backend_client.client.central import Central
from backend_client.client.enrolment import request_for
from backend_client.client.keys import SigningKey
from central.enrolment import register
from central.enrolment.authority import BadRequest, read_request, terminal_certificate
from central.identity.tables import enrolment_codes
from central.storage import writing
from tests.city import TERMINAL, City, refused, served

NEW = "T44010500077"
KEY = ec.generate_private_key(ec.SECP256R1())
GOOD = request_for(KEY, NEW)
GOOD_TEXT = base64.b64encode(GOOD)


def named(*names: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = KEY) -> bytes:
    """A request for these common names, asking for what is not given."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
    wanted = x509.BasicConstraints(ca=True, path_length=None)
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).add_extension(wanted, critical=True)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def said_by(der: bytes) -> tuple[bytes, bytes] | None:
    """What is taken from a request: its key and its name; None when it is refused."""
    try:
        request = read_request(der, NEW)
    except BadRequest:
        return None
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return request.public_key().public_bytes(serialization.Encoding.DER, form), request.subject.public_bytes()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city on a port."""
    with served(tmp_path) as made:
        yield made


@given(st.binary(max_size=600))
def test_noise_is_no_request(noise: bytes) -> None:
    with pytest.raises(BadRequest):
        read_request(noise, NEW)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255), st.integers(0, len(GOOD)))
def test_a_damaged_request_is_refused_or_says_the_same(place: int, flip: int, end: int) -> None:
    damaged = bytearray(GOOD)
    damaged[place] ^= flip
    assert said_by(bytes(damaged)) in (None, said_by(GOOD))
    assert said_by(GOOD[:end] if end < len(GOOD) else GOOD + b"\0") is None


def test_a_signature_with_unused_bits_says_the_same() -> None:
    """Last bits that are 0 may be called unused (X.690 section 8.6.2): the same signature, written otherwise."""
    even = next(made for made in iter(lambda: request_for(KEY, NEW), b"") if made[-1] % 2 == 0)
    signature = x509.load_der_x509_csr(even).signature
    assert even.endswith(b"\0" + signature)
    assert said_by(even[: -len(signature) - 1] + b"\1" + signature) in (None, said_by(even))


@pytest.mark.parametrize(
    "request_",
    [
        named("T44010500078"),
        named(),
        named(NEW, "T44010500078"),
        named(NEW, NEW),
        named(NEW + "\0"),
        named(NEW, key=rsa.generate_private_key(65537, 2048)),
        named(NEW, key=ec.generate_private_key(ec.SECP384R1())),
        named(NEW, key=ec.generate_private_key(ec.SECP256K1())),
    ],
)
def test_a_request_for_another_name_or_key_is_refused(request_: bytes) -> None:
    with pytest.raises(BadRequest):
        read_request(request_, NEW)


def test_nothing_of_the_request_but_its_key_is_taken_over(city: City) -> None:
    made = terminal_certificate(city.keys, read_request(named(NEW), NEW), NEW)
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.binary(max_size=300) | st.sampled_from([b"", b"=", base64.b64encode(GOOD)[:-5], b"-----BEGIN\n"]))
def test_a_bad_body_leaves_the_code_good(city: City, body: bytes) -> None:
    code = register.new_code(city.engine, NEW)
    assert city.client.post("/.well-known/est/simpleenroll", content=body, auth=(NEW, code)).status_code == 400
    assert register.enrol(city.engine, city.keys, NEW, code, GOOD)


@pytest.mark.parametrize("how", ["wrong", "over", "used", "another's", "none", "malformed"])
def test_a_code_that_is_no_good_is_asked_for_again(city: City, how: str) -> None:
    code = register.new_code(city.engine, NEW)
    if how == "over":
        with writing(city.engine) as connection:
            connection.execute(update(enrolment_codes).values(expires=1.0))
    if how == "used":
        register.enrol(city.engine, city.keys, NEW, code, GOOD)
    name = "T44010500099" if how == "another's" else NEW
    sent = base64.b64encode(f"{name}:{'wrong' if how == 'wrong' else code}".encode()).decode()
    headers = {} if how == "none" else {"Authorization": f"Basic {'!' if how == 'malformed' else sent}"}
    answer = city.client.post("/.well-known/est/simpleenroll", content=GOOD_TEXT, headers=headers)
    assert answer.status_code == 401 and refused(answer, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    if how != "none":
        assert code not in answer.text and "used" not in answer.text and "over" not in answer.text


def test_a_revoked_terminals_running_visit_is_over_at_once(city: City, central: Central) -> None:
    session = central.sign_in(city.card(), "social")
    assert session.contributions()
    assert register.revoke(city.engine, TERMINAL)
    with pytest.raises(errors.SessionExpired):
        session.contributions()
    with pytest.raises(errors.Refused, match="invalid_client"):
        central.sign_in(city.card(), "social")


def test_a_key_that_was_replaced_is_not_the_clients_any_more(city: City, central: Central) -> None:
    assert central.sign_in(city.card(), "social")
    code = register.new_code(city.engine, TERMINAL)
    key = SigningKey.generate()
    register.enrol(city.engine, city.keys, TERMINAL, code, request_for(key.private, TERMINAL))
    with pytest.raises(errors.Refused, match="invalid_client"):
        central.sign_in(city.card(), "social")
