"""What a command of `bin/kiosk` says when it can't do what was asked."""


class CommandError(Exception):
    """The message is the sentence that is shown."""
