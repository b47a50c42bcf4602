"""What keeps other websites, caches and curious machines out of the console."""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with that, browsers call a form's origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}
NO_STORE: Final = "no-store"


def protect(response: web.StreamResponse) -> None:
    """Headers for everything that the console answers; only its own style and scripts may be kept by caches."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", NO_STORE)


def from_our_page(request: web.Request, public_url: str) -> bool:
    """Whether a change was asked for by a page of ours, as far as the browser says (it cannot be made to lie)."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in {request.host, urlsplit(public_url).netloc}:
        return False
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
