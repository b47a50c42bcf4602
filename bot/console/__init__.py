"""The web console: moderators decide about claims, quickly, with the keyboard and large photos."""

from bot.console.console import PREFIX, Console
from bot.console.dashboard import Instruments
from bot.console.login_link import new_login_link

__all__ = ["PREFIX", "Console", "Instruments", "new_login_link"]
