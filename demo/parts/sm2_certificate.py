"""A self-signed SM2 certificate (GB/T 20518, RFC 8998) for a simulated card.

`cryptography` knows no SM2, but writes the same structure for P-256: object identifiers and point have the same
lengths, so they are exchanged and the body is signed anew.
"""

import gmssl_pyx
from cryptography import x509

P256 = bytes.fromhex("06082A8648CE3D030107")
SM2 = bytes.fromhex("06082A811CCF5501822D")
ECDSA_WITH_SHA256 = bytes.fromhex("06082A8648CE3D040302")
SM2_WITH_SM3 = bytes.fromhex("06082A811CCF55018375")


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def _body(template: x509.Certificate, public: bytes) -> bytes:
    """The template's signed part with an SM2 key in place of its own."""
    body = template.tbs_certificate_bytes.replace(ECDSA_WITH_SHA256, SM2_WITH_SM3)
    before, after = body.split(P256, 1)
    point = 3 + len(b"\x04")  # BIT STRING header (03 42 00), then the mark of an uncompressed point
    return before + SM2 + after[:point] + public + after[point + len(public) :]


def sm2_key_and_certificate(template: x509.Certificate) -> tuple[bytes, bytes]:
    """A fresh SM2 private key (32 bytes) and its certificate (DER), with the names and dates of a P-256 template."""
    public, private = gmssl_pyx.sm2_key_generate()
    body = _body(template, public)
    signature = gmssl_pyx.sm2_sign(private, public, body)
    return private, _der(0x30, body + _der(0x30, SM2_WITH_SM3) + _der(0x03, b"\0" + signature))
