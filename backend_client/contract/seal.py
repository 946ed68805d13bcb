"""What the signed code on paper holds, and the digest that ties it to the printed facts. No keys, no signing."""

import hashlib
import json
from dataclasses import dataclass

from pydantic import BaseModel

# CBOR map keys of the sealed payload: short integers keep the QR symbol small (RFC 9052 style labels).
DOC_NO, KIND, ISSUED_AT, VALID_UNTIL, SUBJECT, DIGEST, VERIFY_CODE = range(1, 8)


@dataclass(frozen=True)
class SealedFacts:
    """Payload of the COSE_Sign1 on a document; times in seconds since the epoch, `valid_until` ISO date or ''."""

    doc_no: str
    kind: str
    issued_at: int
    valid_until: str
    subject: str
    digest: bytes
    verify_code: str

    def to_map(self) -> dict[int, object]:
        """The CBOR map that is signed."""
        return {
            DOC_NO: self.doc_no,
            KIND: self.kind,
            ISSUED_AT: self.issued_at,
            VALID_UNTIL: self.valid_until,
            SUBJECT: self.subject,
            DIGEST: self.digest,
            VERIFY_CODE: self.verify_code,
        }


def facts_digest(facts: BaseModel) -> bytes:
    """SHA-256 (32 bytes) over the facts as JSON with sorted keys, no blanks, UTF-8."""
    text = json.dumps(facts.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()
