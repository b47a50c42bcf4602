"""Takes a new champion back by itself when people disagree with it more than with the one before."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.claim import Verdict
from db.chat.chat_records import ModelVersionRecord
from db.database import Database
from db.learning.answer_opinions import SaidOfAnswer
from db.learning.claim_status import CORRECTIONS
from db.learning.learning_records import RetrainStatus, ReviewCounts
from db.unit import Unit
from inference.model.artefact import ArtefactError
from inference.store.folder_store import ModelStore
from training.learning.promotion.registry import Registry
from training.learning.promotion.rollback_rule import Opinion, WatchRules, WorseThanBefore, find_setback
from training.learning.promotion.way_back import BY_ITSELF
from training.learning.trust.params import TrustParams

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
        setback = await asyncio.to_thread(find_setback, since, before, self._rules)  # it imports scipy
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
        return await _weighed(unit, since), await _weighed(unit, earlier[-self._rules.most_before :])

    async def _roll_back(self, model: str, setback: WorseThanBefore) -> None:
        try:
            gone = await self._registry.roll_back(f"rolled back by itself: {setback}", set_aside_by=BY_ITSELF)
        except ArtefactError as error:
            self._stuck = model  # said once; only a person can help
            log.error("model %s ought to be rolled back, and cannot be: %s; %s", model, error, setback)  # noqa: TRY400
        else:
            log.error(
                "model %s is rolled back, %s answers again, and %d claims that taught it are set aside: %s",
                model, gone.back, len(gone.set_aside), setback,
            )  # fmt: skip
            if self._told is not None:
                self._told(TakenBack(model, gone.back, setback.share, setback.share_before))


async def _weighed(unit: Unit, said: Sequence[Opinion]) -> list[Opinion]:
    """With how reliable people's claims have been, as far as others have decided about them."""
    params = TrustParams()
    counts = await unit.reviews.by_users({one.user_id for one in said})

    def reliability(known: ReviewCounts) -> float:
        right = params.right_before + known.accepted
        return right / (right + params.wrong_before + known.rejected + params.set_aside * known.set_aside)

    return [replace(one, reliability=reliability(counts[one.user_id])) for one in said]


def opinions(said: Sequence[SaidOfAnswer]) -> list[Opinion]:
    """One opinion a person and day: the first answer that each person judged on each day (UTC), in that order. Pure.

    Somebody who presses ❌ a hundred times a day is one voice a day. Of an answer, the person's last word counts, and
    one that was taken back counts for nothing.
    """
    final = {(one.user_id, one.prediction_id): one.verdict for one in said}
    firsts: dict[tuple[int, object], Opinion] = {}
    for one in said:
        verdict = final[one.user_id, one.prediction_id]
        if verdict is Verdict.CONFIRM or verdict in CORRECTIONS:
            firsts.setdefault((one.user_id, one.created_at.date()), Opinion(one.user_id, verdict in CORRECTIONS))
    return list(firsts.values())
