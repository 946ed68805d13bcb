"""A channel to the card in a reader, through PC/SC: connected exclusively, with the layers that the card needs.

At the end: SCARD_RESET_CARD, so that no PIN state outlives the channel.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from smartcard import scard

from card import pcsc
from card.apdu import Channel
from card.atr import Atr, MalformedAtr, parse_atr
from card.errors import PcscError
from card.failures import CardFailure
from card.layers import CommandChaining, MaskedTrace, ResponseChaining, TimeLimit, trace_wanted
from card.transmit import PcscChannel

COMMAND_SECONDS = 5.0
"""Per command. Our own judgement: a card takes 5 to 30 ms (card.md) and may ask for more time while it signs."""
BUSY_SECONDS = 2.0
"""How long another program's use of the card is waited for."""


def with_layers(port: Channel, atr: Atr | None = None) -> Channel:
    """A port as applications need it: hints followed, long commands cut where the card wants them short."""
    traced = MaskedTrace(port) if trace_wanted() else port
    chained = ResponseChaining(TimeLimit(traced, COMMAND_SECONDS))
    return chained if atr is not None and atr.extended_length else CommandChaining(chained)


@contextmanager
def open_port(reader: str) -> Iterator[tuple[Channel, Atr | None]]:
    """The bare hardware port to the card in this reader and its ATR (None: malformed), for the length of the block.

    Raises PcscError: READER_ABSENT, PCSC_DOWN, CARD_REMOVED, CARD_MUTE, CARD_IN_USE ...
    """
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    pcsc.check(code, "establishing a context")
    try:
        atr = _wait_while_in_use(context, reader)
        # Exclusive: SCardBeginTransaction would wait for another program for ever (winscard_clnt.c polls), a connection
        # of another program refuses us at once.
        code, handle, protocol = scard.SCardConnect(
            context, reader, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        )
        pcsc.check(code, "connecting")
        port = PcscChannel(handle, protocol)
        try:
            yield port, atr
        finally:
            port.wipe()
            scard.SCardDisconnect(handle, scard.SCARD_RESET_CARD)
    finally:
        scard.SCardReleaseContext(context)


@contextmanager
def open_channel(reader: str) -> Iterator[Channel]:
    """A channel with all layers to the card in this reader, for the length of the block. Raises as `open_port`."""
    with open_port(reader) as (port, atr):
        yield with_layers(port, atr)


def _wait_while_in_use(context: object, reader: str) -> Atr | None:
    """Until no other program is connected; gives the ATR. CARD_IN_USE when one stays."""
    busy = scard.SCARD_STATE_EXCLUSIVE | scard.SCARD_STATE_INUSE
    state: tuple[object, ...] = (reader, scard.SCARD_STATE_UNAWARE)
    while True:
        code, states = scard.SCardGetStatusChange(context, round(BUSY_SECONDS * 1000), [state])
        if pcsc.unsigned(code) == pcsc.TIMEOUT:
            raise PcscError(CardFailure.CARD_IN_USE, pcsc.unsigned(code), "waiting for another program")
        pcsc.check(code, "looking at the reader")
        name, bits, atr = states[0]
        if not bits & busy:
            return _parsed(bytes(atr))
        state = (name, bits & ~scard.SCARD_STATE_CHANGED)


def _parsed(raw: bytes) -> Atr | None:
    try:
        return parse_atr(raw)
    except MalformedAtr:
        return None
