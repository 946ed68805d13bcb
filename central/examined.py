"""What a file that somebody holds has in it: a signature over the whole of it, and a code. Knows no keys of codes."""

from dataclasses import dataclass
from datetime import datetime

from central.evidence import code_in, contradicts, is_pdf

TRACES = (b"/ByteRange", b"ETSI.CAdES.detached")


@dataclass(frozen=True)
class FileSignature:
    """What was found of a file's signature. `whole`: nothing was added or changed after it, its time stamp included.

    `trusted`: it leads to our authority. `stamped`: when, if the time stamp is as good as the signature.
    """

    whole: bool
    trusted: bool
    stamped: datetime | None


@dataclass(frozen=True)
class Examined:
    """`signature`: None when it has none. `contradicted`: another code of ours is on the pages of an unsigned file."""

    signature: FileSignature | None = None
    code: str | None = None
    contradicted: bool = False


def examine(data: bytes, authority: bytes | None) -> Examined:
    """The signature of a PDF against this authority's certificate, then the code."""
    signed = authority and is_pdf(data) and any(trace in data for trace in TRACES)
    signature = _signature(data, authority) if authority and signed else None
    if signature is not None and not (signature.whole and signature.trusted):
        return Examined(signature)
    code = code_in(data)
    return Examined(signature, code, signature is None and code is not None and contradicts(data, code))


def _signature(data: bytes, authority: bytes) -> FileSignature | None:
    from central.signatures import file_signature  # pyHanko takes 0.6 s to import: only for signed files

    return file_signature(data, authority)
