"""strongSwan's `pki --est`, an EST client that others wrote, enrols and renews at our server."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from central.enrolment import register
from tests.city import City, served

TERMINAL = "T44010500088"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city behind TLS."""
    with served(tmp_path / "city", "https") as made:
        yield made


def pki(*arguments: object) -> bytes:
    """Run it; the certificate on its standard output."""
    done = subprocess.run(["pki", *map(str, arguments)], capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def new_request(folder: Path, name: str) -> tuple[Path, Path]:
    """A key and a request for it."""
    key, request = folder / f"{name}.key", folder / f"{name}.req"
    key.write_bytes(pki("--gen", "--type", "ecdsa", "--size", 256, "--outform", "pem"))
    request.write_bytes(pki("--req", "--in", key, "--type", "ecdsa", "--dn", f"CN={TERMINAL}", "--outform", "der"))
    return key, request


def test_strongswan_enrols_and_renews(city: City, tmp_path: Path) -> None:
    authority = city.keys.folder / "device-ca.pem"
    pki("--estca", "--url", city.url, "--cacert", authority, "--caout", tmp_path / "ca.der", "--force")
    assert x509.load_der_x509_certificate((tmp_path / "ca.der").read_bytes()) == city.keys.device_ca

    key, request = new_request(tmp_path, "first")
    code = register.new_code(city.engine, TERMINAL)
    trusted = ("--url", city.url, "--cacert", authority)
    first = tmp_path / "first.der"
    first.write_bytes(pki("--est", *trusted, "--in", request, "--userpass", f"{TERMINAL}:{code}"))
    made = x509.load_der_x509_certificate(first.read_bytes())
    made.verify_directly_issued_by(city.keys.device_ca)
    assert register.holder_of(city.engine, first.read_bytes()) == TERMINAL

    _next_key, request = new_request(tmp_path, "second")
    second = tmp_path / "second.der"
    second.write_bytes(pki("--est", *trusted, "--in", request, "--cert", first, "--key", key))
    assert register.holder_of(city.engine, second.read_bytes()) == TERMINAL
    assert register.holder_of(city.engine, first.read_bytes()) is None


def test_strongswan_is_refused_with_a_wrong_code(city: City, tmp_path: Path) -> None:
    _key, request = new_request(tmp_path, "first")
    register.new_code(city.engine, TERMINAL)
    trusted = ("--url", city.url, "--cacert", city.keys.folder / "device-ca.pem")
    with pytest.raises(AssertionError):
        pki("--est", *trusted, "--in", request, "--userpass", f"{TERMINAL}:WRONG-WRONG-WRONG-WRONG")
