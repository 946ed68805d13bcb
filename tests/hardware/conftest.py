"""Fixtures of the real parts."""

from tests.parts import a4, card, daemon, driver, slot, street, thermal

__all__ = ["a4", "card", "daemon", "driver", "slot", "street", "thermal"]
