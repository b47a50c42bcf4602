"""Reads a request into Arguments: query, JSON, form or multipart; files are streamed to disk, never held in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.api.arguments import Arguments
from sandbox.api.errors import BadRequest, TooLarge
from sandbox.state.files import Files
from sandbox.state.media import Upload

_CHUNK_BYTES = 256 * 1024
_FIELD_BYTES = 1024 * 1024
_PARTS = 100


async def read_arguments(request: web.Request, files: Files, limit_bytes: int) -> Arguments:
    """Raises BadRequest for broken bodies and TooLarge for files beyond the limit."""
    args = Arguments(dict(request.query))
    if request.content_type == "application/json":
        args.values |= await _json(request)
    elif request.content_type == "application/x-www-form-urlencoded":
        args.values |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    elif request.content_type == "multipart/form-data":
        try:
            await _read_parts(request, args, files, limit_bytes)
        except BaseException:
            args.discard_files()
            raise
    return args


async def _json(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    if not body:
        return {}
    try:
        values = await request.json()
    except ValueError:
        raise BadRequest("can't parse JSON object") from None
    if not isinstance(values, dict):
        raise BadRequest("object expected as the request body")
    return values


async def _read_parts(request: web.Request, args: Arguments, files: Files, limit_bytes: int) -> None:
    try:
        reader = await request.multipart()
        count = 0
        async for part in reader:
            count += 1
            if not isinstance(part, BodyPartReader) or not part.name or count > _PARTS:
                raise BadRequest("can't parse multipart body")
            if part.filename is None:
                args.values[part.name] = await _field(part)
            else:
                name = part.name if part.name not in args.files else f"{part.name}#{count}"
                args.files[name] = await _file(part, files, limit_bytes)
    except ValueError as error:
        raise BadRequest("can't parse multipart body") from error


async def _field(part: BodyPartReader) -> str:
    value = bytearray()
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        value += chunk
        if len(value) > _FIELD_BYTES:
            raise TooLarge
    return value.decode("utf-8", "replace")


async def _file(part: BodyPartReader, files: Files, limit_bytes: int) -> Upload:
    upload = Upload(files.incoming_path(), part.filename or "file")
    try:
        await _spool(part, upload.path, limit_bytes)
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    return upload


async def _spool(part: BodyPartReader, path: Path, limit_bytes: int) -> None:
    written = 0
    with path.open("wb") as file:
        while chunk := await part.read_chunk(_CHUNK_BYTES):
            written += file.write(chunk)
            if written > limit_bytes:
                raise TooLarge
