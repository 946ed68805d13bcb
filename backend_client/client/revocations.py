"""Tokens that central must still be told to end: tried at once, then twice a second until told or over.

Kept in memory only: a token is a secret, and it ends by itself within 300 s.
"""

import logging
import threading
import time
from collections.abc import Callable

from backend_client.client.errors import CentralError

log = logging.getLogger(__name__)

PAUSE = 0.5


class Revocations:
    """`tell(token)` is one bounded attempt; CentralError when it failed."""

    def __init__(self, tell: Callable[[str], None], pause: float = PAUSE) -> None:
        self._tell, self._pause = tell, pause
        self._owed: dict[str, float] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._worker: threading.Thread | None = None

    def end(self, token: str, seconds_left: float) -> bool:
        """Tell now; False when that failed and it will be tried again."""
        try:
            self._tell(token)
        except CentralError as error:
            log.warning("token not revoked at central, trying again until it ends: %s", type(error).__name__)
            self._owe(token, time.monotonic() + seconds_left)
            return False
        return True

    @property
    def owed(self) -> int:
        """Tokens that central has not been told of."""
        with self._lock:
            return len(self._owed)

    def close(self) -> None:
        """Stop trying; what is owed ends by itself."""
        self._over.set()
        worker = self._worker
        if worker is not None:
            worker.join(self._pause + 2)

    def _owe(self, token: str, until: float) -> None:
        with self._lock:
            self._owed[token] = until
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(target=self._settle, name="revocations", daemon=True)
                self._worker.start()

    def _settle(self) -> None:
        while not self._over.wait(self._pause):
            with self._lock:
                now = time.monotonic()
                self._owed = {token: until for token, until in self._owed.items() if until > now}
                waiting = list(self._owed)
                if not waiting:
                    self._worker = None
                    return
            for token in waiting:
                self._once_more(token)

    def _once_more(self, token: str) -> None:
        try:
            self._tell(token)
        except CentralError:
            return
        with self._lock:
            self._owed.pop(token, None)
