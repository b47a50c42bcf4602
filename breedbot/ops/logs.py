"""How log lines look: for people at a terminal, or one JSON object a line for programs. docs/decisions says why so.

What is logged is a constant sentence with values beside it (``log.info("photo downloaded", extra={"bytes": n})``), so
that lines can be counted and searched; the photo that a line is about is added here. Values are ids, counts and times:
never what people wrote, nor names of people or of files.
"""

import json
import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from breedbot.ops.secret_mask import SecretMask
from core.trace import current_trace

LogFormat = Literal["text", "json"]

QUIET = ("aiosqlite", "alembic", "asyncio", "sqlalchemy")
"""They tell statements with their values, and those are people's."""
LINE_LETTERS = 8_000  # of an event, a value, a traceback: whoever sends megabytes shall not fill our disk
_COLOURS = {"DEBUG": "2", "INFO": "32", "WARNING": "33", "ERROR": "31", "CRITICAL": "31;1"}
_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}


def start_logging(
    wanted: LogFormat | None, mask: SecretMask, *, verbose: bool = False, service: bool = False
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


class JsonLines(logging.Formatter):
    """``{"time": …, "level": …, "logger": …, "event": …, "trace": …, "error": …}`` and the values beside the event."""

    def __init__(self, mask: SecretMask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": shortened(record.getMessage()),
        }
        if trace := current_trace():
            line["trace"] = trace
        line |= values_of(record)
        if trouble := _trouble(record, self.formatException):
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
        time = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")[11:23]
        values = " ".join(f"{name}={value}" for name, value in values_of(record).items())
        level = self._paint(_COLOURS.get(record.levelname, ""), f"{record.levelname.lower():7}")
        beside = [self._paint("36", values), self._paint("35", current_trace()), self._paint("2", record.name)]
        line = "  ".join([f"{self._paint('2', time)} {level} {_one_line(record)}", *filter(None, beside)])
        trouble = _trouble(record, self.formatException)
        return self._mask.mask(f"{line}\n{trouble}" if trouble else line)

    def _paint(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours and colour and text else text


def values_of(record: logging.LogRecord) -> dict[str, Any]:
    """What was given as `extra`."""
    given = {name: value for name, value in vars(record).items() if name not in _OWN}
    return {name: shortened(value) if isinstance(value, str) else value for name, value in given.items()}


def shortened(text: str) -> str:
    """Its beginning and its end, where it is long."""
    if len(text) <= LINE_LETTERS:
        return text
    half = LINE_LETTERS // 2
    return f"{text[:half]} … {len(text) - 2 * half:,} letters … {text[-half:]}"


def _one_line(record: logging.LogRecord) -> str:
    return shortened(record.getMessage()).replace("\r", "").replace("\n", " ⏎ ")


def _trouble(record: logging.LogRecord, shown: Callable[[Any], str]) -> str:
    """The traceback, also one that was masked already, and the stack."""
    parts = [shown(record.exc_info) if record.exc_info else record.exc_text or "", record.stack_info or ""]
    return shortened("\n".join(filter(None, parts)))


def _has_colours(stream: TextIO) -> bool:
    """https://no-color.org."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
