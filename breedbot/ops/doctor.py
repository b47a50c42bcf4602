"""Can the bot work here? Settings, folders, disk, database, ports and Telegram, each with what to do about it."""

import asyncio
import shutil
import socket
import stat
import tempfile
import time
from pathlib import Path

from sqlalchemy import text
from telegram.error import TelegramError

from bot.errors import TokenRejected
from bot.telegram.client import TelegramBot
from bot.term import Term
from bot.timing import Timing
from breedbot.ops.doctor_model import Finding, Level
from breedbot.ops.settings import Configuration, unknown_keys
from breedbot.serve.data_lock import lock_holder
from breedbot.serve.private_folder import open_to_others
from breedbot.serve.sandbox import HOST
from db import migrate
from db.database import Database
from db.errors import BadDatabaseUrl, DatabaseError, PhotoStoreError
from db.photos.photo_store import RESERVE_BYTES, open_photo_store
from db.url import database_url, is_sqlite, place
from inference.queue.protocol import is_shared

WANTED_BYTES = 2 * 2**30  # of disk
TELEGRAM_S = 10.0


async def bot_findings(settings: Configuration) -> list[Finding]:
    """Everything around the model; writes nothing that stays."""
    return [
        _keys(),
        _data_folder(settings.data_dir),
        await _photo_store(settings.photo_store),
        _disk(settings.data_dir),
        await _database(settings.database_url),
        await _queue(settings.queue_url),
        *_ports(settings),
        await _telegram(settings),
    ]


def _keys() -> Finding:
    if unknown := unknown_keys():
        return Finding("settings", Level.WARN, f"nobody reads {', '.join(unknown)}", "correct or remove them")
    return Finding("settings", Level.OK, "every BREEDBOT_ key is known")


def _folder(check: str, folder: Path, key: str) -> Finding:
    existing = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"x" * 4096)
    except OSError as error:
        return Finding(check, Level.FAIL, f"{folder}: cannot be written ({error.strerror})", f"set {key}")
    return Finding(check, Level.OK, str(folder) if existing == folder else f"{folder} (made at the first start)")


def _data_folder(folder: Path) -> Finding:
    found = _folder("data folder", folder, "BREEDBOT_DATA_DIR")
    if found.level is Level.OK and open_to_others(folder):
        mode = stat.S_IMODE(folder.stat().st_mode)
        return Finding(
            "data folder", Level.WARN, f"{folder}: others on this machine can read it (mode {mode:04o})",
            f"`chmod -R go= {folder}`; a start of the bot does it, too",
        )  # fmt: skip
    return found


async def _photo_store(place: Path | str) -> Finding:
    if isinstance(place, Path):
        return _folder("photo store", place, "BREEDBOT_PHOTO_STORE")
    try:
        began = time.perf_counter()
        await open_photo_store(place).examine()
    except PhotoStoreError as error:
        return Finding("photo store", Level.FAIL, str(error), "see the message; keys are AWS_…, GOOGLE_… or AZURE_…")
    took_ms = (time.perf_counter() - began) * 1000
    return Finding("photo store", Level.OK, f"{place}: written, read and deleted in {took_ms:.0f} ms")


def _disk(folder: Path) -> Finding:
    free_bytes = shutil.disk_usage(_existing(folder)).free
    detail = f"{free_bytes / 2**30:.1f} GB free"
    if free_bytes < RESERVE_BYTES:
        return Finding("disk", Level.FAIL, detail, "free some space: photos cannot be stored")
    if free_bytes < WANTED_BYTES:
        return Finding("disk", Level.WARN, detail, "room for a few thousand photos only")
    return Finding("disk", Level.OK, detail)


async def _database(url: str) -> Finding:
    try:
        where = place(database_url(url))
        found, wanted = await migrate.current(url), migrate.head()
        await migrate.rehearse(url)
        if found is None and is_sqlite(database_url(url)):
            return _new_database(Path(where))
        if found is None:
            return Finding("database", Level.OK, f"{where}: none yet, made at the first start")
        if found != wanted and found in migrate.known_revisions():
            return Finding("database", Level.WARN, f"{where}: revision {found}, not {wanted}", "`breedbot db upgrade`")
        return Finding("database", Level.OK, f"{where}: revision {found}, {await _writable(url)}")
    except (DatabaseError, BadDatabaseUrl) as error:
        return Finding("database", Level.FAIL, str(error), "see the message")


def _new_database(file: Path) -> Finding:
    found = _folder("database", file.parent, "BREEDBOT_DATABASE_URL, or BREEDBOT_DATA_DIR")
    if found.level is not Level.OK:
        return found
    return Finding("database", Level.OK, f"{file}: none yet, made at the first start")


async def _queue(url: str) -> Finding:
    if not is_shared(url):
        return Finding("queue", Level.OK, "inside the process")
    from breedbot.ops.doctor_queue import queue_finding  # noqa: PLC0415 - one process needs no NATS

    return await queue_finding(url)


async def _writable(url: str) -> str:
    database = await Database.open(url)
    try:
        async with database.unit() as unit:  # takes the write lock
            if not is_sqlite(database.url):
                return "writable"
            mode = (await unit.connection.execute(text("PRAGMA journal_mode"))).scalar_one()
            return f"writable, journal {mode}"
    finally:
        await database.close()


def _ports(settings: Configuration) -> list[Finding]:
    ports = [("HTTP_PORT", settings.http_host, settings.http_port)]
    if settings.telegram_token is None:
        ports.append(("CHAT_PORT", HOST, settings.chat_port))
    holder = lock_holder(settings.data_dir)
    if settings.telegram_token is None and settings.http_port == settings.chat_port != 0:
        both = f"BREEDBOT_HTTP_PORT and BREEDBOT_CHAT_PORT are both {settings.http_port}"
        return [Finding(f"port {settings.http_port}", Level.FAIL, both, "set one of them to another port")]
    return [_port(f"BREEDBOT_{key}", host, port, holder) for key, host, port in ports]


def _port(key: str, host: str, port: int, holder: int | None) -> Finding:
    check = f"port {port}"
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return Finding(check, Level.OK, f"free on {host}")
    except OSError as error:
        if holder is not None:
            return Finding(check, Level.OK, f"taken; breedbot is running (process {holder})")
        return Finding(check, Level.FAIL, f"cannot listen on {host}: {error.strerror}", f"set {key} to another one")


async def _telegram(settings: Configuration) -> Finding:
    if settings.telegram_token is None:
        return Finding("telegram", Level.OK, "no token: the local chat is used")
    token = settings.telegram_token.get_secret_value()
    bot = TelegramBot(settings.telegram_api, token, Timing(request_s=TELEGRAM_S), Term())
    try:
        async with asyncio.timeout(TELEGRAM_S):
            await bot.initialize()
        return Finding("telegram", Level.OK, f"token *** belongs to @{bot.username}")
    except TokenRejected as error:
        return Finding("telegram", Level.FAIL, str(error), "ask BotFather for the token and copy it as a whole")
    except (TelegramError, TimeoutError) as error:
        reason = str(error) or f"no answer in {TELEGRAM_S:g} s"
        return Finding(
            "telegram", Level.FAIL, f"{settings.telegram_api}: {reason}", "check network and BREEDBOT_TELEGRAM_API"
        )
    finally:
        await bot.shutdown()


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
