"""What can go wrong with the journal."""


class JournalError(Exception):
    """Parent of the journal's errors."""


class JournalFull(JournalError):
    """The step could not be written: nothing further may be done."""

    def __init__(self) -> None:
        super().__init__("The journal can't be written, the disk is full; free space, then go on.")


class JournalDamaged(JournalError):
    """The journal can't be read or was changed; `why` in one clause."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The journal can't be trusted ({why}); keep the file and tell the operator.")


class IllegalStep(JournalError):
    """A step that can't follow the last one: a mistake in the program."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(f"A document that is {before} can't become {after}; tell the developers.")


class JournalInUse(JournalError):
    """Another program makes documents with this journal."""

    def __init__(self) -> None:
        super().__init__("Another terminal program works with this journal; this one ends, look at the other.")


class JournalKeyMissing(JournalError):
    """The key of the payloads can't be used; `why` in one clause."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The journal's key can't be used ({why}); check [journal] and the token, run kiosk doctor.")
