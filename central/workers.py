"""More processes behind one listening socket: they share nothing but the database.

Made by fork(2) before the database is opened and before there is a thread.
"""

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

PR_SET_PDEATHSIG = 1


@contextmanager
def working(count: int) -> Iterator[bool]:
    """Run the body in `count` processes; True in the first one, which ends the others when it is done."""
    first = os.getpid()
    children: list[int] = []
    while len(children) < count - 1 and os.getpid() == first:
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        else:
            children.append(child)
    mine = os.getpid() == first
    try:
        yield mine
    finally:
        for child in children if mine else ():
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)
