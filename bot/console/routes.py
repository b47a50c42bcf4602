"""The console, assembled: which path leads where, and who may go there."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot.console.dashboard.numbers import Overviews
from bot.console.dashboard.page import Dashboard, Instruments
from bot.console.decided.page import Decided
from bot.console.guard import from_our_page, names_us, protect
from bot.console.login import Login
from bot.console.login_pace import LoginPace
from bot.console.models.page import Models
from bot.console.pages import asset
from bot.console.pictures import Pictures
from bot.console.review_api import ReviewApi
from bot.console.sessions import TOKEN_LENGTH, Access, Moderator, Sessions
from bot.conversation.heatmap.port import Heatmap
from bot.conversation.models.facts import Reins
from bot.http_server import body_of
from bot.texts import say_plain
from core.clock import Clock, utc_now
from db.database import Database
from db.errors import DatabaseError
from db.photos.photo_store import PhotoStore

PREFIX: Final = "/console"
CSRF_HEADER: Final = "X-CSRF-Token"
BODY_LIMIT_BYTES: Final = 10_000

Handle = Callable[..., Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class _Route:
    """`handle` is given the request, the moderator unless everybody may come, and the groups of the path."""

    method: str
    path: re.Pattern[str]
    handle: Handle
    everybody: bool = False


class Console:
    """``web.mount(PREFIX, console.handle)``.

    Args:
        database: open.
        photos: where the photos of claims are.
        access: who may come in.
        heatmap: None = there are none, and no key for them.
        clock: the one of the database.
        timing: how often logging in may be tried.
        instruments: what the dashboard shows beside the database; None = nothing.
        reins: promote and take back models; None = that is done elsewhere.
    """

    def __init__(
        self,
        database: Database,
        photos: PhotoStore,
        access: Access,
        *,
        heatmap: Heatmap | None = None,
        clock: Clock = utc_now,
        timing: LoginPace | None = None,
        instruments: Instruments | None = None,
        reins: Reins | None = None,
    ) -> None:
        self._public_url = access.public_url
        self._hosts = access.hosts | {urlsplit(access.public_url).hostname or ""}
        self._sessions = Sessions(database, access, clock)
        self._login = Login(self._sessions, timing or LoginPace(), access.proxies)
        self._pictures = Pictures(database, photos, heatmap)
        self._api = ReviewApi(database, clock, heatmaps=heatmap is not None, rule=access.rule_decides)
        self._dashboard = Dashboard(Overviews(database, clock), instruments)
        self._decided = Decided(database, clock)
        self._models = Models(database, reins, access.trial_photos)
        self._routes = self._all_routes()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for `/console` or for what lies below it."""
        try:
            response = await self._answer(request)
        except web.HTTPException as refusal:
            response = web.Response(status=refusal.status, text=refusal.text)
        except DatabaseError:
            response = web.json_response(
                {"kind": "trouble", "sentence": say_plain(self._sessions.language_of(request), "console-trouble")},
                status=503,
            )
        protect(response)
        return response

    def _all_routes(self) -> tuple[_Route, ...]:
        event, token = r"(?P<event_id>[1-9][0-9]{0,17})", rf"(?P<token>[\w-]{{{TOKEN_LENGTH}}})"
        return (
            _route("GET", "", _redirect_home, everybody=True),
            _route("GET", r"/page/(?P<name>[a-z_]+\.[a-z]+)", _asset, everybody=True),
            _route("GET", f"/login/{token}", self._offer, everybody=True),
            _route("POST", f"/login/{token}", self._login.enter, everybody=True),
            _route("GET", "/", self._api.home),
            _route("GET", "/dashboard", self._dashboard.show),
            _route("GET", "/decisions", self._decided.show),
            _route("POST", "/decisions", self._decided.change),
            _route("GET", "/models", self._models.show),
            _route("POST", "/models", self._models.change),
            _route("POST", "/logout", self._leave),
            _route("GET", "/api/next", self._api.next),
            _route("GET", "/api/breeds", self._api.breeds),
            _route("POST", "/api/decide", self._api.decide),
            _route("POST", "/api/undo", self._api.undo),
            _route("GET", f"/photos/{event}", self._photo),
            _route("GET", rf"/heatmaps/{event}/(?P<breed>[a-z_]{{1,64}})", self._evidence),
        )

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if not names_us(request, self._hosts):
            raise web.HTTPMisdirectedRequest(text="The console is not at this address; BREEDBOT_PUBLIC_URL says where.")
        route, groups = self._find(request)
        if request.method == "POST":
            if not from_our_page(request, self._public_url):
                raise web.HTTPForbidden(text="The console answers only its own pages.")
            if (request.content_length or 0) > BODY_LIMIT_BYTES:
                raise web.HTTPRequestEntityTooLarge(BODY_LIMIT_BYTES, request.content_length or 0)
        if route.everybody:
            return await route.handle(request, **groups)
        moderator = await self._sessions.find(request)
        if moderator is None:
            return self._refuse(request)
        if request.method == "POST":
            await body_of(request)
        if request.method == "POST" and not moderator.sent_by_our_page(await _csrf(request)):
            sentence = say_plain(moderator.language, "console-stale-page")
            return web.json_response({"kind": "trouble", "sentence": sentence}, status=403)
        return await route.handle(request, moderator, **groups)

    def _find(self, request: web.Request) -> tuple[_Route, dict[str, str]]:
        method = "GET" if request.method == "HEAD" else request.method
        path = request.path.removeprefix(PREFIX)
        for route in self._routes:
            if route.method == method and (found := route.path.fullmatch(path)):
                return route, found.groupdict()
        raise web.HTTPNotFound

    def _refuse(self, request: web.Request) -> web.Response:
        if request.path in {f"{PREFIX}/{page}" for page in ("", "dashboard", "decisions", "models", "logout")}:
            return self._login.refuse(request)
        return web.json_response({"kind": "signed-out"}, status=401)

    async def _offer(self, request: web.Request, token: str) -> web.StreamResponse:  # noqa: ARG002 - used by the button
        return await self._login.offer(request)

    async def _leave(self, _request: web.Request, moderator: Moderator) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": "./"})
        await self._sessions.log_out(moderator, response)
        return response

    async def _photo(self, _request: web.Request, _moderator: Moderator, event_id: str) -> web.StreamResponse:
        return _picture(await self._pictures.photo(int(event_id)))

    async def _evidence(
        self, _request: web.Request, _moderator: Moderator, event_id: str, breed: str
    ) -> web.StreamResponse:
        return _picture(await self._pictures.evidence(int(event_id), breed))


def _route(method: str, path: str, handle: Handle, *, everybody: bool = False) -> _Route:
    return _Route(method, re.compile(path, re.ASCII), handle, everybody)


async def _redirect_home(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=308, headers={"Location": f"{PREFIX.removeprefix('/')}/"})


async def _asset(_request: web.Request, name: str) -> web.StreamResponse:
    return asset(name)


async def _csrf(request: web.Request) -> str:
    """From the header that scripts set, or from the field of a form."""
    if (sent := request.headers.get(CSRF_HEADER)) is not None:
        return sent
    try:
        field = (await request.post()).get("csrf", "")
    except (ValueError, LookupError):  # a form that is none, or in a charset that nobody knows
        return ""
    return field if isinstance(field, str) else ""


def _picture(jpeg: bytes | None) -> web.Response:
    if jpeg is None:
        raise web.HTTPNotFound
    return web.Response(body=jpeg, content_type="image/jpeg")
