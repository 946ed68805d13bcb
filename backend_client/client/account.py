"""The holder's account, over a signed-in session. Scopes: `acct.open`, `account`, `account.change`, `guardian`."""

from typing import TypeVar

from backend_client.client.central import HolderSession
from backend_client.client.parse import model
from backend_client.contract.account import (
    Account,
    ConfirmPhone,
    Done,
    LinkPhone,
    Notice,
    OpenAccount,
    PhoneCheck,
    Sessions,
    Wards,
)
from backend_client.contract.model import Message
from city import Endpoint

Kind = TypeVar("Kind", bound=Message)


class AccountDesk:
    """One holder's account. Every call may raise any CentralError; StepUpNeeded when the PIN is not fresh enough."""

    def __init__(self, session: HolderSession) -> None:
        self._session = session

    def _asked(self, method: str, path: str, kind: type[Kind], body: Message | None = None) -> Kind:
        content = body.model_dump(mode="json") if body is not None else None
        return model(self._session.call(method, Endpoint.ACCOUNT + path, content), kind)

    def notice(self) -> Notice:
        """What to show before consent is asked for."""
        return self._asked("GET", "/notice", Notice)

    def open(self, read: Notice) -> Account:
        """The holder read this notice and consented. Refused `account_exists`, or `old_notice`: show it again."""
        return self.consent(read.version, read.digest)

    def consent(self, version: str, digest: str) -> Account:
        """The same, for who knows version and digest of what the holder read."""
        body = OpenAccount(notice_version=version, notice_digest=digest, consent=True)
        return self._asked("POST", "", Account, body)

    def see(self) -> Account:
        """The account. Refused `no_account`."""
        return self._asked("GET", "", Account)

    def link_phone(self, phone: str) -> PhoneCheck:
        """Send a code to a number. TooSoon: one was sent a moment ago, or ten that day."""
        return self._asked("POST", "/phone", PhoneCheck, LinkPhone(phone=phone))

    def confirm_phone(self, check: PhoneCheck, code: str) -> Account:
        """Link the number whose code came. Refused `wrong_code`."""
        return self._asked("POST", "/phone/confirm", Account, ConfirmPhone(check_id=check.check_id, code=code))

    def unlink_phone(self) -> Account:
        """Forget the number."""
        return self._asked("DELETE", "/phone", Account)

    def sessions(self) -> Sessions:
        """Where the holder is signed in now."""
        return self._asked("GET", "/sessions", Sessions)

    def end_session(self, sid: str) -> Done:
        """End one of them."""
        return self._asked("POST", f"/sessions/{sid}/end", Done)

    def freeze(self) -> Done:
        """The card is lost: it signs in no more, every session is over, this one too."""
        return self._asked("POST", "/freeze", Done)

    def close(self) -> Done:
        """Close the account: consent is withdrawn, every session is over, this one too."""
        return self._asked("POST", "/close", Done)

    def wards(self) -> Wards:
        """Whom the holder may act for; `relation_id` goes into `Central.sign_in(…, acting_for=…)`."""
        return self._asked("GET", "/wards", Wards)
