"""The photo of a request: its body, or the first file of a form. Never more bytes than a photo may have."""

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.api.refusal import Refusal

FORM = "multipart/form-data"
CHUNK_BYTES = 64 * 1024
NO_PHOTO = "Send the photo as the body, or as a file of a form (multipart/form-data)."


async def photo_of(request: web.Request, limit_bytes: int, hold: Callable[[int], None]) -> bytes:
    """The bytes.

    Args:
        request: not read yet.
        limit_bytes: of one photo.
        hold: told of bytes before they are kept; may raise Refusal.

    Raises:
        Refusal: there is no photo, or a larger one.
    """
    if (request.content_length or 0) > limit_bytes + CHUNK_BYTES:  # a form is a little longer than its photo
        raise too_large(limit_bytes)
    data = bytearray()
    try:
        async for piece in _pieces(request):
            hold(len(piece))
            data += piece
            if len(data) > limit_bytes:
                raise too_large(limit_bytes)
    except (ValueError, LookupError, AssertionError, HttpProcessingError, web.RequestPayloadError):
        # what aiohttp says of a form that is none, or whose heads are none, and of what is not compressed as it says
        raise Refusal(HTTPStatus.BAD_REQUEST, NO_PHOTO) from None
    if not data:
        raise Refusal(HTTPStatus.BAD_REQUEST, NO_PHOTO)
    return bytes(data)


def too_large(limit_bytes: int) -> Refusal:
    """A file of more bytes than a photo may have."""
    return Refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A photo may have {limit_bytes / 2**20:.0f} MB: send a smaller one."
    )


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    if request.content_type != FORM:
        async for piece in request.content.iter_chunked(CHUNK_BYTES):
            yield piece
        return
    form = await request.multipart()
    while (part := await form.next()) is not None:
        if isinstance(part, BodyPartReader) and part.filename is not None:
            while piece := await part.read_chunk(CHUNK_BYTES):
                yield piece
            return
