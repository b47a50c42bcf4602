"""The web console: moderators decide about claims, quickly, with the keyboard and large photos."""

from bot.console.dashboard.page import Instruments
from bot.console.login import new_login_link
from bot.console.routes import PREFIX, Console
from bot.console.sessions import Access

__all__ = ["PREFIX", "Access", "Console", "Instruments", "new_login_link"]
