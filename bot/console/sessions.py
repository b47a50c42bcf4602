"""Who is logged in: a cookie with a secret, checked against the database and the list of moderators at each request.

The database knows secrets by their hash only: who reads it still cannot come in.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot.conversation.moderation.moderators import reviewer_of
from bot.settings import Network
from bot.texts import pick
from core.clock import Clock
from db.database import Database

SESSION_VALID: Final = timedelta(hours=12)
TOKEN_BYTES: Final = 32  # 256 random bits: not to be guessed, so a plain hash is enough
TOKEN_LENGTH: Final = 43  # the same in URL-safe base64


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in, and where.

    Attributes:
        moderators: their ids; asked each time, so that who is removed is out at once.
        public_url: where people's browsers reach our HTTP port; decides where they send the cookie to.
        language: for whom no better one is known.
        hosts: names that browsers may call us by, beside the one of `public_url`, addresses and localhost.
        proxies: networks whose X-Forwarded-For is believed.
        trial_photos: on how many a candidate is tried.
        rule_decides: whether the trust policy may accept claims, too.
    """

    moderators: Callable[[], Collection[int]]
    public_url: str
    language: str = "en"
    hosts: frozenset[str] = frozenset()
    proxies: tuple[Network, ...] = ()
    trial_photos: int = 50
    rule_decides: bool = True


@dataclass(frozen=True, slots=True)
class Moderator:
    """Who asks. `csrf`: what their pages send along; `csrf_hash`: what it must hash to."""

    id: int
    language: str
    session: str
    csrf: str
    csrf_hash: str

    @property
    def reviewer(self) -> str:
        """How the database calls them."""
        return reviewer_of(self.id)

    def sent_by_our_page(self, token: str) -> bool:
        """Whether this is the token of this session's pages."""
        return hmac.compare_digest(token_hash(token), self.csrf_hash)


class Sessions:
    """Opens, checks and ends them."""

    def __init__(self, database: Database, access: Access, clock: Clock) -> None:
        self._database = database
        self._moderators = access.moderators
        self._language = access.language
        self._clock = clock
        parts = urlsplit(access.public_url)
        self._secure = parts.scheme == "https"
        self._path = f"{parts.path.rstrip('/')}/console"
        self.cookie = "__Secure-breedbot" if self._secure else "breedbot"

    async def log_in(self, link_token: str, response: web.StreamResponse) -> bool:
        """Use a link up, and give its moderator a session; whether there was such a link, and they are one still."""
        async with self._database.unit() as unit:
            moderator_id = await unit.console.use_link(token_hash(link_token))
            if moderator_id is None or moderator_id not in self._moderators():
                return False
            token = new_token()
            await unit.console.add_session(
                token_hash(token),
                moderator_id=moderator_id,
                csrf_hash=token_hash(csrf_token(token)),
                expires_at=self._clock() + SESSION_VALID,
            )
        response.set_cookie(
            self.cookie, token, max_age=int(SESSION_VALID.total_seconds()), path=self._path,
            secure=self._secure, httponly=True, samesite="Strict",
        )  # fmt: skip
        return True

    async def find(self, request: web.Request) -> Moderator | None:
        """Who asks; None: nobody that we know, or no moderator any more, whose sessions end here."""
        token = request.cookies.get(self.cookie, "")
        if len(token) != TOKEN_LENGTH:
            return None
        async with self._database.unit(read_only=True) as unit:
            session = await unit.console.session(token_hash(token))
            user = await unit.users.get(session.moderator_id) if session is not None else None
        if session is None:
            return None
        if session.moderator_id not in self._moderators():
            async with self._database.unit() as unit:
                await unit.console.end_all(session.moderator_id)
            return None
        spoken = (user.language, user.language_code) if user is not None else (None, None)
        language = pick(spoken[0], spoken[1] or accepted_language(request), self._language)
        return Moderator(session.moderator_id, language, session.token_hash, csrf_token(token), session.csrf_hash)

    async def log_out(self, moderator: Moderator, response: web.StreamResponse) -> None:
        """End this session."""
        async with self._database.unit() as unit:
            await unit.console.end_session(moderator.session)
        self.forget_cookie(response)

    def forget_cookie(self, response: web.StreamResponse) -> None:
        """Have the browser drop its cookie."""
        response.del_cookie(self.cookie, path=self._path, secure=self._secure, httponly=True, samesite="Strict")

    def language_of(self, request: web.Request) -> str:
        """For who is not logged in."""
        return pick(None, accepted_language(request), self._language)


def new_token() -> str:
    """43 URL-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """SHA-256 in hex, as the database keeps it."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def csrf_token(session_token: str) -> str:
    """What pages of this session send along with each change. Other websites cannot know it, nor compute it."""
    return token_hash(f"csrf:{session_token}")


def accepted_language(request: web.Request) -> str | None:
    """What the browser would like best: ``fr-CA`` of ``fr-CA,fr;q=0.8``."""
    first = request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0].strip()
    return first[:16] or None
