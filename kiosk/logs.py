"""The log: lines to standard error and a rotating file, identity numbers masked, values of crashes never written."""

import faulthandler
import logging
import resource
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from kiosk.masking import masked_text

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
MAX_BYTES, BACKUPS = 5_000_000, 5

ROOMS = ("card", "backend_client", "printing", "kiosk")

log = logging.getLogger(__name__)


class Masking(logging.Formatter):
    """A second net under the rule that nobody logs personal data; tracebacks name places, not values."""

    def format(self, record: logging.LogRecord) -> str:
        """One masked line."""
        if record.exc_info:
            kind = record.exc_info[0]
            record.msg = f"{record.getMessage()} [{kind.__name__ if kind else 'error'}]"
            record.args, record.exc_info, record.exc_text = None, None, None
        return masked_text(super().format(record))


def _crashed(kind: type[BaseException], _value: BaseException | None, trace: TracebackType | None) -> None:
    places = []
    while trace is not None:
        places.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.critical("crash: %s at %s", kind.__name__, " < ".join(reversed(places[-6:])))


def set_up(file: Path | None, *, echo: bool = True) -> None:
    """Log from now on; no core dumps, because memory holds personal data. `echo`: to standard error too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)] if echo else []
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handlers.append(RotatingFileHandler(file, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(Masking(FORMAT))
    logging.basicConfig(handlers=handlers, level=logging.WARNING, force=True)
    for room in ROOMS:
        logging.getLogger(room).setLevel(logging.INFO)
    faulthandler.enable()
    sys.excepthook = _crashed
    threading.excepthook = lambda crash: _crashed(crash.exc_type, crash.exc_value, crash.exc_traceback)
