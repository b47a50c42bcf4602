"""What the review page talks to: JSON in, JSON out. Errors are {"kind", "sentence", "left"}; see page/server.js."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from bot.console.cards import age, card, label_name
from bot.console.decisions import Decisions, who
from bot.console.pages import data_for_script, page
from bot.console.sessions import Moderator
from bot.conversation.breeds.breed_name import breed_name
from bot.conversation.breeds.search import BreedSearch
from bot.texts import say_plain
from core.breeds.catalogue import MIXED_BREED, NOT_A_DOG, catalogue, plain
from core.claim import Decision
from core.clock import Clock
from db.database import Database
from db.errors import AlreadyDecided, BreedNeeded, RowMissing
from db.learning.learning_records import ReviewItem
from db.learning.review_queue import COUNTED
from db.unit import Unit

AHEAD: Final = 5  # cards a call
HAVE_LIMIT: Final = 50
FOUND: Final = 6
_INT64: Final = range(1, 2**63)
_DIGITS: Final = 20


class ReviewApi:
    """Handlers for a moderator who is logged in."""

    def __init__(self, database: Database, clock: Clock, *, heatmaps: bool, rule: bool) -> None:
        self._database = database
        self._clock = clock
        self._search = BreedSearch(catalogue())
        self._heatmaps, self._rule = heatmaps, rule

    async def home(self, _request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """The page."""
        async with self._database.unit(read_only=True) as unit:
            remembered = await Decisions(unit, moderator, self._clock).remembered()
        language = moderator.language
        words = {
            "accepted": say_plain(language, "console-accepted"),
            "noDog": say_plain(language, "console-done-accepted", breed=label_name(NOT_A_DOG, language)),
            "skipped": say_plain(language, "console-skipped"),
            "undo": say_plain(language, "console-undo"),
            "trouble": say_plain(language, "console-trouble"),
            "history": [{"event_id": one.event_id, "sentence": one.sentence} for one in remembered],
            "heat": self._heatmaps,
        }
        filled = page("review.html", language, csrf=moderator.csrf, words=data_for_script(words))
        return web.Response(text=filled, content_type="text/html")

    async def next(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """The most informative claims; `have`: ids that the page has already."""
        have = {one for part in request.query.get("have", "").split(",")[:HAVE_LIMIT] if (one := _number(part))}
        as_of = self._clock().timestamp()
        async with self._database.unit(read_only=True) as unit:
            found = await unit.review_queue.next(len(have) + AHEAD)
            cards = await self._cards(unit, [item for item in found if item.event_id not in have], moderator)
            count = await unit.review_queue.count()
        put_off = say_plain(moderator.language, "review-put-off", count=count) if count and not found else ""
        left = _left(count, moderator.language)
        return web.json_response({"cards": cards[:AHEAD], "left": left, "as_of": as_of, "put_off": put_off})

    async def decide(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """Body: `event_id`, `decision` (accept, reject, skip), and with accept perhaps `breed`."""
        body = await _object(request)
        event_id, decision, breed = _event_id(body), body.get("decision"), body.get("breed")
        if breed is not None and (decision != "accept" or not self._is_label(breed)):
            raise web.HTTPBadRequest(text="breed: a slug of the catalogue or not_a_dog, and only with accept")

        async def work(decisions: Decisions) -> dict[str, Any]:
            if decision == "skip":
                return {"sentence": await decisions.skip(event_id)}
            chosen = Decision.ACCEPTED if decision == "accept" else Decision.REJECTED
            return {"sentence": await decisions.decide(event_id, chosen, breed)}

        if not isinstance(decision, str) or decision not in {"accept", "reject", "skip"}:
            raise web.HTTPBadRequest(text="decision: accept, reject or skip")
        return await self._change(moderator, work)

    async def undo(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """Body: `event_id`. Answers with the card, which waits again."""
        event_id = _event_id(await _object(request))

        async def work(decisions: Decisions) -> dict[str, Any]:
            item = await decisions.undo(event_id)
            return {"item": item, "sentence": say_plain(moderator.language, "console-undone")}

        return await self._change(moderator, work)

    async def breeds(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """What `q` may mean, nearest first; nothing typed: what the model thought of for the claim `event_id`."""
        query, event_id = request.query.get("q", ""), request.query.get("event_id", "")
        if query.strip():
            slugs = [breed.slug for breed in self._search.find(query, moderator.language, FOUND)]
        else:
            slugs = await self._thought_of(_number(event_id))
        return web.json_response({"breeds": [self._breed(slug, moderator.language) for slug in slugs]})

    async def _change(
        self, moderator: Moderator, work: Callable[[Decisions], Awaitable[dict[str, Any]]]
    ) -> web.Response:
        """Do it, all or nothing; what stands in the way is told with the number of claims left."""
        status, answer = 200, {}
        try:
            async with self._database.unit() as unit:
                answer = await work(Decisions(unit, moderator, self._clock))
        except AlreadyDecided as error:
            status, answer = 409, {"kind": "first", "sentence": self._first(error, moderator)}
        except RowMissing:
            status, answer = 410, {"kind": "gone", "sentence": say_plain(moderator.language, "console-gone")}
        except BreedNeeded:
            status, answer = 400, {"kind": "trouble", "sentence": say_plain(moderator.language, "console-claim-note")}
        # Answers may overtake each other: the page believes the number of claims that was counted last.
        answer["as_of"] = self._clock().timestamp()
        async with self._database.unit(read_only=True) as unit:
            answer["left"] = _left(await unit.review_queue.count(), moderator.language)
            if isinstance(item := answer.pop("item", None), ReviewItem):
                answer["card"] = (await self._cards(unit, [item], moderator))[0]
        return web.json_response(answer, status=status)

    async def _cards(self, unit: Unit, items: list[ReviewItem], moderator: Moderator) -> list[dict[str, Any]]:
        people = await unit.reviews.by_users({item.user_id for item in items})
        now, language = self._clock(), moderator.language
        return [
            card(item, people[item.user_id], language, heatmaps=self._heatmaps, rule=self._rule, now=now)
            for item in items
        ]

    def _first(self, error: AlreadyDecided, moderator: Moderator) -> str:
        language, standing = moderator.language, error.standing
        key = "console-first-rejected" if standing.decision is Decision.REJECTED else "console-first-accepted"
        if standing.breed is not None and standing.decision is Decision.ACCEPTED:
            key = "console-first-corrected"
        when = age(standing.created_at, language, self._clock())
        breed = label_name(standing.breed, language) if standing.breed else ""
        return say_plain(language, key, who=say_plain(language, who(standing, moderator)), when=when, breed=breed)

    async def _thought_of(self, event_id: int) -> list[str]:
        async with self._database.unit(read_only=True) as unit:
            item = await unit.review_queue.get(event_id) if event_id else None
        likely = [one.breed for one in item.top if one.breed in catalogue()] if item is not None else []
        return [*likely[: FOUND - 1], MIXED_BREED] if likely else []

    def _breed(self, slug: str, language: str) -> dict[str, str]:
        """With the English name (for English, the French), where that differs: breeders use both."""
        name, other = breed_name(slug, language), breed_name(slug, "fr" if language == "en" else "en")
        return {"breed": slug, "name": name, "also": other if plain(other) != plain(name) else ""}

    def _is_label(self, breed: object) -> bool:
        return isinstance(breed, str) and (breed == NOT_A_DOG or breed in catalogue())


def _left(count: int, language: str) -> str:
    return say_plain(language, "console-left-many" if count >= COUNTED else "console-left", count=count)


def _number(typed: str) -> int:
    """An id in an address; 0 if it cannot be one."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < _DIGITS and int(typed) in _INT64 else 0


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (ValueError, LookupError, RecursionError):  # no JSON, an unknown charset, or brackets without end
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="a JSON object is expected")
    return body


def _event_id(body: dict[str, Any]) -> int:
    event_id = body.get("event_id")
    if not isinstance(event_id, int) or isinstance(event_id, bool) or event_id not in _INT64:
        raise web.HTTPBadRequest(text="event_id: the id of a claim")
    return event_id
