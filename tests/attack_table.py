"""The table of attacks: a name, and what is changed in a good attempt (tests/attacks.py)."""

import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.attacks import Attempt, Call, Jwt, b64, client_jwt, es, hs256, new_key, pem_of, public_jwk, rs256, thumbprint

Change = Callable[[Attempt], None]
CallChange = Callable[[Call], None]
JWTS = ("card", "client", "proof")
BEYOND = 10**400  # a JSON integer that no float holds


def claim(which: str, **values: Any) -> Change:
    """Other claims; None takes one away."""

    def change(attempt: Attempt) -> None:
        jwt: Jwt = getattr(attempt, which)
        jwt.claims.update(values)
        jwt.claims = {name: value for name, value in jwt.claims.items() if value is not None}

    return change


def shifted(which: str, seconds: int, *names: str) -> Change:
    """Times moved."""

    def change(attempt: Attempt) -> None:
        claims = getattr(attempt, which).claims
        claims.update({name: claims[name] + seconds for name in names or ("iat", "exp") if name in claims})

    return change


def header(which: str, **values: Any) -> Change:
    """Other header members; None takes one away."""

    def change(attempt: Attempt) -> None:
        jwt: Jwt = getattr(attempt, which)
        jwt.header.update(values)
        jwt.header = {name: value for name, value in jwt.header.items() if value is not None}

    return change


def signer(which: str, alg: str, make: Callable[[Attempt], Any]) -> Change:
    """Another algorithm or key."""

    def change(attempt: Attempt) -> None:
        jwt: Jwt = getattr(attempt, which)
        jwt.header["alg"], jwt.sign = alg, make(attempt)

    return change


def text(which: str, value: str | None = None, tail: str = "") -> Change:
    """Other text in the JWT's place."""

    def change(attempt: Attempt) -> None:
        jwt: Jwt = getattr(attempt, which)
        jwt.text, jwt.tail = value, tail

    return change


def twice(which: str, part: str, name: str) -> Change:
    """A name that stands twice: readers would differ in which one they believe."""

    def change(attempt: Attempt) -> None:
        jwt: Jwt = getattr(attempt, which)
        source = jwt.header if part == "raw_header" else jwt.claims
        whole = json.dumps(source)
        setattr(jwt, part, f'{{"{name}": {json.dumps(source[name])}, {whole[1:]}'.encode())

    return change


def raw(which: str, part: str, value: bytes) -> Change:
    """Bytes in a part's place."""
    return lambda attempt: setattr(getattr(attempt, which), part, value)


def form(**values: Any) -> Change:
    """Other form fields; None takes one away."""
    return lambda attempt: attempt.form.update(values)


def key_of(attempt: Attempt, which: str) -> ec.EllipticCurvePrivateKey:
    """The key that rightly signs."""
    return {"card": attempt.bench.card_key, "client": attempt.bench.device, "proof": attempt.key}[which]


def _loose_bits(which: str) -> Change:
    """The same signature, written with another last character (4 bits of it count for nothing)."""

    def change(attempt: Attempt) -> None:
        jwt: Jwt = getattr(attempt, which)
        good = jwt.compact()
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        jwt.text = good[:-1] + alphabet[alphabet.index(good[-1]) ^ 1]

    return change


def _other_challenge(attempt: Attempt) -> None:
    bench = attempt.bench
    attempt.card.claims["nonce"] = bench.challenge(bench.other_terminal, bench.other_device).nonce


def _sent_before(attempt: Attempt) -> None:
    """The challenge was used by another, good, attempt."""
    good = Attempt(attempt.bench)
    assert good.send().status_code == 200
    attempt.card.claims["nonce"] = good.challenge.nonce


def _same(which: str) -> Change:
    """A JWT that a good attempt has used already."""

    def change(attempt: Attempt) -> None:
        good = Attempt(attempt.bench, key=attempt.key)
        assert good.send().status_code == 200
        if which == "jti":
            attempt.card.claims["jti"] = good.card.claims["jti"]
        else:
            getattr(attempt, which).text = getattr(good, which).compact()
        if which == "card":
            attempt.challenge = good.challenge

    return change


def _caught(which: str) -> Change:
    """Everything of a good attempt again, but this JWT is new."""

    def change(attempt: Attempt) -> None:
        good = Attempt(attempt.bench, key=attempt.key)
        assert good.send().status_code == 200
        for other in JWTS:
            if other != which:
                getattr(attempt, other).text = getattr(good, other).compact()

    return change


def _card_swapped(attempt: Attempt) -> None:
    """Another card's certificate after the first one signed."""
    attempt.card.header["x5c"] = attempt.bench.other_x5c


def _names_another_card(attempt: Attempt) -> None:
    attempt.card.claims.update(iss=attempt.bench.other_card_id, sub=attempt.bench.other_card_id)


def _x5c(name: str, key: str) -> Change:
    def change(attempt: Attempt) -> None:
        attempt.card.header["x5c"] = getattr(attempt.bench, name)
        attempt.card.sign = es(getattr(attempt.bench, key))

    return change


def _profile_b_with(cryptogram: str, random: str = "00" * 8) -> Change:
    """The terminal signs for a card that can sign by itself, or for none."""

    def change(attempt: Attempt) -> None:
        attempt.card.header = {"alg": "ES256", "typ": "card-auth+jwt", "kid": attempt.bench.terminal}
        attempt.card.claims.update(amr=["sc", "pin", "hsm"], card_random=random, cryptogram=cryptogram)
        attempt.card.sign = es(attempt.bench.device)

    return change


def _profile_b_named(name: str) -> Change:
    """The terminal signs for a card that can't be."""

    def change(attempt: Attempt) -> None:
        _profile_b_with("00" * 8)(attempt)
        attempt.card.claims.update(iss=name, sub=name)

    return change


def _other_client(attempt: Attempt) -> None:
    """Another registered terminal presents what this one's card signed."""
    bench = attempt.bench
    attempt.client = client_jwt(bench, bench.other_terminal, bench.other_device)


def _p384(which: str) -> Change:
    def change(attempt: Attempt) -> None:
        key = ec.generate_private_key(ec.SECP384R1())
        jwt: Jwt = getattr(attempt, which)
        jwt.header["alg"], jwt.sign = "ES384", es(key, 48, hashes.SHA384())
        if which == "proof":
            numbers = key.public_key().public_numbers()
            x, y = (b64(n.to_bytes(48, "big")) for n in (numbers.x, numbers.y))
            jwt.header["jwk"] = {"kty": "EC", "crv": "P-384", "x": x, "y": y}

    return change


def _private_jwk(attempt: Attempt) -> None:
    private = b64(attempt.key.private_numbers().private_value.to_bytes(32, "big"))
    attempt.proof.header["jwk"] = {**public_jwk(attempt.key), "d": private}


def _oct_jwk(attempt: Attempt) -> None:
    attempt.proof.header.update(alg="HS256", jwk={"kty": "oct", "k": b64(b"k" * 32)})
    attempt.proof.sign = hs256(b"k" * 32)
    attempt.card.claims["cnf"] = {"jkt": "x" * 43}


def _other_proof_key(attempt: Attempt) -> None:
    """Stolen assertion: the thief has a DPoP key of their own."""
    thief = new_key()
    attempt.proof.header["jwk"], attempt.proof.sign = public_jwk(thief), es(thief)


def _key_not_signing(attempt: Attempt) -> None:
    attempt.proof.sign = es(new_key())


def _off_curve(attempt: Attempt) -> None:
    attempt.proof.header["jwk"] = {**public_jwk(attempt.key), "y": b64(b"\1" * 32)}


def _der_signature(which: str) -> Change:
    def change(attempt: Attempt) -> None:
        key = key_of(attempt, which)
        getattr(attempt, which).sign = lambda data: key.sign(data, ec.ECDSA(hashes.SHA256()))

    return change


def _each(make: Callable[[str], Change], name: str) -> dict[str, Change]:
    return {f"{name}: {which}": make(which) for which in JWTS}


def _unsigned(which: str) -> Change:
    return signer(which, "none", lambda _attempt: lambda _data: b"")


def _hs_public(which: str) -> Change:
    return signer(which, "HS256", lambda attempt: hs256(pem_of(key_of(attempt, which))))


ATTACKS: dict[str, Change] = {
    # algorithms and signatures
    **_each(_unsigned, "alg none"),
    **_each(_hs_public, "HS256 with the public key as the secret"),
    **_each(lambda which: signer(which, "RS256", lambda _a: rs256), "RS256"),
    **_each(_p384, "P-384"),
    **_each(lambda which: signer(which, "ES256", lambda _a: es(new_key())), "signed by another key"),
    **_each(lambda which: signer(which, "ES256", lambda _a: lambda _d: bytes(64)), "signature of zeros"),
    **_each(lambda which: signer(which, "ES256", lambda _a: lambda _d: b""), "no signature"),
    **_each(_der_signature, "signature in DER"),
    **_each(lambda which: text(which, tail="AA"), "two characters after the signature"),
    **_each(_loose_bits, "signature with loose bits"),
    **_each(lambda which: header(which, alg="es256"), "algorithm in lower case"),
    **_each(lambda which: header(which, alg=None), "no algorithm"),
    # headers
    **_each(lambda which: header(which, crit=["exp"], exp=1), "crit"),
    **_each(lambda which: header(which, b64=False, crit=["b64"]), "b64 false"),
    **_each(lambda which: header(which, zip="DEF"), "zip"),
    **_each(lambda which: header(which, jku="http://127.0.0.1:1/keys"), "jku"),
    **_each(lambda which: header(which, typ="at+jwt"), "wrong typ"),
    **_each(lambda which: twice(which, "raw_header", "alg"), "alg twice"),
    **_each(lambda which: twice(which, "raw_claims", "jti"), "jti twice"),
    "card: no typ": header("card", typ=None),
    "proof: no typ": header("proof", typ=None),
    "card: typ of a client assertion": header("card", typ="JWT"),
    "client: x5c in the header": header("client", x5c=["AA=="]),
    "card: jwk in the header": lambda attempt: attempt.card.header.update(jwk=public_jwk(attempt.bench.card_key)),
    "card: x5c and kid": lambda attempt: attempt.card.header.update(kid=attempt.bench.terminal),
    "card: no key named": header("card", x5c=None),
    # certificates
    "card: certificate of another CA": _x5c("foreign_x5c", "foreign_key"),
    "card: certificate over": _x5c("expired_x5c", "expired_key"),
    "card: the CA itself signs": _x5c("ca_x5c", "ca_key"),
    "card: own certificate, foreign one behind it": lambda attempt: attempt.card.header.update(
        x5c=[*attempt.bench.foreign_x5c, *attempt.bench.x5c]
    ),
    "card: x5c is no list": header("card", x5c="AAAA"),
    "card: x5c is empty": header("card", x5c=[]),
    "card: x5c of numbers": header("card", x5c=[1]),
    "card: x5c is no certificate": header("card", x5c=["AAAA"]),
    "card: an authority by the card's name signs": _x5c("authority_x5c", "authority_key"),
    "card: x5c of four": lambda attempt: attempt.card.header.update(x5c=attempt.bench.x5c * 4),
    "card: x5c of forty": lambda attempt: attempt.card.header.update(x5c=attempt.bench.x5c * 40),
    "card: swapped between challenge and token": _card_swapped,
    "card: names another card": _names_another_card,
    # nonces, replay
    "card: nonce used before": _sent_before,
    "card: another terminal's challenge": _other_challenge,
    "card: nonce made up": claim("card", nonce="n" * 43),
    "card: no nonce": claim("card", nonce=None),
    "card: nonce is a list": claim("card", nonce=["a", "b"]),
    "card: jti used before": _same("jti"),
    **_each(_same, "used before"),
    "all but the proof again": _caught("proof"),
    "all but the client assertion again": _caught("client"),
    "all but the card assertion again": _caught("card"),
    "proof: nonce made up": claim("proof", nonce="n" * 22),
    "proof: no nonce": claim("proof", nonce=None),
    # times
    **_each(lambda which: shifted(which, -3600), "an hour old"),
    **_each(lambda which: shifted(which, -200), "200 s old"),
    **_each(lambda which: shifted(which, 3600), "an hour from the future"),
    **_each(lambda which: shifted(which, 120), "two minutes from the future"),
    "card: lives for a day": shifted("card", 86400, "exp"),
    "client: lives for a day": shifted("client", 86400, "exp"),
    "card: no exp": claim("card", exp=None),
    "client: no exp": claim("client", exp=None),
    "card: no iat": claim("card", iat=None),
    "proof: no iat": claim("proof", iat=None),
    "card: iat is text": claim("card", iat=str(int(time.time()))),
    "proof: iat is true": claim("proof", iat=True),
    "card: exp before iat": shifted("card", -55, "exp"),
    "card: exp without end": raw("card", "raw_claims", b'{"exp": 1e999}'),
    "card: not valid yet": claim("card", nbf=int(time.time()) + 3000),
    # audience, issuer, subject, client
    "card: another server's token endpoint": claim("card", aud="https://other.example.invalid/token"),
    "card: two audiences": lambda attempt: attempt.card.claims.update(
        aud=[f"{attempt.bench.url}/token", "https://other.example.invalid/token"]
    ),
    "card: no audience": claim("card", aud=None),
    "client: another server": claim("client", aud="https://other.example.invalid"),
    "client: no audience": claim("client", aud=None),
    "card: issuer and subject differ": claim("card", iss="0" * 32),
    "client: issuer and subject differ": claim("client", sub="somebody"),
    "client: nobody": claim("client", iss="T99999999999", sub="T99999999999"),
    "client: injection": claim("client", iss="' OR 1=1 --", sub="' OR 1=1 --"),
    "card: made for another terminal": claim("card", client_id="T44010500009"),
    "card: presented by another terminal": _other_client,
    "client: no jti": claim("client", jti=None),
    "card: no jti": claim("card", jti=None),
    "proof: no jti": claim("proof", jti=None),
    "card: jti of 10,000 characters": claim("card", jti="j" * 10000),
    # binding
    "card: cnf stripped": claim("card", cnf=None),
    "card: cnf of another key": claim("card", cnf={"jkt": thumbprint(public_jwk(new_key()))}),
    "card: cnf with more in it": lambda attempt: attempt.card.claims["cnf"].update(jwk={}),
    "proof: the thief's own key": _other_proof_key,
    "proof: a key that did not sign": _key_not_signing,
    "proof: jwk with its private half": _private_jwk,
    "proof: symmetric key": _oct_jwk,
    "proof: point not on the curve": _off_curve,
    "proof: no jwk": header("proof", jwk=None),
    "proof: jwk is text": header("proof", jwk="key"),
    "proof: for GET": claim("proof", htm="GET"),
    "proof: for another address": claim("proof", htu="https://other.example.invalid/token"),
    "proof: for no address": claim("proof", htu=None),
    "no proof": lambda attempt: attempt.headers.update(DPoP=""),
    # how the card proved itself
    "card: says it used an HSM": claim("card", amr=["sc", "pin", "hsm"]),
    "card: no PIN": claim("card", amr=["sc"]),
    "card: PIN long ago": lambda attempt: attempt.card.claims.update(auth_time=int(time.time()) - 600),
    "card: somebody's session": claim("card", sid="0" * 36),
    "profile B: cryptogram of zeros": _profile_b_with("00" * 8),
    "profile B: empty cryptogram": _profile_b_with(""),
    "profile B: cryptogram is no hex": _profile_b_with("zz" * 8),
    "profile B: a card id of 5,000 characters": _profile_b_named("0" * 5000),
    "profile B: a card id in lower case": _profile_b_named("a" * 32),
    "profile B: cryptogram of one byte": _profile_b_with("00", "00"),
    # form
    "no assertion": form(assertion=""),
    "no client assertion": form(client_assertion=""),
    "no client assertion type": form(client_assertion_type=None),
    "client secret instead": form(client_assertion=None, client_assertion_type=None, client_secret="x"),
    "unknown grant": form(grant_type="password"),
    "no grant": form(grant_type=None),
    "unknown scope": form(scope="everything"),
    "scope of the terminal": form(scope="terminal"),
    "scope twice": form(scope=["social", "family"]),
    "unknown resource": form(resource="https://other.example.invalid/api"),
    # malformed and oversized
    **{f"malformed {which}: {name}": text(which, value) for which in JWTS for name, value in {
        "empty parts": "..", "words": "a.b.c", "four parts": "a.b.c.d", "one part": "abc", "null": "bnVsbA.bnVsbA.AA",
        "a list": "W10.W10.AA", "10,000 brackets": f"{b64(b'[' * 10000)}.e30.AA", "a megabyte": "A" * 1_000_000,
        "not ASCII": "卡.卡.卡" if which != "proof" else "%E5%8D%A1",
    }.items()},
    "card: claims are a list": raw("card", "raw_claims", b"[]"),
    "card: claims are UTF-16": raw("card", "raw_claims", '{"a":1}'.encode("utf-16")),
    "card: NaN": raw("card", "raw_claims", b'{"iat": NaN}'),
    "card: header is not JSON": raw("card", "raw_header", b"{alg: ES256}"),
    **_each(lambda which: claim(which, iat=BEYOND), "iat of 400 digits"),
    "card: nbf of 400 digits": claim("card", nbf=-BEYOND),
    "client: nbf of 400 digits": claim("client", nbf=-BEYOND),
    "card: exp of 400 digits": claim("card", exp=BEYOND),
    "card: auth_time of 400 digits": claim("card", auth_time=BEYOND),
    "card: nonce with half a character": claim("card", nonce="\ud800" * 43),
    "card: nonce with NUL": claim("card", nonce="\0" * 43),
    "card: session with half a character": claim("card", sid="\ud800"),
    "client: a name with half a character": claim("client", iss="\ud800", sub="\ud800"),
    "client: a name with NUL": claim("client", iss="T44010500001\0", sub="T44010500001\0"),
    "proof: key of another type": lambda attempt: attempt.proof.header["jwk"].update(kty="RSA"),
    "proof: key of no type that is text": lambda attempt: attempt.proof.header["jwk"].update(kty=["EC"]),
}  # fmt: skip


def call_claim(**values: Any) -> CallChange:
    """Other claims in the proof of a resource call."""

    def change(call: Call) -> None:
        call.proof.claims.update(values)
        call.proof.claims = {name: value for name, value in call.proof.claims.items() if value is not None}

    return change


def _bearer_without_proof(call: Call) -> None:
    call.scheme, call.headers["DPoP"] = "Bearer", ""


def _unsigned_proof(call: Call) -> None:
    call.proof.header["alg"], call.proof.sign = "none", lambda _data: b""


def _hs256_proof(call: Call) -> None:
    call.proof.header["alg"], call.proof.sign = "HS256", hs256(pem_of(call.key))


def _thief(call: Call) -> None:
    thief = new_key()
    call.proof.header["jwk"], call.proof.sign = public_jwk(thief), es(thief)


def _sent(call: Call) -> None:
    assert call.send().status_code == 200
    call.proof.text = call.proof.compact()
    call.send()


CALLS: dict[str, CallChange] = {
    "the thief's own key": _thief,
    "proof used before": _sent,
    "proof of another token": call_claim(ath=b64(b"x" * 32)),
    "proof of no token": call_claim(ath=None),
    "proof for POST": call_claim(htm="POST"),
    "proof for another address": call_claim(htu="https://other.example.invalid/api"),
    "proof with a nonce made up": call_claim(nonce="n" * 22),
    "proof without a nonce": call_claim(nonce=None),
    "proof an hour old": call_claim(iat=int(time.time()) - 3600),
    "proof from the future": call_claim(iat=int(time.time()) + 3600),
    "no proof": lambda call: call.headers.update(DPoP=""),
    "as a bearer token": lambda call: setattr(call, "scheme", "Bearer"),
    "as a bearer token without proof": _bearer_without_proof,
    "no token": lambda call: setattr(call, "token", ""),
    "token cut short": lambda call: setattr(call, "token", call.token[:-1]),
    "token with more": lambda call: setattr(call, "token", call.token + "A"),
    "unsigned proof": _unsigned_proof,
    "proof by HS256": _hs256_proof,
    "a client assertion as proof": lambda call: call.proof.header.update(typ="JWT"),
}  # fmt: skip
