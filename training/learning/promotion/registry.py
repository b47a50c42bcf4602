"""Who answers: the champion pointer is moved first, and registry and ledger are made to agree with it afterwards."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from db.database import Database
from db.errors import DatabaseError, RetrainOver
from db.learning.learning_records import RetrainStatus
from db.unit import Unit
from inference.model.artefact import ArtefactError, HeadArtefact
from inference.store.folder_store import ModelStore

if TYPE_CHECKING:
    from training.learning.retrain.outcome import RetrainOutcome

log = logging.getLogger(__name__)

SWAP_S = 10.0  # a worker in this process follows within a batch and the reading of a head
ASK_AGAIN_S = 0.02


class Registry:
    """Promotes and rolls back. Whoever moved the pointer, `follow` notes it: a command line, another bot, we ourselves.

    The pointer is one file and the database another, so they cannot change at once. Cut off in between, the pointer
    is right, since workers go by it, and the next `follow` does the rest; doing it twice is doing it once.
    """

    def __init__(
        self,
        database: Database,
        store: ModelStore,
        answering: Callable[[], str] | None = None,
        swap_s: float = SWAP_S,
    ) -> None:
        """`answering`: the model with which the worker of this process answers, if there is one; may block shortly.

        `swap_s`: how long that worker may take to follow the pointer.
        """
        self._database = database
        self._store = store
        self._answering = answering
        self._swap_s = swap_s
        self._turn = asyncio.Lock()
        self._followed: str | None = None

    @property
    def champion(self) -> str | None:
        """The model that answered when `follow` looked last."""
        return self._followed

    async def promote(self, model: str, note: str | None = None) -> None:
        """Let a model answer from now on. Raises ArtefactError if it is refused: then nothing has changed."""
        async with self._turn:
            await asyncio.to_thread(self._store.promote, model)
            await self._until_it_answers(model)
            await self._record(model, note)

    async def promote_at_once(self, outcome: "RetrainOutcome") -> "RetrainOutcome":
        """Promote what passed the gate, without a trial; any other outcome of a retrain stays as it is.

        Raises:
            ArtefactError: the candidate does not load; its retrain is noted as failed.
        """
        if outcome.status is not RetrainStatus.SHADOW or outcome.model is None or outcome.dry_run:
            return outcome
        try:
            await self.promote(outcome.model, "passed the gate")
        except ArtefactError as error:
            async with self._database.unit() as unit:
                made = await unit.retrains.get(outcome.model)
                if made is not None:
                    await unit.retrains.finish(made.id, RetrainStatus.FAILED, error=str(error))
            raise
        return replace(outcome, status=RetrainStatus.PROMOTED)

    async def roll_back(self, note: str | None = None) -> str:
        """Let the model before answer again. Returns: which. Raises ArtefactError where there is none."""
        async with self._turn:
            model = (await asyncio.to_thread(self._store.rollback)).model
            await self._record(model, note)
            return model

    async def follow(self) -> None:
        """Note who answers now, if it is another one than before. Costs microseconds if not. Raises ArtefactError."""
        async with self._turn:
            model = await self._now()
            if model != self._followed:
                await self._record(model, None)

    async def note(self, model: str, note: str) -> None:
        """This model answers, since somebody has moved the pointer. Raises ArtefactError if it is damaged."""
        async with self._turn:
            await self._record(model, note)

    async def _now(self) -> str:
        if self._answering is not None:
            return await asyncio.to_thread(self._answering)
        return (await asyncio.to_thread(self._store.pointer)).model

    async def _until_it_answers(self, model: str) -> None:
        """The worker has the last word: it has an engine to check a model with."""
        if self._answering is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._swap_s):
                while await self._now() != model:  # noqa: ASYNC110 - another thread reads it, and cannot call us
                    await asyncio.sleep(ASK_AGAIN_S)
                return
        await asyncio.to_thread(self._store.rollback)
        raise ArtefactError(f"model {model} was not taken up by the worker within {self._swap_s:g} s")

    async def _record(self, model: str, note: str | None) -> None:
        head = await asyncio.to_thread(self._store.head, model)
        async with self._database.unit() as unit:
            await _register(unit, head, note)
            await _credit(unit, model)
        self._followed = model


async def promote_by_hand(database_url: str, store: ModelStore, model: str) -> str:
    """`breedbot models promote`: let a model answer, whatever is known of it. Returns: its id.

    Raises ArtefactError if it is refused.
    """
    promoted = store.promote(model).model
    await _note(database_url, store, promoted, "promoted by hand")
    return promoted


async def roll_back_by_hand(database_url: str, store: ModelStore) -> str:
    """`breedbot models rollback`: let the model before answer again. Returns: which.

    Raises ArtefactError where there is none.
    """
    bad, back = store.pointer().model, store.rollback().model
    await _note(database_url, store, back, f"{bad} was rolled back by hand")
    return back


async def _note(database_url: str, store: ModelStore, model: str, why: str) -> None:
    """Bring the registry up to date. Where there is no database yet, the bot does it at its first start."""
    with suppress(DatabaseError):
        database = await Database.open(database_url)
        try:
            await Registry(database, store).note(model, why)
        finally:
            await database.close()


async def _register(unit: Unit, head: HeadArtefact, note: str | None) -> None:
    before = await unit.model_versions.champion()
    if before is not None and before.model_id == head.id:
        return
    known = await unit.model_versions.get(head.id)
    await unit.model_versions.add(head.id, backbone_id=head.backbone_id, manifest=head.manifest)
    await unit.model_versions.promote(head.id)
    if before is not None:
        log.warning("model %s answers from now on%s", head.id, f": {note}" if note else "")
    if before is not None and known is not None and known.promoted_at is not None:
        await _taken_back(unit, before.model_id, note or f"model {head.id} was told to answer again")


async def _taken_back(unit: Unit, model: str, why: str) -> None:
    """A model that had answered before answers again: the one in between is rolled back."""
    made = await unit.retrains.get(model)
    if made is not None and made.status is RetrainStatus.PROMOTED:
        await unit.retrains.finish(made.id, RetrainStatus.ROLLED_BACK, error=why)


async def _credit(unit: Unit, model: str) -> None:
    """Close the candidate's trial, and note whom to thank for it."""
    made = await unit.retrains.get(model)
    if made is None:
        return
    with suppress(RetrainOver):  # rejected once, and promoted by hand: the ledger keeps what the gate said
        if made.status is not RetrainStatus.PROMOTED:
            await unit.retrains.finish(made.id, RetrainStatus.PROMOTED)
    await unit.thanks.add(model)
