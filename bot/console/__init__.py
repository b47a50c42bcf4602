"""The web console: moderators decide about claims, quickly, with the keyboard and large photos."""

from bot.console.dashboard.page import Instruments
from bot.console.login_link import new_login_link
from bot.console.routes import PREFIX, Console

__all__ = ["PREFIX", "Console", "Instruments", "new_login_link"]
