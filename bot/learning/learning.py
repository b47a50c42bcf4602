"""The bot's part of the learning loop, assembled: retrains start, candidates are tried, a bad champion goes back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from bot.learning.learning_metrics import LearningMetrics
from bot.learning.pace import LearningPace
from bot.learning.promoter import Promoter
from bot.learning.retrain_process import ProcessBounds, RetrainProcess
from bot.learning.scheduler import Scheduler
from bot.learning.setback import WatchRules
from bot.learning.succession import Succession
from bot.learning.trial import TrialRules
from bot.learning.watch import Watch
from bot.metrics import Metrics
from bot.settings import BotSettings
from db.clock import Clock, utc_now
from db.database import Database
from db.errors import DatabaseError
from inference.artefact import ArtefactError
from inference.model_store import ModelStore
from inference.shadow_score import ShadowScore

log = logging.getLogger(__name__)


class Learning:
    """`run` goes on beside the bot, `noted` takes what a candidate would have said, `retrain_now` is for /retrain."""

    def __init__(
        self,
        settings: BotSettings,
        database: Database,
        store: ModelStore,
        retrain: Sequence[str],
        *,
        answering: Callable[[], str] | None = None,
        metrics: Metrics | None = None,
        pace: LearningPace | None = None,
        bounds: ProcessBounds | None = None,
        watching: WatchRules | None = None,
        clock: Clock = utc_now,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        """Nothing starts before `run`.

        Args:
            settings: how long to try a candidate, and whether claims alone can teach.
            database: open.
            store: where candidates and the pointers are.
            retrain: the command that retrains, without options.
            answering: the model with which the worker of this process answers; None: the worker is elsewhere.
            metrics: get our numbers.
            pace: the waits; tests hurry.
            bounds: of a retrain's process.
            watching: when a champion is compared with the one before.
            clock: the time.
            leads: whether we are the one bot, of several, that decides; every one notes, and retrains when asked to.
        """
        self._leads = leads
        self._pace = pace or LearningPace()
        self._succession = Succession(database, store, answering)
        self._promoter = Promoter(database, store, self._succession, TrialRules(settings.shadow_photos), clock)
        told = metrics.outcomes.taken_back.append if metrics is not None else None
        self._watch = Watch(database, store, self._succession, watching, told)
        self.retrain_now = Scheduler(
            database,
            RetrainProcess(retrain, bounds),
            trust=settings.trust,
            look_s=self._pace.look_s,
            ended=self._promoter.due.set,
            clock=clock,
            leads=leads,
        )
        self._metrics = LearningMetrics(database, metrics)
        self._trouble = ""

    async def noted(self, prediction_id: int, score: ShadowScore) -> None:
        """What a candidate would have answered. Raises nothing."""
        await _survived(lambda: self._promoter.noted(prediction_id, score))

    async def run(self) -> None:
        """Go on until cancelled; a retrain that is under way is ended then."""
        await self._follow_once()
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._follow())
            loops.create_task(self._judge())
            loops.create_task(_unfailing(self.retrain_now.run, self._pace.judge_s))

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._pace.follow_s)
            await self._follow_once()

    async def _follow_once(self) -> None:
        try:
            await self._succession.follow()
            self._trouble = ""
        except (ArtefactError, DatabaseError) as error:
            if str(error) != self._trouble:
                log.error("who answers cannot be noted: %s", error)  # noqa: TRY400 - the error says it all
            self._trouble = str(error)

    async def _judge(self) -> None:
        while True:
            if self._leads():
                await _survived(self._promoter.look)
                await _survived(self._watch.look)
            else:
                self._promoter.due.clear()
            await _survived(lambda: self._metrics.update(self._succession.champion, self._promoter.agreement))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.judge_s):
                    await self._promoter.due.wait()


async def _survived(look: Callable[[], Awaitable[object]]) -> None:
    """The edge of one look or note: whatever goes wrong, the next one comes."""
    try:
        await look()
    except Exception:
        log.exception("the learning loop stumbled; it goes on")


async def _unfailing(run: Callable[[], Awaitable[None]], pause_s: float) -> None:
    while True:
        await _survived(run)
        await asyncio.sleep(pause_s)
