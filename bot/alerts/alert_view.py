"""Something is wrong, or well again: for moderators."""

from bot.alerts.incidents import News, Trouble
from bot.telegram.message import View
from bot.texts import Fact, Percent, say

_BEGUN = {
    Trouble.MODEL: "alert-model",
    Trouble.DISK: "alert-disk",
    Trouble.BACKLOG: "alert-backlog",
    Trouble.ERRORS: "alert-errors",
    Trouble.DATABASE: "alert-database",
    Trouble.RETENTION: "alert-retention",
    Trouble.POISON: "alert-poison",
    Trouble.TAKEN_BACK: "alert-taken-back",
    Trouble.PROMOTED: "alert-promoted",
    Trouble.REFUSED: "alert-refused",
    Trouble.SET_ASIDE: "alert-set-aside",
    Trouble.ROLLED_BACK: "alert-rolled-back",
    Trouble.REFUSALS: "alert-refusals",
}
_SHARES = frozenset({"share", "before"})
_OVER = {
    Trouble.MODEL: "alert-over-model",
    Trouble.DISK: "alert-over-disk",
    Trouble.BACKLOG: "alert-over-backlog",
    Trouble.ERRORS: "alert-over-errors",
    Trouble.DATABASE: "alert-over-database",
    Trouble.RETENTION: "alert-over-retention",
    Trouble.REFUSALS: "alert-over-refusals",
}


def alert(news: News, language: str) -> View:
    """One trouble. Reasons are facts, so in English only."""
    if news.over:
        return View(say(language, _OVER[news.trouble]))
    values = {name: Percent(value) if name in _SHARES else value for name, value in news.values.items()}
    if "reason" in values:
        values["reason"] = Fact(values["reason"])
    return View(say(language, _BEGUN[news.trouble], **values))
