"""Signatures over PDF files: PAdES B-T for a digest, our time-stamp authority, and the check of a signed file.

A terminal builds the file and sends its digest; the key never leaves central (decision 0034).
"""

import asyncio
import hashlib
import io
import secrets
from datetime import UTC, datetime

from asn1crypto import cms, core, tsp
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from central.certificates import Identity, signer, time_stamper
from central.examined import TRACES, FileSignature
from central.keys import Keys

POLICY = "1.3.6.1.4.1.32473.1"  # in the arc of RFC 5612, for examples: a city has its own
DIGESTS = {"sha256": 32, "sha384": 48, "sha512": 64}


class NotATimeStampRequest(ValueError):
    """These bytes are no request of RFC 3161."""


def _simple_signer(identity: Identity, *chain: bytes) -> SimpleSigner:
    registry = SimpleCertificateStore()
    registry.register_multiple(asn1_x509.Certificate.load(der) for der in chain)
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(identity.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(identity.key),
        cert_registry=registry,
        embed_roots=False,
    )


class Authority(TimeStamper):
    """The time-stamp authority of these keys: RFC 3161 tokens, ECDSA."""

    def __init__(self, keys: Keys) -> None:
        super().__init__(include_nonce=True)  # type: ignore[no-untyped-call]
        identity = time_stamper(keys)
        self._signer = _simple_signer(identity)
        subject = asn1_x509.Certificate.load(identity.certificate).subject
        self._subject = asn1_x509.GeneralName("directory_name", subject)

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """A granted token over the request's digest."""
        fields: dict[str, object] = {
            "version": "v1", "policy": POLICY, "message_imprint": req["message_imprint"],
            "serial_number": secrets.randbits(63), "gen_time": datetime.now(UTC), "tsa": self._subject,
        }  # fmt: skip
        if req["nonce"].native is not None:
            fields["nonce"] = req["nonce"]
        content = tsp.TSTInfo(fields)
        token = await self._signer.async_sign(
            hashlib.sha256(content.dump()).digest(), "sha256", signed_attr_settings=PdfCMSSignedAttributes(),
            is_pdf_sig=False,
            encap_content_info=cms.EncapsulatedContentInfo(
                {"content_type": "tst_info", "content": core.ParsableOctetString(content.dump())}
            ),
        )  # fmt: skip
        return tsp.TimeStampResp({"status": tsp.PKIStatusInfo({"status": "granted"}), "time_stamp_token": token})


def answer_time_stamp(keys: Keys, request: bytes) -> bytes:
    """DER answer to a DER request (RFC 3161). NotATimeStampRequest when it is none."""
    try:
        parsed = tsp.TimeStampReq.load(request, strict=True)
        imprint = parsed["message_imprint"]
        name, digest = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
    except (ValueError, TypeError) as error:
        raise NotATimeStampRequest("This is not a time-stamp request (RFC 3161).") from error
    if DIGESTS.get(name) != len(digest):
        raise NotATimeStampRequest("Send a digest by SHA-256, SHA-384 or SHA-512.")
    return bytes(asyncio.run(Authority(keys).async_request_tsa_response(parsed)).dump())


def sign_digest(keys: Keys, digest: bytes) -> bytes:
    """A detached CMS signature, PAdES B-T, over the SHA-256 digest of a PDF's signed bytes (EN 319 142-1)."""
    made = asyncio.run(
        _simple_signer(signer(keys)).async_sign(
            digest, "sha256", use_pades=True, timestamper=Authority(keys), signed_attr_settings=PdfCMSSignedAttributes()
        )
    )
    return bytes(made.dump())


BROKEN = FileSignature(whole=False, trusted=False, stamped=None)
# What pyHanko 0.38 lets through for a file with turned bytes (AttributeError: an unknown digest, a half-read field).
UNREADABLE = (PdfError, SignatureValidationError, ValueError, TypeError, KeyError, IndexError, AttributeError)


def file_signature(pdf: bytes, authority_der: bytes) -> FileSignature | None:
    """The check of a PDF's first signature against our authority; None when the file has none and never had one."""
    try:
        found = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_signatures
        if not found:
            return BROKEN if any(trace in pdf for trace in TRACES) else None
        context = ValidationContext(trust_roots=[asn1_x509.Certificate.load(authority_der)])
        status = validate_pdf_signature(found[0], context, context)
        tidy = _only_zeros_behind(found[0].pkcs7_content)
    except UNREADABLE:
        return BROKEN
    stamp, trusted = status.timestamp_validity, bool(status.trusted)
    stamped = stamp.timestamp if stamp and stamp.valid and (stamp.trusted or not trusted) else None
    covers = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    return FileSignature(status.intact and status.valid and covers and tidy and stamped is not None, trusted, stamped)


def _only_zeros_behind(contents: bytes) -> bool:
    """Is the room behind the CMS empty, as we left it?"""
    return not contents[len(core.Asn1Value.load(contents).dump()) :].strip(b"\0")
