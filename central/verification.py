"""Checking paper: a signed code, alone or inside a PDF, against our keys and the register of documents."""

from dataclasses import dataclass
from pathlib import Path

import base45
import cbor2
import pikepdf
from cwt import COSE, COSEKey
from cwt.exceptions import CWTError
from sqlalchemy import Engine

from backend_client.contract import seal
from central.issuing import verification
from central.keys import Keys

PDF_KEY = "/OneCardCode"


class Unreadable(ValueError):
    """There is no signed code in what was given."""


@dataclass(frozen=True)
class Verdict:
    """`state`: valid, void, expired, unknown, or forged (the signature is not ours)."""

    state: str
    facts: dict[str, object]


def code_in(given: str) -> str:
    """The signed code: given itself, in a text file, or in a PDF of ours. Unreadable otherwise."""
    try:
        path = Path(given)
        if not path.is_file():
            return given.strip()
        if path.read_bytes()[:5] == b"%PDF-":
            with pikepdf.open(path) as pdf:
                return str(pdf.docinfo[PDF_KEY])
        return path.read_text(encoding="ascii").strip()
    except (OSError, KeyError, UnicodeDecodeError, pikepdf.PdfError) as error:
        if isinstance(error, OSError) and len(given) > 200:
            return given.strip()  # too long for a file name: it is the code itself
        raise Unreadable(f"There is no signed code in {given!r}; give a code, a text file or a PDF.") from error


def verify(engine: Engine, keys: Keys, code: str) -> Verdict:
    """Check signature and register; Unreadable when it isn't a signed code at all."""
    try:
        raw = base45.b45decode(code)
        payload = COSE.new().decode(raw, COSEKey.from_jwk(keys.public_jwks()["keys"][0]))
    except CWTError:
        return Verdict("forged", {})
    except (ValueError, TypeError) as error:
        raise Unreadable("This is not a signed code; copy it whole.") from error
    values = cbor2.loads(payload)
    names = ("doc_no", "kind", "issued_at", "valid_until", "subject", "digest", "verify_code")
    facts = dict(zip(names, (values[label] for label in range(1, 8)), strict=True))
    state = verification(engine, str(values[seal.DOC_NO]), str(values[seal.VERIFY_CODE]))
    return Verdict(state, {**facts, "digest": values[seal.DIGEST].hex()})
