"""What the signed code on paper holds, and the digest that ties it to the whole document. No keys, no signing.

A code is base32 (RFC 4648, capitals, no padding) of a tagged COSE_Sign1 (RFC 9052). Base32 costs 14 characters more
than base45 here, but may stand in a URL, so that any phone's camera opens the page that checks it (decision 0033).
"""

import base64
import binascii
import hashlib
import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from backend_client.contract.documents import IssuedDocument
from backend_client.contract.masking import masked_id

# CBOR map keys of the payload: short integers keep the symbol small.
KIND, NUMBER, VALID_UNTIL, SUBJECT, DIGEST, STATUS = range(1, 7)
EPOCH = date(1970, 1, 1)
DIGEST_BYTES = 16
LENGTHS = range(190, 241)  # characters of a code (a document without a last day has the shortest), and some more
LOOK_ALIKE = str.maketrans("018", "OIB")  # not in base32 (RFC 4648 section 6 names the first two)
SCAN_PATH = "/V/"


class NotACode(ValueError):
    """These characters are not a code of ours."""


@dataclass(frozen=True)
class SealedFacts:
    """Payload of the COSE_Sign1 on a document. `subject`: first three and last four of the identity number.

    `digest`: of everything on the document (`document_digest`). `status`: the document's place in the status list.
    """

    kind: str
    number: int
    valid_until: date | None
    subject: str
    digest: bytes
    status: int

    @property
    def doc_no(self) -> str:
        """As it is printed."""
        return f"{self.kind}{self.number}"

    @property
    def masked_subject(self) -> str:
        """As it is printed on a slip."""
        return masked_id(f"{self.subject[:3]}{'0' * 11}{self.subject[3:]}")

    def to_map(self) -> dict[int, object]:
        """The CBOR map that is signed. Days are counted from 1970-01-01 (RFC 8943)."""
        days = {} if self.valid_until is None else {VALID_UNTIL: (self.valid_until - EPOCH).days}
        return {
            KIND: self.kind, NUMBER: self.number, **days,
            SUBJECT: self.subject, DIGEST: self.digest, STATUS: self.status,
        }  # fmt: skip

    @classmethod
    def from_map(cls, values: object) -> "SealedFacts":
        """The payload's content; NotACode when it is something else."""
        if not isinstance(values, dict):
            raise NotACode("the payload is not a map")
        wanted = {KIND: str, NUMBER: int, SUBJECT: str, DIGEST: bytes, STATUS: int}
        if values.keys() - {VALID_UNTIL} != wanted.keys() or not all(
            type(values[key]) is kind for key, kind in wanted.items()
        ):
            raise NotACode("the payload has other fields than the contract")
        try:
            until = EPOCH + timedelta(days=values[VALID_UNTIL]) if VALID_UNTIL in values else None
        except (TypeError, OverflowError) as error:
            raise NotACode("its last day is not a day") from error
        return cls(values[KIND], values[NUMBER], until, values[SUBJECT], values[DIGEST], values[STATUS])


Digest = Callable[[bytes], bytes]


def sha256(data: bytes) -> bytes:
    """The digest of the international profile."""
    return hashlib.sha256(data).digest()


def sealed(issued: IssuedDocument, status: int, digest: Digest = sha256) -> SealedFacts:
    """What must be signed for this document, with the digest of the profile."""
    subject = issued.facts.record.subject_id_no
    return SealedFacts(
        kind=issued.kind.value,
        number=int(issued.doc_no[2:]),
        valid_until=issued.valid_until,
        subject=subject[:3] + subject[-4:],
        digest=document_digest(issued, digest),
        status=status,
    )


def document_digest(issued: IssuedDocument, digest: Digest = sha256) -> bytes:
    """First 16 bytes of SHA-256 (SM3 in the gm profile) over the document without its code, as JSON in UTF-8.

    Keys sorted, no blanks.
    128 bits are enough against a second document under the same signature; only central could look for a collision.
    """
    fields = issued.model_dump(mode="json", exclude={"signed_code"})
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return digest(text.encode())[:DIGEST_BYTES]


def encode(signed: bytes) -> str:
    """Characters for a COSE message."""
    return base64.b32encode(signed).decode().rstrip("=")


def characters_of(code: str) -> str:
    """A code as it was made, from how people give it: behind an address, in lower case, in groups, in full width."""
    plain = unicodedata.normalize("NFKC", code).rpartition("/")[2].upper()
    return "".join(plain.split()).replace("-", "").rstrip("=").translate(LOOK_ALIKE)


def is_meant_as_one(code: str) -> bool:
    """Does it have the length and the letters of a code, whatever they say? So a wrong letter is told from no code."""
    characters = characters_of(code)
    return len(characters) in LENGTHS and characters.isascii() and characters.isalnum()


def decode(code: str) -> bytes:
    """The COSE message behind a code, alone or as the end of the scanned address. NotACode when there is none."""
    characters = characters_of(code)
    try:
        return base64.b32decode(characters + "=" * (-len(characters) % 8))
    except (binascii.Error, ValueError) as error:
        raise NotACode("these characters are not base32") from error


def scan_text(issued: IssuedDocument) -> str:
    """What the symbol on paper holds: the address that checks the code, in capitals (QR's alphanumeric mode)."""
    origin = issued.verify_url.partition("/verify/")[0]
    return f"{origin.upper()}{SCAN_PATH}{issued.signed_code}"
