"""Who is a moderator at this moment; asked at every press and command, so that a name taken off the list counts."""

import logging
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from bot.settings import BotSettings

Moderators = Callable[[], frozenset[int]]

log = logging.getLogger(__name__)


def reviewer_of(moderator_id: int) -> str:
    """How reviews name a moderator."""
    return f"moderator:{moderator_id}"


class ListedModerators:
    """Those of BREEDBOT_MODERATORS. A change in `.env` counts at once; what cannot be read changes nothing.

    Args:
        settings: as they were read at the start.
        file: looked at each time, read when it has changed.
    """

    def __init__(self, settings: BotSettings, file: Path = Path(".env")) -> None:
        self._kind = type(settings)
        self._known = settings.moderators
        self._file = file
        self._seen = self._stamp()

    def __call__(self) -> frozenset[int]:
        """Their Telegram ids."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            self._read()
        return self._known

    def _read(self) -> None:
        try:
            self._known = self._kind(_env_file=self._file).moderators  # type: ignore[call-arg]
        except ValidationError as error:
            log.error("%s is not used: %d settings in it are wrong", self._file, error.error_count())  # noqa: TRY400
        else:
            log.warning("moderators are now: %s", ", ".join(map(str, sorted(self._known))) or "nobody")

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
