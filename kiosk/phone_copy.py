"""The holder's copy for the phone: the tagged PDF with central's signature, and the OFD, left with central for a while.

The terminal lays out and central signs (decision 0034). Blocking; runs on the document thread.
"""

from datetime import datetime

from backend_client.client.central import Central
from backend_client.client.errors import Nonsense
from backend_client.contract.documents import CopyLink, IssuedDocument
from printing.words import Language


def leave_copy(
    central: Central,
    issued: IssuedDocument,
    language: Language,
    at: datetime,
    place: str,
    *,
    large: bool = False,
    by_proxy: bool = False,
) -> CopyLink:
    """Make both files and say where the phone finds them. Raises CentralError and PrintingError."""
    from printing.a4 import render_copy, render_ofd
    from printing.pdf_signature import SignatureTooLarge

    room = render_copy(issued, language, at, place=place, large=large, by_proxy=by_proxy)
    cms = central.sign_file(issued.doc_no, room.digest)
    try:
        pdf = room.signed(cms)
    except SignatureTooLarge as error:
        raise Nonsense(f"FileSignature: {error}") from error
    ofd = render_ofd(issued, language, at, place=place, large=large, by_proxy=by_proxy)
    return central.offer_copy(issued.doc_no, pdf, ofd)
