"""The operator's view: how much came, how fast it was answered, how sure the model is, what people say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from aiohttp import web

from bot.console.dashboard.html import Sheet
from bot.console.dashboard.numbers import Overview, Overviews, Span
from bot.console.dashboard.process_numbers import Vitals
from bot.console.pages import page
from bot.console.sessions import Moderator

KEPT_S: Final = 3.0  # several moderators who look at the same time ask once


@dataclass(frozen=True, slots=True)
class Instruments:
    """What is known outside the database.

    Attributes:
        vitals: what this process measured.
        troubles: what is wrong now, in a language.
    """

    vitals: Callable[[], Vitals]
    troubles: Callable[[str], list[str]]


class Dashboard:
    """A handler for a moderator who is logged in. `?span=day|week|month`."""

    def __init__(self, overviews: Overviews, instruments: Instruments | None) -> None:
        """Without `instruments` only the database is shown."""
        self._overviews = overviews
        self._instruments = instruments
        self._kept: dict[Span, tuple[float, Overview]] = {}

    async def show(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """The page. Raises DatabaseError."""
        spans = {span.name.lower(): span for span in Span}
        span = spans.get(request.query.get("span", ""), Span.DAY)
        sheet = Sheet(await self._overview(span), span, moderator.language)
        troubles = self._instruments.troubles(moderator.language) if self._instruments else []
        filled = page(
            "dashboard.html",
            moderator.language,
            csrf=moderator.csrf,
            spans=sheet.spans(),
            state=sheet.state(troubles),
            tiles=sheet.tiles(),
            photos=sheet.photos(),
            times=sheet.times(),
            sure=sheet.sure(),
            models=sheet.models(),
            breeds=sheet.breeds(),
            retrains=sheet.retrains(),
            waiting=sheet.waiting(),
            process=sheet.process(self._instruments.vitals() if self._instruments else None),
        )
        return web.Response(text=filled, content_type="text/html")

    async def _overview(self, span: Span) -> Overview:
        looked_at, found = self._kept.get(span, (0.0, None))
        if found is None or monotonic() - looked_at > KEPT_S:
            found = await self._overviews.look(span)
            self._kept[span] = (monotonic(), found)
        return found
