"""What the API refuses, and why, in one sentence: `{"error": "…"}`."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web

from inference.queue.protocol import Failure

OURS: Final = "The photo could not be looked at, through a fault of ours: try again."
_OF_A_PHOTO: Final = {
    Failure.UNREADABLE: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "This is no photo that can be read: send a JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF file.",
    ),
    Failure.TOO_LARGE: (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "This photo has more pixels than are looked at: send a smaller one.",
    ),
    Failure.POISON: (HTTPStatus.UNPROCESSABLE_ENTITY, "This photo cannot be looked at."),
}


class Refusal(Exception):
    """The request is answered with this instead."""

    def __init__(self, status: HTTPStatus, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self._status = status
        self._sentence = sentence
        self._headers = headers

    def response(self) -> web.Response:
        """The same, over HTTP."""
        return web.json_response({"error": self._sentence}, status=self._status, headers=self._headers)


def come_back(status: HTTPStatus, sentence: str, wait_s: float) -> Refusal:
    """Nothing was taken; in `wait_s` seconds it may be."""
    return Refusal(status, sentence, {"Retry-After": str(max(1, math.ceil(wait_s)))})


def refusal_of(failure: Failure | None) -> Refusal:
    """Why a photo has no answer."""
    if failure in _OF_A_PHOTO:
        return Refusal(*_OF_A_PHOTO[failure])
    return come_back(HTTPStatus.SERVICE_UNAVAILABLE, OURS, 1)
