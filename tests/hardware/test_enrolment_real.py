"""Terminals' certificates over real TLS: enrolment, mTLS afterwards, renewal, revocation; key in file or token."""

import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from backend_client.client import enrolment, errors
from backend_client.client.central import Central
from backend_client.client.keys import DeviceKey, KeyFileError
from backend_client.client.settings import CentralSettings
from backend_client.crypto.errors import KeyPlaceError
from backend_client.crypto.tls_key import client_context
from central.enrolment import register
from tests.attacks import client_jwt
from tests.city import City, served
from tests.hsm import token

NEW = "T44010500077"
FORM = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city behind TLS."""
    with served(tmp_path_factory.mktemp("city"), "https", daily_limit=1000) as made:
        yield made


@pytest.fixture(params=["file", "token"])
def place(request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the device key will lie."""
    if request.param == "file":
        return str(tmp_path / "device.pem")
    return token(tmp_path_factory.mktemp("hsm")).format("device")


def ca_file(city: City) -> str:
    """The pinned CA."""
    return str(city.keys.folder / "device-ca.pem")


def plain(city: City) -> ssl.SSLContext:
    """TLS without a certificate of ours."""
    return ssl.create_default_context(cafile=ca_file(city))


def shown(city: City, place: str, certificate: x509.Certificate, path: Path) -> ssl.SSLContext:
    """TLS with our certificate, wherever its key lies."""
    enrolment.keep(certificate, path)
    if place.startswith("pkcs11:"):
        return client_context(path, DeviceKey.load(place).private, ca_file(city))
    context = plain(city)
    context.load_cert_chain(path, place)
    return context


def enrolled(city: City, place: str, terminal: str, path: Path) -> tuple[Central, x509.Certificate]:
    """A new terminal, ready to work."""
    device = DeviceKey.create(place)
    code = register.new_code(city.engine, terminal)
    made = enrolment.enrol(city.url, plain(city), terminal, code, device.private)
    settings = CentralSettings(city.url, terminal, tls=shown(city, place, made, path))
    return Central(settings, DeviceKey.load(place)), made


def test_a_terminal_enrols_and_works_with_its_certificate(city: City, place: str, tmp_path: Path) -> None:
    terminal = f"T4401050{len(place):04d}"
    central, made = enrolled(city, place, terminal, tmp_path / "device.crt")
    assert ("token" in central.connection.device.place) == place.startswith("pkcs11:")
    with central.sign_in(city.card(), "social") as session:
        assert session.contributions()
        stolen = Central(replace(central.connection.settings, tls=plain(city)), central.connection.device)
        bound = session._key
        assert bound is not None
        answer = stolen.connection.resource("GET", "/api/v1/contributions", bound, str(session._token))
        assert answer.status == 401, "the token is bound to the certificate (RFC 8705)"
        with pytest.raises(errors.Refused, match="invalid_client"):
            stolen.sign_in(city.card(), "social")
        stolen.close()
    assert not enrolment.needs_renewal(made)
    assert enrolment.needs_renewal(made, lambda: datetime.now(UTC) + timedelta(days=70))
    central.close()
    register.revoke(city.engine, terminal)


def test_renewal_loses_nobody(city: City, place: str, tmp_path: Path) -> None:
    terminal, path = f"T4402{len(place):07d}", tmp_path / "device.crt"
    central, first = enrolled(city, place, terminal, path)
    tls = central.connection.settings.tls
    assert tls is not None
    key = central.connection.device.private
    lost = enrolment.renew(city.url, tls, terminal, key)
    assert central.sign_in(city.card(), "social"), "the present one counts while the next was never used"
    second = enrolment.renew(city.url, tls, terminal, key)
    newer = Central(
        CentralSettings(city.url, terminal, tls=shown(city, place, second, path)), central.connection.device
    )
    assert newer.sign_in(city.card(), "social")
    with pytest.raises(errors.Refused, match="invalid_client"):
        Central(CentralSettings(city.url, terminal, tls=tls), central.connection.device).sign_in(city.card(), "social")
    unheard = CentralSettings(city.url, terminal, tls=shown(city, place, lost, tmp_path / "lost.crt"))
    with pytest.raises(errors.Refused, match="invalid_client"):
        Central(unheard, central.connection.device).sign_in(city.card(), "social")
    assert first.serial_number != second.serial_number
    for one in (central, newer):
        one.close()


def test_a_revoked_terminal_is_dead_at_once(city: City, tmp_path: Path) -> None:
    central, _made = enrolled(city, str(tmp_path / "d.pem"), NEW, tmp_path / "d.crt")
    session = central.sign_in(city.card(), "social")
    assert register.revoke(city.engine, NEW) and not register.revoke(city.engine, "T00000000000")
    with pytest.raises(errors.SessionExpired):
        session.contributions()
    with pytest.raises(errors.Refused, match="invalid_client"):
        central.sign_in(city.card(), "social")
    tls = central.connection.settings.tls
    assert tls is not None
    with pytest.raises(errors.EnrolmentRefused, match="new code"):
        enrolment.renew(city.url, tls, NEW, central.connection.device.private)
    central.close()


def test_a_code_is_good_once_and_for_its_own_terminal(city: City, tmp_path: Path) -> None:
    key = DeviceKey.create(tmp_path / "d.pem").private
    code = register.new_code(city.engine, "T44030000001")
    attempts = (("T44030000002", code), ("T44030000001", "WRONG-CODE"), ("T44030000001", ""))
    for terminal, tried in attempts:
        with pytest.raises(errors.EnrolmentRefused):
            enrolment.enrol(city.url, plain(city), terminal, tried, key)
    results: list[object] = []

    def once() -> None:
        try:
            results.append(enrolment.enrol(city.url, plain(city), "T44030000001", code.lower(), key))
        except errors.EnrolmentRefused as error:
            results.append(error)

    threads = [threading.Thread(target=once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, x509.Certificate) for one in results) == 1 and len(results) == 4


def request_bytes(name: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """A PEM request."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM)


def test_bad_requests_are_refused_and_leave_the_code_good(city: City) -> None:
    terminal = "T44030000003"
    code = register.new_code(city.engine, terminal)
    good = request_bytes(terminal, ec.generate_private_key(ec.SECP256R1()))
    broken = good.replace(good[200:204], b"AAAA" if good[200:204] != b"AAAA" else b"BBBB")
    bad = (
        b"", b"not base64 at all!", b"AAAA", broken, request_bytes("T9", ec.generate_private_key(ec.SECP256R1())),
        request_bytes(terminal, ec.generate_private_key(ec.SECP384R1())),
        request_bytes(terminal, rsa.generate_private_key(65537, 2048)), b"A" * 20000,
    )  # fmt: skip
    for body in (*bad, good):
        answer = requests.post(
            f"{city.url}/.well-known/est/simpleenroll", body, auth=(terminal, code), verify=ca_file(city), timeout=10
        )
        assert (answer.status_code == 200) == (body == good), body[:30]
    answer = requests.post(f"{city.url}/.well-known/est/simpleenroll", good, verify=ca_file(city), timeout=10)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_certificate_alone_authenticates_its_own_terminal_only(city: City, tmp_path: Path) -> None:
    path = tmp_path / "d.pem"
    central, made = enrolled(city, str(path), "T44030000004", tmp_path / "d.crt")
    pair = (str(tmp_path / "d.crt"), str(path))
    ours = {"client_id": "T44030000004"}
    url = f"{city.url}/card/challenge"
    assert requests.post(url, ours, cert=pair, verify=ca_file(city), timeout=10).status_code == 200
    other = {"client_id": "T44010500001"}
    assert requests.post(url, other, cert=pair, verify=ca_file(city), timeout=10).status_code == 401
    assert requests.post(url, ours, verify=ca_file(city), timeout=10).status_code == 401

    class Bench:
        """What `client_jwt` needs."""

        url = city.url

    stolen = client_jwt(Bench(), "T44030000004", central.connection.device.private).compact()  # type: ignore[arg-type]
    form = {"client_assertion_type": FORM, "client_assertion": stolen}
    assert requests.post(url, form, verify=ca_file(city), timeout=10).status_code == 401
    assert made.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    central.close()


def test_a_key_in_a_token_never_leaves(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = token(tmp_path_factory.mktemp("hsm")).format("device")
    with pytest.raises(KeyFileError, match="no key"):
        DeviceKey.load(place)
    device = DeviceKey.create(place)
    with pytest.raises(KeyFileError, match="already"):
        DeviceKey.create(place)
    assert DeviceKey.load(place).thumbprint == device.thumbprint
    with pytest.raises(KeyPlaceError, match="leave"):
        device.private.private_numbers()
    with pytest.raises(KeyPlaceError, match="leave"):
        device.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeyPlaceError):
        device.private.exchange(ec.ECDH(), device.private.public_key())
    with pytest.raises(KeyPlaceError):
        device.private.sign(b"x", ec.ECDSA(hashes.SHA384()))


CONFIGURATION = """
[terminal]
id = "T44040000001"
data = "terminal"
[card]
reader = "x"
[central]
base_url = "{url}"
seal_keys = "seal-keys.json"
device_key = "{key}"
certificate = "device.crt"
ca_file = "{ca}"
[thermal]
host = "127.0.0.1"
[a4]
uri = "ipp://127.0.0.1/ipp/print"
"""


def test_kiosk_enrol_and_doctor_say_where_the_key_lies(city: City, place: str, tmp_path: Path) -> None:
    from kiosk.central_access import device_key, settings_of
    from kiosk.cli import doctor
    from kiosk.cli.enrol import enrol, renew
    from kiosk.cli.errors import CommandError
    from kiosk.config import load_config

    path = tmp_path / "terminal.toml"
    key = place if place.startswith("pkcs11:") else "device.pem"
    path.write_text(CONFIGURATION.format(url=city.url, key=key, ca=ca_file(city)), encoding="utf-8")
    (tmp_path / "seal-keys.json").write_text('{"keys": []}', encoding="utf-8")
    config = load_config(path)
    with pytest.raises(CommandError, match="new code"):
        enrol(config, "WRONG-CODE")
    assert not doctor._certificate(config).ok
    said = enrol(config, register.new_code(city.engine, "T44040000001", revive=True))
    assert ("PKCS#11 token" in said) == place.startswith("pkcs11:")
    assert renew(config).startswith("Nothing to do")
    checks = (doctor._keys, doctor._certificate, doctor._central)
    found = {finding.part: finding for finding in (check(config) for check in checks)}
    assert all(finding.ok for finding in found.values()), found
    assert ("unprotected" in found["keys"].sentence) != place.startswith("pkcs11:")
    client = Central(settings_of(config), device_key(config))
    assert client.sign_in(city.card(), "social").contributions()
    client.close()
    register.revoke(city.engine, "T44040000001")
