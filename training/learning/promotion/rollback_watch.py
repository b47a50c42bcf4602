"""Takes a new champion back by itself when people disagree with it more than with the one before."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from db.chat.chat_records import ModelVersionRecord
from db.database import Database
from db.learning.learning_records import RetrainStatus
from db.unit import Unit
from inference.model.artefact import ArtefactError
from inference.store.folder_store import ModelStore
from training.learning.promotion.person_days import opinions
from training.learning.promotion.registry import Registry
from training.learning.promotion.rollback_rule import Opinion, WatchRules, WorseThanBefore, find_setback

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A model that people disagreed with more than with the one before, which answers again; shares from 0 to 1."""

    model: str
    back: str
    share: float
    before: float


class Watch:
    """Watches champions that a retrain made, from their promotion on, until enough people have spoken."""

    def __init__(
        self,
        database: Database,
        store: ModelStore,
        registry: Registry,
        rules: WatchRules | None = None,
        told: Callable[[TakenBack], None] | None = None,
    ) -> None:
        """`told` hears of each model that was taken back."""
        self._database = database
        self._store = store
        self._registry = registry
        self._rules = rules or WatchRules()
        self._told = told
        self._stuck: str | None = None

    async def look(self) -> WorseThanBefore | None:
        """Roll back if the champion is worse than the one before. Returns: the reason, if so. Raises DatabaseError."""
        async with self._database.unit(read_only=True) as unit:
            watched = await self._watched(unit)
            if watched is None or watched[0].model_id == self._stuck:
                return None
            since, before = await self._opinions(unit, *watched)
        setback = find_setback(since, before, self._rules)
        if setback is not None:
            await self._roll_back(watched[0].model_id, setback)
        return setback

    async def _watched(self, unit: Unit) -> tuple[ModelVersionRecord, str] | None:
        """The champion and the model that it took over from, if it is ours to take back."""
        champion = await unit.model_versions.champion()
        if champion is None or champion.promoted_at is None:
            return None
        made = await unit.retrains.get(champion.model_id)
        if made is None or made.status is not RetrainStatus.PROMOTED:
            return None
        pointer = self._store.pointer()
        ours = pointer.model == champion.model_id and pointer.previous == made.champion_id
        return (champion, made.champion_id) if ours else None

    async def _opinions(
        self, unit: Unit, champion: ModelVersionRecord, before: str
    ) -> tuple[list[Opinion], list[Opinion]]:
        if champion.promoted_at is None:
            return [], []
        since = opinions(await unit.judged.since(champion.promoted_at, champion.model_id))
        earlier = opinions(await unit.judged.before(champion.promoted_at, before))
        return since, earlier[-self._rules.most_before :]

    async def _roll_back(self, model: str, setback: WorseThanBefore) -> None:
        try:
            back = await self._registry.roll_back(f"rolled back by itself: {setback}")
        except ArtefactError as error:
            self._stuck = model  # said once; only a person can help
            log.error("model %s ought to be rolled back, and cannot be: %s; %s", model, error, setback)  # noqa: TRY400
        else:
            log.error("model %s is rolled back, %s answers again: %s", model, back, setback)
            if self._told is not None:
                self._told(TakenBack(model, back, setback.share, setback.share_before))
