"""Sending an SMS: a port. The city's gateway goes here; the simulator prints what it would send."""

import json
import sys
from typing import Protocol


class Sms(Protocol):
    """An SMS gateway."""

    def send(self, phone: str, text: str) -> None:
        """Hand the text over; OSError when the gateway can't take it."""
        ...


class PrintedSms:
    """A simulator: each text is a JSON line on standard output, `{"event": "sms", "to": …, "text": …}`."""

    def send(self, phone: str, text: str) -> None:
        """Print it."""
        sys.stdout.write(json.dumps({"event": "sms", "to": phone, "text": text}, ensure_ascii=False) + "\n")
        sys.stdout.flush()


class NoSms:
    """No gateway: phones can't be linked."""

    def send(self, phone: str, text: str) -> None:
        """Never."""
        del phone, text
        raise OSError("There is no SMS gateway; start central with --sms.")
