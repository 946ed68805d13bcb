"""Fixtures of the real parts."""

from tests.parts import a4, card, daemon, slot, thermal

__all__ = ["a4", "card", "daemon", "slot", "thermal"]
