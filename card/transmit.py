"""The port on PC/SC: SCardTransmit on buffers of our own, so that a PIN is never copied.

The only PC/SC call that is not made through pyscard.

pyscard copies a command into a Python list, and that into memory which it frees without wiping. libpcsclite writes the
caller's buffer straight to pcscd's socket (winscard_clnt.c, SCardTransmit): it is the only copy in this process.
"""

import ctypes
from functools import cache

from card import pcsc
from card.apdu import Answer, for_t0, split_response
from card.errors import SilentCard

MAX_RESPONSE = 65538
"""Extended response data and its status word (pcsclite.h, MAX_BUFFER_SIZE_EXTENDED, without the header)."""

T0, T1 = 1, 2


class IoRequest(ctypes.Structure):
    """SCARD_IO_REQUEST: the protocol of a transmission."""

    _fields_ = (("protocol", ctypes.c_ulong), ("length", ctypes.c_ulong))


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libpcsclite.so.1")
    library.SCardTransmit.restype = ctypes.c_long
    library.SCardTransmit.argtypes = [
        ctypes.c_long, ctypes.POINTER(IoRequest), ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_ulong),
    ]  # fmt: skip
    return library


class PcscChannel:
    """The hardware port on a card handle of PC/SC. `wipe` when done: the response buffer has held personal data."""

    def __init__(self, handle: int, protocol: int) -> None:
        self._handle = handle
        self._request = IoRequest(T1 if protocol == T1 else T0, ctypes.sizeof(IoRequest))
        self._response = ctypes.create_string_buffer(MAX_RESPONSE)
        self._length = ctypes.c_ulong()
        self._transmit = _library().SCardTransmit

    def send(self, apdu: bytes | bytearray) -> Answer:
        """Transmit, a bytearray from where it lies; PcscError when the reader gives no answer."""
        sent = for_t0(apdu) if self._request.protocol == T0 else apdu
        outgoing = (ctypes.c_char * len(sent)).from_buffer(sent) if isinstance(sent, bytearray) else sent
        self._length.value = MAX_RESPONSE
        code = self._transmit(self._handle, self._request, outgoing, len(sent), None, self._response, self._length)
        if code:
            raise pcsc.error_for(code, f"sending INS {apdu[1]:02X}")
        if not self._length.value:  # a driver that makes an empty answer of none at all
            raise SilentCard(f"INS {apdu[1]:02X}")
        return split_response(ctypes.string_at(self._response, self._length.value))

    def wipe(self) -> None:
        """Zero the response buffer."""
        ctypes.memset(self._response, 0, MAX_RESPONSE)
