"""Coming in: the page behind a link, whose button alone uses it up, so that whoever looks ahead at links does not."""

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from math import ceil
from typing import Final

from aiohttp import web

from bot.console.login_pace import LoginPace, address_of
from bot.console.pages import page
from bot.console.sessions import Sessions, new_token, token_hash
from bot.settings import Network
from bot.texts import Html, say_plain
from core.clock import Clock, utc_now
from db.database import Database

LINK_VALID: Final = timedelta(minutes=10)
HOME: Final = "../"  # from /console/login/<token>; relative, because a proxy may put us below a folder


async def new_login_link(database: Database, moderator_id: int, public_url: str, *, clock: Clock = utc_now) -> str:
    """Make a link that lets one moderator in, once; those that this moderator has not used yet are void from now on.

    Args:
        database: open.
        moderator_id: who will be logged in; ask first whether they are a moderator.
        public_url: where our HTTP port is reached, such as ``settings.public_address()``.
        clock: the one of the database.

    Raises:
        DatabaseError: nothing was stored.
    """
    token = new_token()
    async with database.unit() as unit:
        await unit.console.prune()
        await unit.console.add_link(token_hash(token), moderator_id=moderator_id, expires_at=clock() + LINK_VALID)
    return f"{public_url.rstrip('/')}/console/login/{token}"


class Login:
    """Handlers for who is not logged in."""

    def __init__(self, sessions: Sessions, timing: LoginPace, proxies: Sequence[Network]) -> None:
        self._sessions = sessions
        self._proxies = proxies
        self._timing = timing

    async def offer(self, request: web.Request) -> web.StreamResponse:
        """The button. Says nothing about the link: what fetches previews must not find out, either."""
        language = self._sessions.language_of(request)
        button = f'<button class="wide">{escape(say_plain(language, "console-sign-in"))}</button>'
        text, form = say_plain(language, "console-login-text"), Html(f'<form method="post">{button}</form>')
        return _page(language, "console-login-title", text, base=HOME, form=form)

    async def enter(self, request: web.Request, token: str) -> web.StreamResponse:
        """Use the link up and go to the claims, or say what is wrong."""
        language = self._sessions.language_of(request)
        if wait_s := self._timing.wait_s(address_of(request, self._proxies)):
            text = say_plain(language, "console-too-often", count=ceil(wait_s))
            response = _page(language, "console-login-title", text, base=HOME, status=429)
            response.headers["Retry-After"] = str(ceil(wait_s))
            return response
        response = web.Response(status=303, headers={"Location": HOME})
        if await self._sessions.log_in(token, response):
            return response
        return _page(language, "console-void-title", say_plain(language, "console-void-text"), base=HOME, status=403)

    def refuse(self, request: web.Request) -> web.Response:
        """The page for who has no session, or none that is valid."""
        language, known = self._sessions.language_of(request), self._sessions.cookie in request.cookies
        title = "console-ended-title" if known else "console-login-title"
        text = "console-ended-text" if known else "console-needs-link"
        response = _page(language, title, say_plain(language, text), base="", status=401)
        if known:
            self._sessions.forget_cookie(response)
        return response


def _page(
    language: str, title: str, text: str, *, base: str, form: Html | None = None, status: int = 200
) -> web.Response:
    filled = page(
        "login.html", language, heading=say_plain(language, title), text=text, base=base, form=form or Html("")
    )
    return web.Response(text=filled, content_type="text/html", status=status)
