"""One terminal program to a journal: a second one would take documents that are under way for what a crash left."""

import fcntl
import os
from pathlib import Path

from kiosk.journal.durable import durable_folder
from kiosk.journal.errors import JournalFull, JournalInUse


class Alone:
    """Held from construction until `release`, or until the process ends, however it ends. JournalInUse, JournalFull."""

    def __init__(self, journal: Path) -> None:
        try:
            durable_folder(journal.parent)
            self._handle = os.open(journal.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalFull from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            raise JournalInUse from error

    def release(self) -> None:
        """Another may begin."""
        os.close(self._handle)
