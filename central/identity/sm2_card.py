"""Card assertions of the gm profile (A): signed by the card with SM2, under the SM2 card CA. JWS alg `SM2SM3`."""

import base64
from datetime import UTC, datetime

from backend_client.crypto.sm2_certificate import Sm2Certificate, read_certificate
from backend_client.crypto.suite import GM
from central.identity.claims import BadToken, Jwt, decoded

ALGORITHM = GM.jws


def _card_of(card_ca: Sm2Certificate, chain: object) -> Sm2Certificate:
    """The leaf in x5c, checked against the SM2 card CA."""
    if not isinstance(chain, list) or not 1 <= len(chain) <= 3 or not all(isinstance(one, str) for one in chain):
        raise BadToken("its x5c is not a short list")
    try:
        leaf = read_certificate(base64.b64decode(chain[0], validate=True))
    except ValueError as error:
        raise BadToken("its certificate is not an SM2 card's") from error
    if not leaf.issued_by(card_ca):
        raise BadToken("its certificate is not from our SM2 card CA")
    if leaf.authority or not leaf.not_before <= datetime.now(UTC) <= leaf.not_after:
        raise BadToken("its certificate is not a card's, or not valid now")
    return leaf


def verified(jwt: Jwt, card_ca: Sm2Certificate) -> str:
    """The card's id, after certificate and signature were checked; BadToken for every other algorithm too."""
    if jwt.header["alg"] != ALGORITHM:
        raise BadToken("its algorithm is not the one of this profile's cards")
    card = _card_of(card_ca, jwt.header["x5c"])
    signing_input, _, signature = jwt.text.rpartition(".")
    if not GM.verify(card.public, signing_input.encode(), decoded(signature)):
        raise BadToken("its signature does not hold")
    return card.name
