"""The bot's part of the learning loop, assembled: retrains start, candidates are tried, a bad champion goes back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from core.clock import Clock, utc_now
from db.database import Database
from db.errors import DatabaseError
from db.learning.learning_records import EvidenceRecord
from inference.model.artefact import ArtefactError
from inference.model.shadow_score import ShadowScore
from inference.store.folder_store import ModelStore
from training.learning.promotion.metrics import LearningMetrics
from training.learning.promotion.registry import Registry
from training.learning.promotion.retrain_process import ProcessBounds, RetrainProcess
from training.learning.promotion.retrain_scheduler import Scheduler
from training.learning.promotion.rollback_rule import WatchRules
from training.learning.promotion.rollback_watch import TakenBack, Watch
from training.learning.promotion.trial import TrialRules
from training.learning.promotion.trial_runner import TrialRunner
from training.learning.promotion.way_back import RolledBack, taught_only
from training.learning.retrain.due import DueRules

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LearningTiming:
    """Waits of the learning loop; tests hurry.

    Attributes:
        follow_s: between two looks at the champion pointer, which cost microseconds.
        judge_s: between two looks at the candidate and at what people say of the champion; a candidate that has been
            seen often enough is looked at at once.
        look_s: between two looks whether a retrain is due.
    """

    follow_s: float = 5.0
    judge_s: float = 60.0
    look_s: float = 300.0


@dataclass(frozen=True, slots=True)
class LearningRules:
    """How it learns.

    Attributes:
        command: what starts `breedbot retrain`, without options.
        due: when it is started.
        trial: how long a candidate is tried.
        watching: when a champion is compared with the one before.
        bounds: of a retrain's process.
        timing: the waits.
    """

    command: Sequence[str]
    due: DueRules = field(default_factory=DueRules)
    trial: TrialRules = field(default_factory=TrialRules)
    watching: WatchRules = field(default_factory=WatchRules)
    bounds: ProcessBounds = field(default_factory=ProcessBounds)
    timing: LearningTiming = field(default_factory=LearningTiming)


class Learning:
    """`run` goes on beside the bot, `noted` takes what a candidate would have said, `retrain_now` is for /retrain."""

    def __init__(
        self,
        database: Database,
        store: ModelStore,
        rules: LearningRules,
        *,
        answering: Callable[[], str] | None = None,
        registry: CollectorRegistry | None = None,
        taken_back: Callable[[TakenBack], None] | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """Nothing starts before `run`.

        Args:
            database: open.
            store: where candidates and the pointers are.
            rules: how.
            answering: the model with which the worker of this process answers; None: the worker is elsewhere.
            registry: gets our numbers.
            taken_back: hears of each model that was rolled back.
            clock: the time.
        """
        self._database, self._store = database, store
        self._timing = rules.timing
        self._registry = Registry(database, store, answering)
        self._trial_runner = TrialRunner(database, store, self._registry, rules.trial, clock)
        self._watch = Watch(database, store, self._registry, rules.watching, taken_back)
        self.retrain_now = Scheduler(
            database,
            RetrainProcess(rules.command, rules.bounds),
            rules=rules.due,
            look_s=self._timing.look_s,
            ended=self._trial_runner.due.set,
            clock=clock,
        )
        self._metrics = LearningMetrics(database, registry or CollectorRegistry())
        self._trouble = ""

    async def noted(self, prediction_id: int, score: ShadowScore) -> None:
        """What a candidate would have answered. Raises nothing."""
        await _survived(lambda: self._trial_runner.noted(prediction_id, score))

    async def promote(self, model: str, note: str) -> None:
        """Let a model answer from now on, whatever is known of it; `note`: why, for the ledger.

        Raises ArtefactError if it is damaged; TaughtByForgotten, an ArtefactError, if people who taught it were
        forgotten since. Then nothing has changed.
        """
        await self._registry.promote(model, note)

    async def way_back(self) -> str | None:
        """The model that a roll-back leads to; None: there is none. Raises ArtefactError."""
        return (await asyncio.to_thread(self._store.pointer)).previous

    async def lesson_of_champion(self) -> Sequence[EvidenceRecord]:
        """What the question of a roll-back is about: claims that taught the champion and not the model before it.

        Empty where there is no model before, or no feedback in the champion. Raises ArtefactError, DatabaseError.
        """
        pointer = await asyncio.to_thread(self._store.pointer)
        if pointer.previous is None:
            return []
        async with self._database.unit(read_only=True) as unit:
            return await taught_only(unit, pointer.model, pointer.previous)

    async def roll_back(self, reviewer: str, note: str, *, set_aside: bool, model: str | None = None) -> RolledBack:
        """Let the model before answer again; rolling back once more goes on backwards and never to the one just left.

        Args:
            reviewer: who says so, "moderator:<id>".
            note: why, for the ledger.
            set_aside: whether the claims of `lesson_of_champion` teach nothing any more, until `restore`. Otherwise
                they stay accepted, and the next retrain learns them again.
            model: the one that shall go; where another one answers by now, nothing is done.

        Raises:
            ArtefactError: there is no sound model before, or another one than `model` answers.
            TaughtByForgotten: people who taught that one were forgotten since; the message says what to do.
        """
        return await self._registry.roll_back(note, set_aside_by=reviewer if set_aside else None, model=model)

    async def set_aside(self, event_ids: Collection[int], reviewer: str, reason: str) -> list[int]:
        """Let accepted claims teach nothing from the next retrain on. Returns: those that were accepted."""
        async with self._database.unit() as unit:
            return await unit.reviews.set_aside(event_ids, reviewer=reviewer, reason=reason)

    async def restore(self, event_ids: Collection[int], reviewer: str) -> list[int]:
        """Accept again what was set aside, as it had been; the gate sets it aside no second time. Returns: which."""
        async with self._database.unit() as unit:
            return await unit.reviews.restore(event_ids, reviewer=reviewer)

    async def run(self) -> None:
        """Go on until cancelled; a retrain that is under way is ended then."""
        await self._follow_once()
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._follow())
            loops.create_task(self._judge())
            loops.create_task(_unfailing(self.retrain_now.run, self._timing.judge_s))

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._timing.follow_s)
            await self._follow_once()

    async def _follow_once(self) -> None:
        try:
            await self._registry.follow()
            self._trouble = ""
        except (ArtefactError, DatabaseError) as error:
            if str(error) != self._trouble:
                log.error("who answers cannot be noted: %s", error)  # noqa: TRY400 - the error says it all
            self._trouble = str(error)

    async def _judge(self) -> None:
        while True:
            await _survived(self._trial_runner.look)
            await _survived(self._watch.look)
            await _survived(lambda: self._metrics.update(self._registry.champion, self._trial_runner.agreement))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timing.judge_s):
                    await self._trial_runner.due.wait()


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
