"""What can go wrong with keys that lie elsewhere, and with the cryptography itself."""


class CryptoError(Exception):
    """Parent: a key or a calculation can't be used; the message says which and what to do."""


class KeyPlaceError(CryptoError):
    """The token, its PIN or the key in it can't be used; the message says which and what to do."""
