"""Handlers: the page, and what its buttons do to many decisions at once."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aiohttp import web

from bot.console.decided.html import Sheet, Whose
from bot.console.decided.query import Query, number
from bot.console.pages import form_of, page
from bot.console.sessions import Moderator
from bot.conversation.breeds.search import BreedSearch
from bot.texts import say_plain
from core.breeds.catalogue import catalogue
from core.claim import Decision
from core.clock import Clock
from db.database import Database
from db.errors import AlreadyDecided, RowMissing

ON_PAGE: Final = 25
AT_ONCE: Final = 50  # decisions in one transaction: others who write wait for that long

log = logging.getLogger(__name__)


class Decided:
    """For a moderator who is logged in. The database's errors are the console's affair."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._search = BreedSearch(catalogue())

    async def show(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """The newest decisions that the address asks for."""
        query = Query.read(request.query)
        wanted = query.wanted(self._search, moderator.id, moderator.language)
        async with self._database.unit(read_only=True) as unit:
            found = await unit.decisions.page(wanted, ON_PAGE + 1, before_id=query.before or None)
            count = await unit.decisions.count(wanted)
            standing = await unit.decisions.count(replace(wanted, standing=True))
            whose = None
            if query.person and (user := await unit.users.get(query.person)) is not None:
                counts = await unit.reviews.by_user(user.id)
                whose = Whose(user, counts)
        sheet = Sheet(query, moderator, self._clock())
        done = number(request.query.get("done", "")) if "done" in request.query else None
        filled = page(
            "sheet.html",
            moderator.language,
            csrf=moderator.csrf,
            title=say_plain(moderator.language, "decided-title"),
            body=sheet.body(found[:ON_PAGE], count, standing, whose, done=done, more=len(found) > ON_PAGE),
        )
        return web.Response(text=filled, content_type="text/html")

    async def change(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """Fields: `act`, `event` (any number of times) or `all`, and those of the address."""
        form = await form_of(request)
        query = Query.read({name: value for name, value in form.items() if isinstance(value, str)})
        act = form.get("act")
        if act not in {"take-back", "set-aside", "restore"}:
            raise web.HTTPBadRequest(text="act: take-back, set-aside or restore")
        if form.get("all"):
            wanted = query.wanted(self._search, moderator.id, moderator.language)
            async with self._database.unit(read_only=True) as unit:
                events = await unit.decisions.claims(replace(wanted, standing=True))
        else:
            chosen = [number(one) for one in form.getall("event", []) if isinstance(one, str)]
            events = [one for one in chosen if one][:ON_PAGE]
        done = await self._do(str(act), events, moderator)
        log.info("moderator %s: %s, %d claims", moderator.id, act, done)
        return web.Response(status=303, headers={"Location": f"{query.address(before=0)}&done={done}"})

    async def _do(self, act: str, events: Sequence[int], moderator: Moderator) -> int:
        """Returns: how many claims it changed. Others decide meanwhile: what does not stand any more is passed over."""
        done = 0
        for start in range(0, len(events), AT_ONCE):
            some = sorted(events[start : start + AT_ONCE])
            if act == "take-back":
                done += await self._take_back(some, moderator)
                continue
            async with self._database.unit() as unit:
                if act == "set-aside":
                    reason = "set aside in the console"
                    done += len(await unit.reviews.set_aside(some, reviewer=moderator.reviewer, reason=reason))
                else:
                    done += len(await unit.reviews.restore(some, reviewer=moderator.reviewer))
        return done

    async def _take_back(self, events: Sequence[int], moderator: Moderator) -> int:
        """Whoever took the decision: from now on the claim waits for a person."""
        done = 0
        async with self._database.unit() as unit:
            for event in events:
                try:
                    await unit.reviews.decide(event, Decision.REOPENED, reviewer=moderator.reviewer)
                except (AlreadyDecided, RowMissing):
                    continue
                done += 1
        return done
