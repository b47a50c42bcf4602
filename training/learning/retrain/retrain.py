"""`breedbot retrain`: what people taught → a candidate → the gate → the model store, the registry and the ledger.

Written in this order: the candidate's folder (whole or not at all), then one transaction with registry, evidence and
the retrain's row, then the pointer of the trial. Cut off anywhere, nothing half-written is ever used, and the next run
closes the row.
"""

import asyncio
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from core.breeds.catalogue import teachable_labels
from core.clock import utc_now
from db.database import Database
from db.errors import DatabaseError
from db.learning.claim_status import GATE
from db.learning.learning_records import RetrainRecord, RetrainStatus, RetrainTrigger
from db.photos.photo_store import PhotoStore
from db.unit import Unit
from inference.model.artefact import HeadArtefact
from inference.settings import Engine
from inference.store.folder_store import ModelStore
from training.evaluation.bootstrap import RESAMPLES
from training.learning.errors import CandidateUnwritable, RetrainUnderWay, StoreNotFit
from training.learning.gate.golden import Golden
from training.learning.photos.reencode import of_backbone
from training.learning.photos.sketches import sketched
from training.learning.retrain.accepted_claims import AcceptedPhotos, accepted_claims, accepted_photos
from training.learning.retrain.candidate import Candidate, Starting, make_candidate
from training.learning.retrain.candidate_folder import RECIPE, add_candidate, examined_head
from training.learning.retrain.outcome import RetrainOutcome

LOCK_FILE = "retrain.lock"


@dataclass(frozen=True, slots=True)
class RetrainSettings:
    """How a retrain goes about its work.

    Attributes:
        data_dir: where the lock file is.
        engine: for photos whose features are another backbone's.
        dry_run: do everything but write.
        trial: name the candidate in the trial's pointer; False where it is promoted at once.
        resamples: for the intervals in its manifest.
    """

    data_dir: Path
    engine: Engine = Engine.AUTO
    dry_run: bool = False
    trial: bool = True
    resamples: int = RESAMPLES // 2


@dataclass(frozen=True, slots=True)
class _Learned:
    """Nothing of this is written yet; `candidate` None: nothing new."""

    start: Starting
    accepted: AcceptedPhotos
    candidate: Candidate | None


async def retrain(
    database: Database,
    store: ModelStore,
    photos: PhotoStore,
    settings: RetrainSettings,
    trigger: RetrainTrigger = RetrainTrigger.COMMAND,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> RetrainOutcome:
    """Make a candidate out of everything accepted so far, if there is anything new, and let the gate judge it.

    Raises:
        RetrainUnderWay, AlreadyRunning: another one is at work.
        StoreNotFit, ArtefactError: there is no sound model to start from.
        CandidateUnwritable: the disk is full or cannot be written.
        DatabaseError: reading or writing failed; the row says so, as far as it can be written.
    """
    with retrain_lock(settings.data_dir):
        began = perf_counter()
        champion = await asyncio.to_thread(lambda: store.head(store.pointer().model))
        if settings.dry_run:
            learned = await _learn(database, store, photos, settings, champion, clock)
            return _outcome(learned, _judged(learned), champion.id, perf_counter() - began, settings)
        row: RetrainRecord | None = None
        try:
            async with database.unit() as unit:
                row = await unit.retrains.start(trigger, champion.id, os.getpid())
            await asyncio.to_thread(store.remove_leftovers)
            learned = await _learn(database, store, photos, settings, champion, clock)
            status = await _write(database, store, learned, row.id, settings)
        except BaseException as error:
            if row is not None:  # a cancellation is also told when the row was just committed
                await asyncio.shield(_failed(database, row.id, error))
            raise
        return _outcome(learned, status, champion.id, perf_counter() - began, settings)


@contextmanager
def retrain_lock(folder: Path) -> Iterator[None]:
    """One retrain at a time on a data folder, whatever database it writes to.

    The system lets go when the process dies, however it dies.

    Raises:
        RetrainUnderWay: another process holds it.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RetrainUnderWay(f"another retrain is at work in {folder}; wait until it ends") from None
        yield
    finally:
        os.close(descriptor)


async def _learn(
    database: Database,
    store: ModelStore,
    photos: PhotoStore,
    settings: RetrainSettings,
    champion: HeadArtefact,
    clock: Callable[[], datetime],
) -> _Learned:
    claims = await sketched(database, photos, await accepted_claims(database), keep=not settings.dry_run)
    async with database.unit(read_only=True) as unit:
        known = await unit.evidence.of(champion.id)
    events = frozenset(one.event_id for one in known)
    asked = threading.Event()

    def pause() -> None:
        if asked.is_set():
            raise InterruptedError("it was stopped")

    def work() -> _Learned:
        start = _start(store, champion, events)
        backbone = store.backbone(champion.backbone_id)
        ours, lost = of_backbone(claims, backbone, photos, settings.engine, pause)
        pause()
        sketches = backbone.golden_sketches()
        accepted = accepted_photos(ours, start.golden.photos, teachable_labels(), lost, sketches)
        pause()
        if not _anything_new(accepted, champion, len(known)):
            return _Learned(start, accepted, None)
        return _Learned(start, accepted, make_candidate(accepted, start, clock().date(), pause))

    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        asked.set()  # the thread hears it between two fits
        raise


def _start(store: ModelStore, champion: HeadArtefact, events: frozenset[int]) -> Starting:
    base = champion if (name := champion.manifest.get("base")) is None else store.base(str(name))
    if base.backbone_id != champion.backbone_id:
        raise StoreNotFit(f"{champion.id} says that it is made from {base.id}, whose backbone is another one")
    golden = Golden.of(store.backbone(champion.backbone_id))
    return Starting(base.head(), champion.head(), examined_head(champion), events, golden)


def _anything_new(accepted: AcceptedPhotos, champion: HeadArtefact, still_there: int) -> bool:
    """Whether the same claims would teach anything else than the champion was taught: more, less, or otherwise."""
    if champion.manifest.get("recipe") != RECIPE:
        return len(accepted) > 0
    learned = champion.manifest["feedback"]
    return bool(learned["claims"] != still_there or learned["lesson_sha256"] != accepted.fingerprint)


async def _write(
    database: Database, store: ModelStore, learned: _Learned, row_id: int, settings: RetrainSettings
) -> RetrainStatus:
    status, made = _judged(learned), learned.candidate
    claims = len(learned.accepted.events)
    verdict = None if made is None else _told(made)
    if made is None or status is RetrainStatus.REJECTED:
        async with database.unit() as unit:
            await _set_aside(unit, made)
            await unit.retrains.finish(row_id, status, evidence_count=claims, verdict=verdict)
        return status
    head = await asyncio.to_thread(_add, store, made, learned.start, settings.resamples)
    try:
        async with database.unit() as unit:
            await unit.model_versions.add(head.id, backbone_id=head.backbone_id, manifest=head.manifest)
            await unit.evidence.add(head.id, made.learned.events)
            await unit.shadow.start_over(head.id)  # the same claims make the same model, of the same name
            await _set_aside(unit, made)
            await unit.retrains.finish(row_id, status, model_id=head.id, evidence_count=claims, verdict=verdict)
    except BaseException:
        await asyncio.to_thread(store.remove, "heads", head.id)  # nobody knows of it
        raise
    if settings.trial:
        await asyncio.to_thread(store.set_shadow, head.id)
    return status


def _told(made: Candidate) -> dict[str, Any]:
    """The gate's verdict, and which claims are set aside, as the ledger keeps both."""
    return made.verdict.to_json() | {"set_aside": [one.to_json() for one in made.set_aside]}


async def _set_aside(unit: Unit, made: Candidate | None) -> None:
    for one in () if made is None else made.set_aside:
        await unit.reviews.set_aside(one.event_ids, reviewer=GATE, reason=one.why)


def _add(store: ModelStore, made: Candidate, start: Starting, resamples: int) -> HeadArtefact:
    """Write the folder; one of that name is what a run left that was killed before the registry knew of it."""
    pointer = store.pointer()
    try:
        if store.has("heads", made.head.model) and made.head.model not in {pointer.model, pointer.previous}:
            store.remove("heads", made.head.model)
        return add_candidate(store, made, start, resamples)
    except OSError as error:
        why = error.strerror or str(error)
        raise CandidateUnwritable(
            f"{store.place}: the candidate cannot be written, {why}; nothing has changed"
        ) from error


def _judged(learned: _Learned) -> RetrainStatus:
    if learned.candidate is None:
        return RetrainStatus.NOTHING_NEW
    return RetrainStatus.SHADOW if learned.candidate.verdict.passed else RetrainStatus.REJECTED


async def _failed(database: Database, row_id: int, error: BaseException) -> None:
    """Close the row. Where even that fails, the first error is the one to tell of, and the next run closes it."""
    stopped = isinstance(error, asyncio.CancelledError | KeyboardInterrupt)
    with suppress(DatabaseError, OSError):
        async with database.unit() as unit:
            why = "it was stopped" if stopped else str(error) or type(error).__name__
            await unit.retrains.finish(row_id, RetrainStatus.FAILED, error=why)


def _outcome(
    learned: _Learned, status: RetrainStatus, champion: str, seconds: float, settings: RetrainSettings
) -> RetrainOutcome:
    made, accepted = learned.candidate, learned.accepted
    counted = accepted if made is None else made.learned
    return RetrainOutcome(
        status=status,
        champion=champion,
        model=None if made is None or status is RetrainStatus.REJECTED else made.head.model,
        claims=len(counted.events),
        photos=len(counted),
        new_claims=len(set(counted.events) - learned.start.champion_events),
        people=len(frozenset().union(*counted.people)),
        left_out=counted.left_out,
        breeds=None if made is None else made.breeds,
        verdict=None if made is None else made.verdict,
        set_aside=() if made is None else made.set_aside,
        seconds=seconds,
        dry_run=settings.dry_run,
    )
