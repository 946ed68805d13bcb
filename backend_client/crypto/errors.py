"""What can go wrong with a key that lies elsewhere."""


class KeyPlaceError(Exception):
    """The token, its PIN or the key in it can't be used; the message says which and what to do."""
