"""What answers notice of it when the champion changes under load: whether any is lost, mixed up, or late."""

import asyncio
import json
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rich.table import Table

from breedbot.bench.serving.worker_load import PHOTOS, Waits, WorkerLoad
from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Prediction
from inference.model.artefact import MANIFEST, hash_files
from inference.model.classifier import Champion
from inference.model.head import Calibration, Head, write_head
from inference.settings import Engine
from inference.store.folder_store import ModelStore

MODELS = ("swap-a", "swap-b")
_SOFT = 10.0  # a temperature at which no answer is sure, so that two heads never say the same
_FLOAT16 = 2e-3  # what storing features in half precision may change in a probability


@dataclass(frozen=True, slots=True)
class SwapBench:
    """Measured in one run, first without moves and then with.

    Attributes:
        engine: name and precision.
        answers: while the pointer moved.
        moves: of the pointer meanwhile.
        models: answers by the model that they carry.
        failed: jobs without an answer.
        inconsistent: answers whose probabilities are not those of the model that they carry.
        telling: answers that the other model would not have given, so that a mix-up would show.
        quiet, moving: how long answers took without moves and with them.
        move_ms: one promotion, with its checks, median; it happens beside the answers.
    """

    engine: str
    answers: int
    moves: int
    models: dict[str, int]
    failed: int
    inconsistent: int
    telling: int
    quiet: Waits
    moving: Waits
    move_ms: float

    def to_json(self) -> dict[str, object]:
        """The keys as they are."""
        return asdict(self)


async def run_swap_bench(
    store: ModelStore, engine: Engine, *, quiet: int = 300, answers: int = 300, moves: int = 20
) -> SwapBench:
    """Answer photos with two variants of the champion, in a store of their own, while the pointer goes to and fro.

    Before that, `quiet` photos are answered without a move, to compare with.
    """
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as loader:
        own, heads = _variants(store, Path(folder))
        champion = Champion(own, engine, loading_thread=loader)
        load, engine_name = WorkerLoad(champion), champion().engine
        try:
            async with asyncio.TaskGroup() as beside:
                working = beside.create_task(load.worker.run())
                await load.answer(PHOTOS)  # everything is warm
                before = await load.answer(quiet)
                going = beside.create_task(_move(own, load, moves, answers))
                moving = await load.answer(answers)
                moved_s = await going
                working.cancel()
        finally:
            champion.close()
    predictions = [one for result, _ in moving for one in result.predictions]
    return SwapBench(
        engine=engine_name,
        answers=len(moving),
        moves=len(moved_s),
        models=dict(Counter(one.model for one in predictions)),
        failed=sum(result.failure is not None for result, _ in moving),
        inconsistent=sum(not consistent(one, heads[one.model]) for one in predictions),
        telling=sum(not consistent(one, heads[_other(one.model)]) for one in predictions),
        quiet=Waits.of([seconds for _, seconds in before]),
        moving=Waits.of([seconds for _, seconds in moving]),
        move_ms=float(np.median(moved_s)) * 1000,
    )


def consistent(prediction: Prediction, head: Head) -> bool:
    """Whether a prediction says what this head makes of its features, softened, as for small dogs, or not."""
    said = {NOT_A_DOG: prediction.not_a_dog} | {score.breed: score.confidence for score in prediction.top}
    columns = [head.labels.index(breed) for breed in said]
    stated, logits = np.array([*said.values()]), head.logits(prediction.features[None])[0, columns]
    of_breeds = stated[1:]  # they are told smaller alike where a dog is not typical of its breed
    high, low = 1 + int(of_breeds.argmax()), 1 + int(of_breeds.argmin())
    steps = float(np.log(stated[high] / max(stated[low], 1e-9)))
    softened = float(logits[high] - logits[low]) / head.calibration.temperature / steps if steps > 0 else 1.0
    probabilities = head.told(prediction.features[None], max(1.0, softened))[0, columns]
    return bool((np.abs(probabilities - stated) <= _FLOAT16).all())


def swap_table(measured: SwapBench) -> Table:
    """The numbers, for people."""
    table = Table("", "p50", "p95", "longest", box=None, title=measured.engine, title_justify="left")
    for name, waits in (("quiet", measured.quiet), (f"{measured.moves} swaps", measured.moving)):
        table.add_row(name, *(f"{value:.0f} ms" for value in (waits.p50_ms, waits.p95_ms, waits.max_ms)))
    models = ", ".join(f"{count} by {model}" for model, count in sorted(measured.models.items()))
    table.caption = (
        f"{measured.answers} answers while the pointer moved: {models}; {measured.failed} failed, "
        f"{measured.inconsistent} not of the model they carry. A move takes {measured.move_ms:.0f} ms, checks included."
    )
    return table


async def _move(store: ModelStore, load: WorkerLoad, moves: int, answers: int) -> list[float]:
    """Promote now the one, now the other, evenly over the answers. Returns: seconds of each promotion."""
    first, seconds = load.answered, []
    for move in range(moves):
        due = first + (move * answers) // moves
        async with load.progress:
            await load.progress.wait_for(lambda due=due: load.answered >= due)  # type: ignore[misc]
        start = time.perf_counter()
        await asyncio.to_thread(store.promote, MODELS[(move + 1) % len(MODELS)])
        seconds.append(time.perf_counter() - start)
    return seconds


def _variants(store: ModelStore, folder: Path) -> tuple[ModelStore, dict[str, Head]]:
    """Two heads that answer differently, in a store that finds everything else in the champion's."""
    source = store.head(store.pointer().model)
    head, soft = source.head(), Calibration(temperature=_SOFT)
    own, heads = ModelStore(folder, shipped=_root_of(source.folder)), {}
    for seed, model in enumerate(MODELS):
        noise = np.random.default_rng(seed).normal(0, _SOFT, len(head.labels)).astype(np.float32)
        heads[model] = replace(head, model=model, bias=head.bias + noise, calibration=soft)
        own.add("heads", model, lambda at, head=heads[model]: _fill(at, head))  # type: ignore[misc]
    own.promote(MODELS[0])
    return own, heads


def _other(model: str) -> str:
    return MODELS[1 - MODELS.index(model)]


def _root_of(head_folder: Path) -> Path:
    return head_folder.parents[1]


def _fill(folder: Path, head: Head) -> None:
    write_head(folder / "head.npz", head)
    stated = {
        "schema": 1, "model": head.model, "backbone": head.backbone, "labels": list(head.labels),
        "calibration": asdict(head.calibration), "selfcheck": {"golden_top1": 0.0}, "files": hash_files(folder),
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(stated), encoding="utf-8")
