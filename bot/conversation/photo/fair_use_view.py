"""More photos than anybody needs: what was left out, and when there is room again."""

from bot.conversation.photo.queue_position import duration
from bot.telegram.message import View
from bot.texts import say


def slow_down(whose: str, limit: int, wait_s: float, language: str) -> View:
    """Said once a wait. ``whose`` limit: "user" or "chat"; ``limit``: photos a minute."""
    key = "slow-down-user" if whose == "user" else "slow-down-chat"
    return View(say(language, key, limit=limit, wait=duration(wait_s, language)))
