"""What can go wrong between terminal and central. Messages hold no personal data.

CentralError
├── Unreachable          no connection, or it broke: try again later, nothing is known of the request
├── TooSlow              no answer in time: same
├── Nonsense             an answer that is not the contract's: report to the operator
├── ClockDiffers         clocks more than 30 s apart and no signed date to go by: set the clock
├── Busy                 503 or 429 with Retry-After: come back later
├── SealInvalid          a document whose seal does not hold: never print it
└── Refused              an error code of the contract
    ├── SignInRefused        the card is not accepted
    ├── SessionExpired       the token is over: sign in again
    ├── StepUpNeeded         the holder must enter the PIN again, or use a stronger card
    ├── TooSoon              asked a moment ago: wait for `retry_after` seconds
    ├── DailyLimit           asked too often today
    ├── NoRecord             there is no such record
    ├── NotAGuardian         no record proves (any more) that the holder may act for this person
    ├── IdempotencyConflict  this key was used for something else
    ├── KeyClosed            this key was closed: take a new one
    ├── UnknownKey           nothing was issued under this key
    ├── EnrolmentRefused     the code or the certificate is not good (any more): ask for a new code
    └── FateKnown            the document already has another fate
"""


class CentralError(Exception):
    """Parent of all errors of this package."""


class Unreachable(CentralError):
    """No connection."""

    def __init__(self) -> None:
        super().__init__("The central platform can't be reached; check the network and try again.")


class TooSlow(CentralError):
    """No answer in time."""

    def __init__(self) -> None:
        super().__init__("The central platform did not answer in time; try again.")


class Nonsense(CentralError):
    """The answer is not what the contract says; `where` names the place, never the content."""

    def __init__(self, where: str) -> None:
        super().__init__(f"The central platform's answer makes no sense ({where}); tell the operator.")


class ClockDiffers(CentralError):
    """Our clock and central's are `seconds` apart."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"The clocks of terminal and central differ by {seconds:.0f} s; set the terminal's clock.")


class Busy(CentralError):
    """Central asks to come back in `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(f"The central platform is busy; try again in {retry_after:.0f} s.")


class SealInvalid(CentralError):
    """The document's seal does not hold; `why` in one clause."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The document's seal does not hold ({why}); don't print it, tell the operator.")


class Refused(CentralError):
    """Central refused with an error code of the contract."""

    advice = "tell the operator"

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"The central platform refused ({code}); {self.advice}.")


class SignInRefused(Refused):
    """The card assertion was not accepted."""

    advice = "have the card checked at a service counter"


class SessionExpired(Refused):
    """The token is over."""

    advice = "sign in again"


class StepUpNeeded(Refused):
    """The service wants a fresher or stronger sign-in (RFC 9470): any of `acr_values`, PIN at most `max_age` s ago."""

    advice = "have the holder enter the PIN again"

    def __init__(self, code: str, acr_values: tuple[str, ...] = (), max_age: int | None = None) -> None:
        self.acr_values, self.max_age = acr_values, max_age
        super().__init__(code)


class TooSoon(Refused):
    """Asked a moment ago, or too often; `retry_after`: in how many seconds it may be asked again."""

    advice = "wait a little"

    def __init__(self, code: str, retry_after: float = 1.0) -> None:
        self.retry_after = retry_after
        super().__init__(code)


class DailyLimit(Refused):
    """Too many queries today."""

    advice = "come back tomorrow"


class NoRecord(Refused):
    """There is no such record."""

    advice = "ask at the issuing office"


class NotAGuardian(Refused):
    """No record proves that the holder may act for this person, or none does any more."""

    advice = "have the relation registered at a service counter"


class IdempotencyConflict(Refused):
    """The key was used for another request."""

    advice = "take a new key"


class KeyClosed(Refused):
    """The key was closed without a document."""

    advice = "take a new key"


class UnknownKey(Refused):
    """Nothing was issued under the key; it is closed now."""

    advice = "take a new key"


class FateKnown(Refused):
    """The document has another fate already."""

    advice = "look at the journal"


class EnrolmentRefused(Refused):
    """The code is wrong, used or over; or the certificate is not valid any more."""

    advice = "ask the operator for a new code"


BY_CODE: dict[str, type[Refused]] = {
    "invalid_grant": SignInRefused,
    "invalid_token": SessionExpired,
    "insufficient_user_authentication": StepUpNeeded,
    "slow_down": TooSoon,
    "daily_limit": DailyLimit,
    "no_record": NoRecord,
    "not_a_guardian": NotAGuardian,
    "idempotency_conflict": IdempotencyConflict,
    "key_closed": KeyClosed,
    "unknown_key": UnknownKey,
    "fate_known": FateKnown,
}


def refusal(code: str) -> Refused:
    """The error for a code of the contract."""
    return BY_CODE.get(code, Refused)(code)
