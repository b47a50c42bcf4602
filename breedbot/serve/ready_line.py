"""The line that says that the bot is ready, and where to find it."""

import asyncio

from bot.health import Health
from breedbot.ops.terminal import tell

LOOK_EVERY_S = 0.1


async def greet(health: Health, page: str | None, model: str) -> None:
    """Wait until every check is content, then say so. ``page``: the address of the local chat, if that is used."""
    while await health.problems():  # noqa: ASYNC110 - checks are asked, they do not call
        await asyncio.sleep(LOOK_EVERY_S)
    where = f"Send it a photo: {page}" if page else "It answers on Telegram"
    tell(f"ready, with {model}. {where}  (Ctrl-C stops)")
