"""`python -m tests.hardware.watcher READER`: prints the type of each event; a watch that a test can stop and wake."""

import sys
import threading

from card.reader import ReaderWatch


def main() -> None:
    """Watch until the process is ended."""
    watch = ReaderWatch(sys.argv[1], lambda event: print(type(event).__name__, flush=True))  # noqa: T201  # the report
    watch.start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
