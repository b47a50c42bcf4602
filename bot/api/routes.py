"""The HTTP API, assembled: which path leads where, and who may go there. `openapi.json` says it to programs."""

import logging
from collections.abc import Awaitable, Callable, Collection
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Final

from aiohttp import web

from bot.api.admission import Admission
from bot.api.body import photo_of
from bot.api.refusal import OURS, Refusal, come_back, refusal_of
from bot.api.tokens import token_hash
from bot.http_server import photo_in_time
from bot.metrics import Metrics
from core.breeds.catalogue import catalogue
from core.breeds.listing import breed_json
from db.database import Database
from db.errors import DatabaseError
from inference.photo.decode import DEFAULT_LIMITS
from inference.queue.direct import Look
from inference.queue.protocol import JobResult, QueueError
from inference.serving.answer_json import answer_json

PREFIX: Final = "/api"
BEARER: Final = "Bearer "
NO_TOKEN: Final = "Say who you are: Authorization: Bearer TOKEN. `breedbot api token` makes one."  # noqa: S105

Labels = Callable[[], Awaitable[Collection[str]]]
_Handle = Callable[[web.Request, str], Awaitable[web.Response]]

log = logging.getLogger(__name__)


class Api:
    """``web.mount(PREFIX, api.handle)``.

    Args:
        database: open; it knows the tokens.
        look: has a worker look at a photo.
        labels: what the model that answers can name.
        admission: how many photos are taken.
        metrics: gets our numbers.
    """

    def __init__(self, database: Database, look: Look, labels: Labels, admission: Admission, metrics: Metrics) -> None:
        self._database = database
        self._look = look
        self._labels = labels
        self._admission = admission
        self._metrics = metrics
        self._routes: dict[str, tuple[str, _Handle]] = {
            "/v1/predictions": ("POST", self._predict),
            "/v1/breeds": ("GET", self._breeds),
        }
        metrics.gauge("api_photos", "Photos of the HTTP API under way", lambda: admission.under_way)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a request for `/api` or for what lies below it; whatever is wrong is said as JSON."""
        try:
            response = await self._answer(request)
        except Refusal as refusal:
            response = refusal.response()
        except web.HTTPRequestTimeout:
            response = Refusal(HTTPStatus.REQUEST_TIMEOUT, "The photo did not come in time.").response()
        except (DatabaseError, QueueError) as error:
            log.warning("a request of the API has no answer: %s", error)
            response = come_back(HTTPStatus.SERVICE_UNAVAILABLE, OURS, 1).response()
        response.headers["Cache-Control"] = "no-store"
        self._metrics.api_requests.labels(str(response.status)).inc()
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix(PREFIX)
        if path == "/v1/openapi.json" and request.method in {"GET", "HEAD"}:
            return web.Response(text=document(), content_type="application/json")
        method, handle = self._routes.get(path, ("", None))
        if handle is None:
            raise Refusal(HTTPStatus.NOT_FOUND, f"There is no {PREFIX}{path}; see {PREFIX}/v1/openapi.json.")
        if request.method != method:
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"{PREFIX}{path} takes {method}.", {"Allow": method})
        return await handle(request, await self._token(request))

    async def _token(self, request: web.Request) -> str:
        """The name of the token that is shown."""
        shown = request.headers.get("Authorization", "")
        if shown.startswith(BEARER):
            async with self._database.unit(read_only=True) as unit:
                if (token := await unit.api_tokens.find(token_hash(shown.removeprefix(BEARER).strip()))) is not None:
                    return token.name
        raise Refusal(HTTPStatus.UNAUTHORIZED, NO_TOKEN, {"WWW-Authenticate": "Bearer"})

    async def _predict(self, request: web.Request, token: str) -> web.Response:
        with self._admission.admitted(token) as held:
            data = await photo_in_time(request, photo_of(request, DEFAULT_LIMITS.limit_bytes, held.more))
            result = await self._look(data)
        self._metrics.looked_at(result)
        return web.json_response(_said(result))

    async def _breeds(self, _request: web.Request, _token: str) -> web.Response:
        answered = await self._labels()
        return web.json_response([breed_json(breed, answered) for breed in catalogue().values()])


@cache
def document() -> str:
    """The OpenAPI document."""
    return files("bot.api").joinpath("openapi.json").read_text("utf-8")


def _said(result: JobResult) -> dict[str, object]:
    """Raises Refusal: the photo has no answer."""
    if not result.predictions:
        raise refusal_of(result.failure)
    return answer_json(result.predictions)
