"""Who the bot is and how to use it."""

from bot.texts import say, say_plain
from bot.views.view import View

COMMANDS = ("start", "help")


def start(language: str) -> View:
    """The first message: what to do, and what happens to photos."""
    return View(say(language, "guidance-start"))


def help_(language: str) -> View:
    """What to send, what the buttons do."""
    return View(say(language, "guidance-help"))


def commands(language: str) -> tuple[tuple[str, str], ...]:
    """Commands with descriptions, for setMyCommands."""
    return tuple((command, say_plain(language, f"command-{command}")) for command in COMMANDS)
