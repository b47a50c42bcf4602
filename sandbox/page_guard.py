"""Keeps other websites away from the chat page: they must not read it, frame it or drive it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def page_guard(host: str) -> object:
    """Middleware for everything but the Bot API, which has its token. `host`: the one the server binds to."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(("/bot", "/file/bot")):
            return await handler(request)
        if not is_ours(request, host):
            raise web.HTTPForbidden(text="This chat answers only its own page.")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    return guard


def is_ours(request: web.Request, host: str) -> bool:
    """The host must be an address or localhost (foreign names could be rebound to us), the origin the same."""
    name = urlsplit(f"//{request.host}").hostname or ""
    if not (name in {"localhost", host} or name.endswith(".localhost") or _is_address(name)):
        return False
    if request.method in {"GET", "HEAD"}:
        return True
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return False
    return request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
