"""Twelve keys: ten digits where every telephone has them, and two words. What they type is somebody else's business."""

from collections.abc import Callable, Mapping
from functools import partial

from PyQt6.QtWidgets import QGridLayout, QPushButton

from kiosk.screens.parts import Action, button

KEYS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), ("clear", "0", "delete"))


class Keypad(QGridLayout):
    """The keys, named `prefix_KEY`; `words`: those two that say something, by name."""

    def __init__(self, prefix: str, digit: Callable[[int], None], actions: Mapping[str, Action]) -> None:
        super().__init__()
        self.setSpacing(22)
        self.words: dict[str, QPushButton] = {}
        for line, keys in enumerate(KEYS):
            for place, key in enumerate(keys):
                action = actions.get(key) or partial(digit, int(key))
                made = button(f"{prefix}_{key}", action, "key-word" if key in actions else "key")
                made.setText(key)
                self.addWidget(made, line, place)
                if key in actions:
                    self.words[key] = made
