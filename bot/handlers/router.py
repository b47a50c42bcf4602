"""Which handler an update belongs to."""

from collections.abc import Awaitable, Callable

from bot.handlers.commands import command
from bot.handlers.feedback import press
from bot.handlers.others import other
from bot.handlers.photo import photo
from bot.handlers.texts import text
from bot.incoming import Incoming
from bot.photo_choice import choose
from bot.services import Services

Handler = Callable[[Incoming, Services], Awaitable[None]]


def handler_for(incoming: Incoming) -> Handler:
    """Pure: looks only at the update."""
    message = incoming.message
    if incoming.query is not None:
        return press
    if message is None:
        return other
    if message.animation is None and choose(message) is not None:
        return photo
    if message.text is None:
        return other
    return command if message.text.startswith("/") else text
