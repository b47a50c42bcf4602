"""The operator's view: how much came, how fast it was answered, how sure the model is, what people say of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from time import monotonic
from typing import Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from bot.console.dashboard.html import Sheet
from bot.console.dashboard.numbers import Overview, Overviews, Span
from bot.console.dashboard.process_numbers import Vitals
from bot.console.pages import page
from bot.console.sessions import Moderator

KEPT_S: Final = 3.0  # several moderators who look at the same time ask once

_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{0,60}", re.ASCII)


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
    """A handler for a moderator who is logged in. `?span=day|week|month`; the cookie `zone` says where they live."""

    def __init__(self, overviews: Overviews, instruments: Instruments | None) -> None:
        """Without `instruments` only the database is shown."""
        self._overviews = overviews
        self._instruments = instruments
        self._kept: dict[tuple[Span, timedelta | None], tuple[float, Overview]] = {}

    async def show(self, request: web.Request, moderator: Moderator) -> web.StreamResponse:
        """The page. Raises DatabaseError."""
        spans = {span.name.lower(): span for span in Span}
        span = spans.get(request.query.get("span", ""), Span.DAY)
        zone = zone_of(request)
        sheet = Sheet(await self._overview(span, zone), span, zone, moderator.language)
        troubles = self._instruments.troubles(moderator.language) if self._instruments else []
        filled = page(
            "dashboard.html",
            moderator.language,
            csrf=moderator.csrf,
            spans=sheet.spans(),
            state=sheet.state(troubles),
            tiles=sheet.tiles(),
            boxes=sheet.boxes(self._instruments.vitals() if self._instruments else None),
            zone=str(zone),
            foot=sheet.foot(),
        )
        return web.Response(text=filled, content_type="text/html")

    async def _overview(self, span: Span, zone: tzinfo) -> Overview:
        key = (span, datetime.now(zone).utcoffset())
        looked_at, found = self._kept.get(key, (0.0, None))
        if found is None or monotonic() - looked_at > KEPT_S:
            found = await self._overviews.look(span, zone)
            self._kept[key] = (monotonic(), found)
        return found


def zone_of(request: web.Request) -> tzinfo:
    """Of the browser, as the page's script found it; UTC where it did not, or this machine does not know it."""
    name = unquote(request.cookies.get("zone", ""))
    try:
        return ZoneInfo(name) if _ZONE.fullmatch(name) else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC  # not `ZoneInfo("UTC")`: some machines have no time zones at all
