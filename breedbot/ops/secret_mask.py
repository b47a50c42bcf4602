"""Keeps secrets out of the logs: Telegram's token is part of every URL that the bot calls."""

import logging
import re
import traceback
from collections.abc import Callable, Iterable
from urllib.parse import quote

MASK = "***"
QUIET = ("httpx", "httpcore", "telegram", "aiohttp.access")  # they log each request, URL included
SILENT = ("telegram.request",)  # what it cannot read it logs as a whole, and in that is what people wrote


class SecretMask(logging.Filter):
    """Replaces secrets in messages, arguments, exceptions and stacks of log records; never drops a record."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = tuple(_pattern(secret) for secret in secrets if secret)

    def mask(self, text: str) -> str:
        """The text without the secrets, as they are or percent-encoded, however often."""
        for secret in self._secrets:
            text = secret.sub(MASK, text)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record where it holds a secret."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - a wrong log call is reported by logging itself
            return True
        if (masked := self.mask(message)) != message:
            record.msg, record.args = masked, ()
        if record.exc_info and record.exc_info[1] is not None:
            trace = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
            if (masked := self.mask(trace)) != trace:
                record.exc_text, record.exc_info = masked, None
        if record.stack_info:
            record.stack_info = self.mask(record.stack_info)
        return True

    def install(self) -> Callable[[], None]:
        """Mask every record of this process, whichever handler shows it. Returns: what takes the mask off again."""
        before = logging.getLogRecordFactory()

        def masked(*args: object, **options: object) -> logging.LogRecord:
            record = before(*args, **options)
            self.filter(record)
            return record

        logging.setLogRecordFactory(masked)
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
        for name in SILENT:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        return lambda: logging.setLogRecordFactory(before)


def _pattern(secret: str) -> re.Pattern[str]:
    return re.compile("".join(_letter(letter) for letter in secret))


def _letter(letter: str) -> str:
    """Itself, or how it stands in a URL; in one inside of another URL "%" is itself encoded."""
    if quote(letter, safe="") == letter:
        return re.escape(letter)
    encoded = "".join(f"%(?:25)*(?i:{byte:02x})" for byte in letter.encode())
    return f"(?:{re.escape(letter)}|{encoded})"
