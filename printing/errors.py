"""What can go wrong before paper moves.

PrintingError
├── MissingGlyph   a character that no font of ours can draw: never print a page with a hole in it
├── FontMissing    a font is not installed
├── PrinterSilent  no usable answer from the printer
└── SpoolerFailed  CUPS can't be used for this job; nothing was sent
"""


class PrintingError(Exception):
    """Parent of all errors of this package."""


class MissingGlyph(PrintingError):
    """Characters that can't be drawn; `code_points` names them (not the text they came from)."""

    def __init__(self, characters: str) -> None:
        self.code_points = tuple(f"U+{ord(char):04X}" for char in characters)
        super().__init__(f"No font has {', '.join(self.code_points)}; install a font that has, or print by hand.")


class FontMissing(PrintingError):
    """A font file is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The font {name} is not installed; run bin/setup.")


class PrinterSilent(PrintingError):
    """The printer can't be reached or doesn't answer."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The {name} printer does not answer; check its power and cable.")


class SpoolerFailed(PrintingError):
    """CUPS can't be used; `why` in one clause."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The print spooler can't be used ({why}); install cups-daemon, give it a folder on tmpfs.")
