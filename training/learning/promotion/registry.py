"""Who answers: the champion pointer is moved first, and registry and ledger are made to agree with it afterwards."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from db.database import Database
from db.errors import DatabaseError, RetrainOver
from db.learning.learning_records import RetrainStatus
from db.unit import Unit
from inference.model.artefact import ArtefactError, HeadArtefact
from inference.store.folder_store import ModelStore
from training.learning.promotion.way_back import RolledBack, refuse_forgotten, set_lesson_aside

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
            await self._allowed(model)
            await asyncio.to_thread(self._store.promote, model)
            if not await self._answers(model):
                await asyncio.to_thread(self._store.rollback)
                raise ArtefactError(f"model {model} was not taken up by the worker within {self._swap_s:g} s")
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

    async def roll_back(
        self, note: str | None = None, *, set_aside_by: str | None = None, model: str | None = None
    ) -> RolledBack:
        """Let the model before answer again.

        Args:
            note: why, for the log and the ledger.
            set_aside_by: reviewer in whose name the claims that taught the model, and not the one before, are set
                aside; None keeps them, and the next retrain learns them again.
            model: the one that shall go, for who may not be the only one to say so; None: whichever answers.

        Raises:
            ArtefactError: there is none before, or it is damaged; or another model answers by now.
            TaughtByForgotten: people who taught the one before were forgotten since.
        """
        async with self._turn:
            pointer = await asyncio.to_thread(self._store.pointer)
            if model not in {None, pointer.model}:
                raise ArtefactError(f"{pointer.model} answers by now, not {model}; nothing was taken back")
            if pointer.previous is not None:
                await self._allowed(pointer.previous)
            back = (await asyncio.to_thread(self._store.rollback)).model
            await self._answers(back)  # else the next `follow` would find the one that goes, and note it once more
            await self._record(back, note)
            aside: Sequence[int] = ()
            if set_aside_by is not None:
                async with self._database.unit() as unit:
                    aside = await set_lesson_aside(unit, pointer.model, back, set_aside_by)
            return RolledBack(pointer.model, back, tuple(aside))

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

    async def _allowed(self, model: str) -> None:
        head = await asyncio.to_thread(self._store.head, model)
        async with self._database.unit(read_only=True) as unit:
            await refuse_forgotten(unit, head)

    async def _now(self) -> str:
        if self._answering is not None:
            return await asyncio.to_thread(self._answering)
        return (await asyncio.to_thread(self._store.pointer)).model

    async def _answers(self, model: str) -> bool:
        """Whether the worker has taken it up in time. It has the last word: it has an engine to check a model with."""
        if self._answering is None:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._swap_s):
                while await self._now() != model:  # noqa: ASYNC110 - another thread reads it, and cannot call us
                    await asyncio.sleep(ASK_AGAIN_S)
                return True
        return False

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
    async with _registry(database_url, store) as registry:
        if registry is None:
            return store.promote(model).model
        await registry.promote(model, "promoted by hand")
        return model


async def roll_back_by_hand(database_url: str, store: ModelStore, *, set_aside: bool = False) -> RolledBack:
    """`breedbot models rollback`: let the model before answer again.

    `set_aside`: the claims that taught the one taken back teach nothing any more. Raises ArtefactError where there is
    no model to go back to.
    """
    bad = store.pointer().model
    async with _registry(database_url, store) as registry:
        if registry is None:
            return RolledBack(bad, store.rollback().model)
        return await registry.roll_back(f"{bad} was rolled back by hand", set_aside_by="cli" if set_aside else None)


@asynccontextmanager
async def _registry(database_url: str, store: ModelStore) -> AsyncIterator[Registry | None]:
    """None where there is no database yet: the bot notes who answers at its first start."""
    try:
        database = await Database.open(database_url)
    except DatabaseError:
        yield None
        return
    try:
        yield Registry(database, store)
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
