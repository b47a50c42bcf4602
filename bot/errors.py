"""What can stop the bot from starting; the front door prints the message and ends.

BotError
├── TokenRejected     Telegram does not know the token
└── PortInUse         another program listens there already
"""


class BotError(Exception):
    """Message: one line for the operator, without secrets."""


class TokenRejected(BotError):
    """Telegram does not know the token."""


class PortInUse(BotError):
    """The HTTP port is taken."""


class Later(Exception):
    """It cannot be done now.

    Attributes:
        delay_s: when to try again; None = as the one who asks thinks right, and this one counts as a failed try.
    """

    def __init__(self, reason: str, delay_s: float | None = None) -> None:
        super().__init__(reason)
        self.delay_s = delay_s


class Refused(Exception):
    """Telegram will not do this, however often it is asked: blocked, chat or message gone, bad request."""
