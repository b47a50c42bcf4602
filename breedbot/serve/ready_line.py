"""The line that says that the bot is ready, and where to find it."""

import asyncio

from bot.health import Health
from breedbot.ops.terminal import tell

LOOK_EVERY_S, AT_LAST_S = 0.1, 1.0


async def greet(health: Health, page: str | None, model: str) -> None:
    """Wait until every check is content, then say so. ``page``: the address of the local chat, if that is used."""
    pause_s = LOOK_EVERY_S
    while await health.problems():
        await asyncio.sleep(pause_s)
        pause_s = min(AT_LAST_S, pause_s * 1.1)
    where = f"Send it a photo: {page}" if page else "It answers on Telegram"
    tell(f"ready, with {model}. {where}  (Ctrl-C stops)")
