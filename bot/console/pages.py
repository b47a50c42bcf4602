"""The pages: HTML files whose ``{{fields}}`` are filled with sentences and values."""

import json
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from multidict import MultiDictProxy

from bot.texts import Html, say_plain

PAGE: Final = Path(__file__).parent / "page"
WORDS: Final = (
    "console-title", "console-brand", "console-help", "console-theme", "console-sign-out", "console-zoom",
    "console-no-photo", "console-history", "console-actions", "console-accept", "console-reject", "console-other",
    "console-not-a-dog", "console-skip", "console-heat", "console-undo", "console-empty-title", "console-empty-text",
    "console-undo-last", "console-ended-title", "console-ended-text", "console-breeds-title", "console-close",
    "console-breeds-placeholder", "console-breeds-none", "console-help-accept", "console-help-reject",
    "console-help-other", "console-help-not-a-dog", "console-help-skip", "console-help-undo", "console-help-heat",
    "console-help-zoom", "console-help-note", "dash-title", "dash-span",
    "console-places", "console-place-review", "decided-title", "models-title",
)  # fmt: skip
"""The sentences that the pages themselves name."""

_FIELD = re.compile(r"\{\{([\w-]+)\}\}")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def page(name: str, language: str, **values: str) -> str:
    """A page in a language. Values are escaped unless they are `Html`; other fields are keys of sentences."""

    def fill(field: re.Match[str]) -> str:
        value = values.get(field[1])
        if value is None:
            value = language if field[1] == "language" else say_plain(language, field[1])
        return value if isinstance(value, Html) else escape(value)

    return _FIELD.sub(fill, _read(name))


def fields(name: str) -> set[str]:
    """What a page asks for."""
    return set(_FIELD.findall(_read(name)))


def data_for_script(values: Any) -> Html:
    """JSON for a data block; nothing in it can end the block (https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements)."""
    return Html(json.dumps(values).replace("<", "\\u003c").replace("&", "\\u0026"))


def asset(name: str) -> web.StreamResponse:
    """A style, script or picture of the pages. Raises HTTPNotFound."""
    path = PAGE / name
    if path.suffix not in _TYPES or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache", "Content-Type": _TYPES[path.suffix]})


async def form_of(request: web.Request) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
    """The fields of a form. Raises HTTPBadRequest for one that is none, or is in a charset that nobody knows."""
    try:
        return await request.post()
    except (ValueError, LookupError):
        raise web.HTTPBadRequest(text="a form is expected") from None


@cache
def _read(name: str) -> str:
    return (PAGE / name).read_text("utf-8")
