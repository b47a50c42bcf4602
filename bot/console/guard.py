"""What keeps other websites, caches and curious machines out of the console."""

import ipaddress
from collections.abc import Container
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


def names_us(request: web.Request, hosts: Container[str]) -> bool:
    """Whether a browser that asks for this host can mean us: foreign names could be rebound to our address."""
    try:
        name = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return False
    return name in hosts or name == "localhost" or name.endswith(".localhost") or _is_address(name)


def from_our_page(request: web.Request, public_url: str) -> bool:
    """Whether a change was asked for by a page of ours, as far as the browser says (it cannot be made to lie)."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in {request.host, urlsplit(public_url).netloc}:
        return False
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
