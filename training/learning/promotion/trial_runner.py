"""What becomes of a candidate that is tried beside the champion: promotion or not, and the ledger says why."""

import asyncio
import logging
from contextlib import suppress

from core.clock import Clock, utc_now
from db.database import Database
from db.errors import DatabaseError, RetrainOver
from db.learning.learning_records import NewShadowScore, RetrainRecord, RetrainStatus, ShadowAgreement
from inference.model.artefact import ArtefactError
from inference.model.shadow_score import ShadowRefusal, ShadowScore
from inference.store.folder_store import ModelStore
from training.learning.promotion.registry import Registry
from training.learning.promotion.trial import Course, TrialRules, rule

log = logging.getLogger(__name__)

LOOKED_BACK = 20  # retrains among which those are that left a candidate on trial


class TrialRunner:
    """`noted` takes what the worker says of a candidate, `look` decides."""

    def __init__(
        self,
        database: Database,
        store: ModelStore,
        registry: Registry,
        rules: TrialRules,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._store = store
        self._registry = registry
        self._rules = rules
        self._now = clock
        self._missing_photos = rules.photos
        self._refusal: ShadowRefusal | None = None
        self.agreement: ShadowAgreement | None = None
        self.due = asyncio.Event()
        """Set when a look is worth while: enough was seen, or a candidate cannot be scored."""

    async def noted(self, prediction_id: int, score: ShadowScore) -> None:
        """Store what a candidate would have answered. Raises nothing: the answer is out, and all that matters."""
        if isinstance(score, ShadowRefusal):
            if score != self._refusal:
                self._refusal = score
                self.due.set()
            return
        row = NewShadowScore(prediction_id, score.model, score.breed, score.confidence)
        try:
            async with self._database.unit() as unit:
                await unit.shadow.add([row])
        except DatabaseError as error:
            log.warning("what %s says of prediction %s is not stored: %s", score.model, prediction_id, error)
            return
        self._missing_photos -= 1
        if self._missing_photos <= 0:
            self.due.set()

    async def look(self) -> None:
        """Promote or drop the candidate, if it is time. Raises DatabaseError."""
        self.due.clear()
        pointed = await self._pointed()
        rows = await self._on_trial()
        if rows is None:
            return  # a retrain is about to name one
        self.agreement = None
        for older in rows[1:]:
            await self._drop(older, RetrainStatus.REJECTED, f"{rows[0].model_id} took its place before it was tried")
        if rows:
            await self._try(rows[0], pointed)
        elif pointed is not None:
            await self._let_go(pointed, "no retrain speaks of it")
        else:
            self._refusal = None

    async def _pointed(self) -> str | None:
        """The candidate that is scored; "" for a pointer that cannot be read."""
        try:
            return await asyncio.to_thread(self._store.shadow)
        except ArtefactError:
            return ""

    async def _on_trial(self) -> list[RetrainRecord] | None:
        """Retrains whose candidate is on trial, newest first; None while one runs."""
        async with self._database.unit(read_only=True) as unit:
            if await unit.retrains.running() is not None:
                return None
            return [one for one in await unit.retrains.last(LOOKED_BACK) if one.status is RetrainStatus.SHADOW]

    async def _try(self, row: RetrainRecord, pointed: str | None) -> None:
        model = row.model_id or ""
        if (trouble := await self._trouble(row, model)) is not None:
            await self._drop(row, *trouble)
            return
        if pointed != model:
            await asyncio.to_thread(self._store.set_shadow, model)
        async with self._database.unit(read_only=True) as unit:
            self.agreement = await unit.shadow.agreement(model)
        self._missing_photos = self._rules.photos - self.agreement.photos
        age = self._now() - (row.finished_at or row.started_at)
        ruling = await asyncio.to_thread(rule, self.agreement, age, self._rules)  # it imports scipy
        if ruling.course is Course.DROP:
            await self._drop(row, RetrainStatus.REJECTED, ruling.reason)
        elif ruling.course is Course.PROMOTE:
            await self._promote(row, model, ruling.reason)

    async def _trouble(self, row: RetrainRecord, model: str) -> tuple[RetrainStatus, str] | None:
        refusal = self._refusal
        if refusal is not None and refusal.model == model:
            return RetrainStatus.FAILED, refusal.reason
        champion = self._registry.champion
        if champion not in {None, model, row.champion_id}:
            return RetrainStatus.REJECTED, f"it was measured against {row.champion_id}, and {champion} answers now"
        return None

    async def _promote(self, row: RetrainRecord, model: str, reason: str) -> None:
        try:
            await self._registry.promote(model, reason)
        except ArtefactError as error:
            await self._drop(row, RetrainStatus.FAILED, str(error))
        else:
            await self._clear(model)

    async def _drop(self, row: RetrainRecord, status: RetrainStatus, reason: str) -> None:
        with suppress(RetrainOver):  # somebody else was quicker
            async with self._database.unit() as unit:
                await unit.retrains.finish(row.id, status, error=reason)
            log.error("candidate %s is dropped: %s", row.model_id, reason)
        await self._clear(row.model_id)

    async def _let_go(self, model: str, reason: str) -> None:
        if self._refusal is not None and self._refusal.model == model:
            reason = self._refusal.reason
        log.error("candidate %s is dropped: %s", model or "without a name", reason)
        await self._clear(model)

    async def _clear(self, model: str | None) -> None:
        """Score this candidate no longer; one that has been named meanwhile goes on."""
        if await self._pointed() in {model, ""}:
            await asyncio.to_thread(self._store.set_shadow, None)
