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
