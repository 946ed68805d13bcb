"""Enrolment over Secure Transport (RFC 7030): CA certificate, enrolment with a one-time code, renewal."""

import base64
import binascii
from typing import Annotated

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from central.api.office import Central, peer_certificate
from central.enrolment import register
from central.enrolment.authority import BadRequest
from central.errors import CentralRefusal

router = APIRouter(prefix="/.well-known/est", tags=["enrolment"])
MAX_REQUEST = 8192
PKCS7 = "application/pkcs7-mime"
Basic = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False, realm="enrolment"))]


def _answer(certificates: list[x509.Certificate]) -> Response:
    """A certs-only PKCS #7, base64 (RFC 7030 sections 4.1.3 and 4.2.3)."""
    content = base64.b64encode(pkcs7.serialize_certificates(certificates, Encoding.DER))
    headers = {"Content-Transfer-Encoding": "base64", "Content-Type": f"{PKCS7}; smime-type=certs-only"}
    return Response(content, headers=headers)


async def _request(request: Request) -> bytes:
    """The PKCS #10 request of a body, DER; base64 in any line length, with or without PEM's lines."""
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > MAX_REQUEST:
            raise CentralRefusal(413, "too_large", "A certificate request is at most 8 KiB.")
    lines = [line for line in raw.split(b"\n") if not line.startswith(b"-----")]
    try:
        return base64.b64decode(b"".join(b"".join(lines).split()), validate=True)
    except binascii.Error as error:
        raise BadRequest("the body is not base64") from error


@router.get("/cacerts", response_class=Response)
def cacerts(central: Central) -> Response:
    """The device CA's certificate, to be compared with a pinned one."""
    return _answer([central.keys.device_ca])


@router.get("/csrattrs", status_code=204, response_class=Response)
def csrattrs() -> Response:
    """No attributes are asked for."""
    return Response(status_code=204)


@router.post("/simpleenroll", response_class=Response)
def simpleenroll(central: Central, credentials: Basic, request: Annotated[bytes, Depends(_request)]) -> Response:
    """A first certificate; HTTP Basic, the terminal's id and its one-time code."""
    if credentials is None:
        raise CentralRefusal(401, "invalid_client", "Send the terminal's id and its one-time code.", register.BASIC)
    made = register.enrol(central.engine, central.keys, credentials.username, credentials.password, request)
    return _answer([made])


@router.post("/simplereenroll", response_class=Response)
def simplereenroll(central: Central, http: Request, request: Annotated[bytes, Depends(_request)]) -> Response:
    """The next certificate, over a connection that the present one authenticated."""
    return _answer([register.renew(central.engine, central.keys, peer_certificate(http), request)])
