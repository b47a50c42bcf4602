"""Who the bot is and how to use it."""

from bot.telegram.message import View
from bot.texts import say, say_plain

COMMANDS = ("start", "help", "breed", "breeds", "stats", "history", "language", "mydata", "forget", "privacy", "cancel")
ADMIN_COMMANDS = ("watch",)  # of a group
MODERATOR_COMMANDS = ("review", "models", "retrain")


def start(language: str) -> View:
    """The first message: what to do, and what happens to photos."""
    return View(say(language, "guidance-start"))


def help_(language: str) -> View:
    """What to send, what the buttons do."""
    return View(say(language, "guidance-help"))


def group_hello(name: str, language: str) -> View:
    """What to do in a group; ``name``: the bot's, without the @."""
    return View(say(language, "guidance-group", name=name))


def cancelled(language: str, *, awaited: bool) -> View:
    """/cancel: what was waited for is not any more, or there was nothing."""
    return View(say(language, "cancel-done" if awaited else "cancel-nothing"))


def commands(language: str) -> tuple[tuple[str, str], ...]:
    """Commands with descriptions, for setMyCommands."""
    return _described(COMMANDS, language)


def admin_commands(language: str) -> tuple[tuple[str, str], ...]:
    """All that a group's admins have."""
    return _described((*COMMANDS, *ADMIN_COMMANDS), language)


def moderator_commands(language: str) -> tuple[tuple[str, str], ...]:
    """Those that moderators have besides."""
    return _described(MODERATOR_COMMANDS, language)


def _described(names: tuple[str, ...], language: str) -> tuple[tuple[str, str], ...]:
    return tuple((command, say_plain(language, f"command-{command}")) for command in names)
