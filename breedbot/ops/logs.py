"""How log lines look: for people at a terminal, or one JSON object a line for programs. docs/decisions says why so.

What is logged is a constant sentence with values beside it (``log.info("photo downloaded", extra={"bytes": n})``), so
that lines can be counted and searched; the photo that a line is about is added here. Values are ids, counts and times:
never what people wrote, nor names of people or of files. Nor are there secrets: Telegram's token is part of every URL
that the bot calls.
"""

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Literal, TextIO
from urllib.parse import quote

from core.trace import current_trace

LogFormat = Literal["text", "json"]

MASK = "***"
QUIET = ("aiosqlite", "alembic", "asyncio", "sqlalchemy")
"""They tell statements with their values, and those are people's."""
OF_REQUESTS = ("httpx", "httpcore", "telegram", "aiohttp.access")  # they log each one, URL included
SILENT = ("telegram.request",)  # what it cannot read it logs as a whole, and in that is what people wrote
LINE_LETTERS = 8_000  # of an event, a value, a traceback: whoever sends megabytes shall not fill our disk
_COLOURS = {"DEBUG": "2", "INFO": "32", "WARNING": "33", "ERROR": "31", "CRITICAL": "31;1"}
_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}


def start_logging(
    wanted: LogFormat | None, mask: "SecretMask", *, verbose: bool = False, service: bool = False
) -> LogFormat:
    """Log to stderr from now on. Returns: in which format.

    Args:
        wanted: None = what suits who reads: text, but JSON where a `service` writes to a file or a pipe.
        mask: hides the token and other secrets.
        verbose: also what goes well. Programs get that anyway.
        service: a process that goes on for long, whose log somebody collects.
    """
    chosen = wanted or ("json" if service and not sys.stderr.isatty() else "text")
    level = logging.INFO if verbose or (chosen == "json" and service) else logging.WARNING
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(mask) if chosen == "json" else TextLines(mask, colours=_has_colours(sys.stderr)))
    logging.basicConfig(level=level, handlers=[handler])
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    mask.install()
    return chosen


class SecretMask:
    """Replaces secrets in messages, arguments, exceptions and stacks of log records; never drops a record."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(re.compile("".join(map(_letter, secret))) for secret in secrets if secret)

    def mask(self, text: str) -> str:
        """The text without the secrets, as they are or percent-encoded, however often."""
        for secret in self._secrets:
            text = secret.sub(MASK, text)
        return text

    def install(self) -> Callable[[], None]:
        """Mask every record of this process, whichever handler shows it. Returns: what takes the mask off again."""
        before = logging.getLogRecordFactory()

        def masked(*args: object, **options: object) -> logging.LogRecord:
            record = before(*args, **options)
            try:
                message = record.getMessage()
            except Exception:  # noqa: BLE001 - a wrong log call is reported by logging itself
                return record
            if (safe := self.mask(message)) != message:
                record.msg, record.args = safe, ()
            if record.exc_info and record.exc_info[1] is not None:
                trace = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
                if (safe := self.mask(trace)) != trace:
                    record.exc_text, record.exc_info = safe, None
            if record.stack_info:
                record.stack_info = self.mask(record.stack_info)
            return record

        logging.setLogRecordFactory(masked)
        for name in OF_REQUESTS:
            logging.getLogger(name).setLevel(logging.WARNING)
        for name in SILENT:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        return lambda: logging.setLogRecordFactory(before)


class JsonLines(logging.Formatter):
    """``{"time": …, "level": …, "logger": …, "event": …, "trace": …, "error": …}`` and the values beside the event."""

    def __init__(self, mask: SecretMask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        event, values, trouble = _told(record, self.formatException)
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": event,
        }
        if trace := current_trace():
            line["trace"] = trace
        line |= values
        if trouble:
            line["error"] = trouble
        return self._mask.mask(json.dumps(line, default=str, ensure_ascii=False))


class TextLines(logging.Formatter):
    """``14:03:22.180 info   photo downloaded  bytes=81234 seconds=0.08  u700000012  bot.pipeline.inbox``."""

    def __init__(self, mask: SecretMask, *, colours: bool) -> None:
        super().__init__()
        self._mask = mask
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        """One line; tracebacks follow below it."""
        event, values, trouble = _told(record, self.formatException)
        time = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")[11:23]
        level = self._paint(_COLOURS.get(record.levelname, ""), f"{record.levelname.lower():7}")
        said = event.replace("\r", "").replace("\n", " ⏎ ")
        beside = (
            self._paint("36", " ".join(f"{name}={value}" for name, value in values.items())),
            self._paint("35", current_trace()),
            self._paint("2", record.name),
        )
        line = "  ".join([f"{self._paint('2', time)} {level} {said}", *filter(None, beside)])
        return self._mask.mask(f"{line}\n{trouble}" if trouble else line)

    def _paint(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours and colour and text else text


def _told(record: logging.LogRecord, shown: Callable[[Any], str]) -> tuple[str, dict[str, Any], str]:
    """The event; what was given as `extra`; the traceback, also one that was masked already, and the stack."""
    given = {name: value for name, value in vars(record).items() if name not in _OWN}
    values = {name: shortened(value) if isinstance(value, str) else value for name, value in given.items()}
    trouble = (shown(record.exc_info) if record.exc_info else record.exc_text, record.stack_info)
    return shortened(record.getMessage()), values, shortened("\n".join(filter(None, trouble)))


def shortened(text: str) -> str:
    """Its beginning and its end, where it is long."""
    if len(text) <= LINE_LETTERS:
        return text
    half = LINE_LETTERS // 2
    return f"{text[:half]} … {len(text) - 2 * half:,} letters … {text[-half:]}"


def _letter(letter: str) -> str:
    """Itself, or how it stands in a URL; in one inside of another URL "%" is itself encoded."""
    if quote(letter, safe="") == letter:
        return re.escape(letter)
    encoded = "".join(f"%(?:25)*(?i:{byte:02x})" for byte in letter.encode())
    return f"(?:{re.escape(letter)}|{encoded})"


def _has_colours(stream: TextIO) -> bool:
    """https://no-color.org."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
