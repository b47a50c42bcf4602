"""Tells moderators in Telegram that something is wrong: once when it begins, once when it is over."""

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.alerts.alert_view import alert
from bot.alerts.checks import Checks
from bot.alerts.incidents import AlertRules, Incidents, News, Trouble, from_json, to_json
from bot.alerts.retrain_news import LOOKED_AT, RetrainNews
from bot.conversation.moderation.moderators import Moderators
from bot.errors import Later, Refused
from bot.metrics import Metrics
from bot.telegram.sender import Sender
from bot.texts import pick
from core.atomic_file import write_whole
from db.database import Database
from db.errors import DatabaseError

RETRAINS = "retrains"  # in the file, beside the troubles
WAITING_LIMIT = 50  # words that nobody could be told yet, because Telegram cannot be reached

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is watched outside the bot itself; the defaults watch nothing and remember nothing.

    Attributes:
        folders: on disks that must not fill up.
        model_trouble: what is wrong with the model; None = nothing.
        memory: a file that keeps what was told, so that a restart does not tell it again.
        rules: how patient the alerts are.
        retention_memory: a file that keeps what was decided about erasing by age.
    """

    folders: tuple[Path, ...] = ()
    model_trouble: Callable[[], str | None] = lambda: None
    memory: Path | None = None
    rules: AlertRules = field(default_factory=AlertRules)
    retention_memory: Path | None = None


@dataclass(slots=True)
class _Word:
    news: News
    to: set[int]


class Alerts:
    """`run` goes on beside the bot."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        moderators: Moderators,
        metrics: Metrics,
        around: Surroundings,
        *,
        language: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._sender = sender
        self._moderators = moderators
        self._metrics = metrics
        self._around = around
        self._language = language
        self._clock = clock
        self._watchman = Checks(
            database, metrics.outcomes, around.rules, folders=around.folders, model_trouble=around.model_trouble
        )
        told = self._remembered()
        self._troubles = Incidents(around.rules, from_json(told), clock())
        self._retrains = RetrainNews(seen if isinstance(seen := told.get(RETRAINS), dict) else None)
        self._waiting: deque[_Word] = deque(maxlen=WAITING_LIMIT)
        self._languages: dict[int, str] = {}  # as the database last said: it may be the one that is in trouble
        self._poison_told, self._poison_told_at = 0, -float("inf")
        metrics.gauge("backlog_seconds", "Age of the oldest photo that waits", lambda: self._watchman.backlog_s)
        if around.folders:
            metrics.gauge("disk_free_bytes", "Free on the fullest disk", lambda: self._watchman.free_bytes() or 0)

    def said_in(self, language: str) -> list[str]:
        """What is wrong now, as far as it was told, as plain text."""
        return [alert(News(trouble, values), language).plain for trouble, values in self._troubles.current.items()]

    async def run(self) -> None:
        """Look and tell until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(self._around.rules.look_s)

    async def round(self) -> None:
        """One look, and its words."""
        found = await self._watchman.look()
        of_retrains: list[News] = []
        if Trouble.DATABASE not in found:
            of_retrains = await self._of_retrains()
            await self._learn_languages()
        # From here to the words nothing is awaited: what the look has told is not told again.
        news = self._troubles.look(found, self._clock()) + self._events() + of_retrains
        for trouble in Trouble:
            self._metrics.trouble.labels(trouble).set(trouble in self._troubles.current)
        for one in news:
            log.warning("trouble over" if one.over else "trouble", extra={"kind": str(one.trouble), **one.values})
            self._waiting.append(_Word(one, set(self._moderators())))
        await self._tell()
        if news:
            await asyncio.to_thread(self._remember)

    def _events(self) -> list[News]:
        """What is told once: models taken back; photos that the process died of since the last word, as one."""
        taken_back = self._metrics.outcomes.taken_back
        news = [News(Trouble.TAKEN_BACK, asdict(taken_back.popleft())) for _ in range(len(taken_back))]
        count, now = self._metrics.outcomes.poison_photos - self._poison_told, self._clock()
        if not count or now - self._poison_told_at < self._around.rules.again_after_s:
            return news
        self._poison_told, self._poison_told_at = self._poison_told + count, now
        return [*news, News(Trouble.POISON, {"count": count})]

    async def _of_retrains(self) -> list[News]:
        known = self._retrains.known
        try:
            async with self._database.unit(read_only=True) as unit:
                news = self._retrains.look(await unit.retrains.last(LOOKED_AT))
        except DatabaseError as error:
            log.info("what became of retrains is told later: %s", error)
            return []
        if not news and known != self._retrains.known:
            await asyncio.to_thread(self._remember)
        return news

    async def _tell(self) -> None:
        """In order; who cannot be reached now is told later, or never if they are no moderator by then."""
        for word in tuple(self._waiting):
            for moderator in sorted(word.to & self._moderators()):
                try:
                    view = alert(word.news, self._languages.get(moderator, self._language))
                    await self._sender.send(moderator, view, tries=1)
                except Later as trouble:
                    log.info("moderator %s hears of it later: %s", moderator, trouble)
                    continue
                except Refused as refusal:  # never wrote to us, or blocked us
                    log.info("moderator %s cannot be told: %s", moderator, refusal)
                word.to.discard(moderator)
            word.to &= self._moderators()
        self._waiting = deque((word for word in self._waiting if word.to), maxlen=WAITING_LIMIT)

    async def _learn_languages(self) -> None:
        try:
            async with self._database.unit(read_only=True) as unit:
                users = [user for one in self._moderators() if (user := await unit.users.get(one)) is not None]
        except DatabaseError as error:
            log.info("the languages of moderators stay as they were known: %s", error)
            return
        self._languages = {user.id: pick(user.language, user.language_code, self._language) for user in users}

    def _remembered(self) -> dict[str, Any]:
        if self._around.memory is None:
            return {}
        try:
            told = json.loads(self._around.memory.read_text())
        except (OSError, ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}

    def _remember(self) -> None:
        if self._around.memory is None:
            return
        try:
            write_whole(
                self._around.memory,
                json.dumps({**to_json(self._troubles.current), RETRAINS: self._retrains.known}).encode(),
            )
        except OSError as error:  # the disk may be the trouble
            log.info("what was told is not noted: %s", error)
