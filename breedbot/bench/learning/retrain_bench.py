"""What a retrain costs, and what those notice who send photos meanwhile: `breedbot bench retrain`.

The command itself, in a process of its own, on temporary databases and model stores. Photos are mixtures of two of the
shipped exemplars of a breed each: as separable as real ones, and no two alike.
"""

import asyncio
import json
import os
import resource
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.table import Table

from breedbot.bench.learning.sample_claims import fill, mixtures
from breedbot.bench.serving.conditions import conditions
from breedbot.bench.serving.worker_load import PHOTOS, Waits, WorkerLoad
from db import migrate
from db.database import Database
from db.url import sqlite_url
from inference.model.classifier import Champion
from inference.settings import Engine
from inference.store.folder_store import ModelStore
from training.learning.gate.labelled_rows import LabelledRows

ANSWERS = 200


class RetrainBenchFailed(Exception):
    """The measured command ended with an error; its words."""


@dataclass(frozen=True, slots=True)
class RetrainBench:
    """One retrain alone, and one while photos are answered.

    Attributes:
        claims: accepted ones that it learned from.
        breeds: of the model.
        seconds: of the whole command alone, by the clock.
        cpu_seconds: of all its threads: what it would take on one idle core, at most.
        peak_mb: most memory that its process ever had.
        status: what became of it.
        quiet, meanwhile: how long answers took before, and during, another one; one photo at a time without a pause.
        answers_meanwhile: so many.
        seconds_meanwhile: that the retrain took beside them.
        conditions: machine and versions.
    """

    claims: int
    breeds: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    status: str
    quiet: Waits
    meanwhile: Waits
    answers_meanwhile: int
    seconds_meanwhile: float
    conditions: dict[str, str | int | float]

    def to_json(self) -> dict[str, Any]:
        """The keys as they are."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Ended:
    said: dict[str, Any]
    seconds: float
    cpu_seconds: float
    peak_mb: float


async def run_retrain_bench(
    claims: int, store: ModelStore, engine: Engine, command: Sequence[str], answers: int = ANSWERS
) -> RetrainBench:
    """Fill two databases with accepted claims about the answers of the store's champion, and retrain on each.

    `command` retrains where BREEDBOT_DATA_DIR says. `answers`: so many before the second one, to compare with.
    Raises RetrainBenchFailed.
    """
    artefact = store.head(store.pointer().model)
    with TemporaryDirectory(prefix="breedbot-bench-") as name:
        alone, beside = Path(name) / "alone", Path(name) / "beside"
        alone.mkdir()
        await _prepare(alone, store, claims)
        shutil.copytree(alone, beside)
        ended = await _retrain(command, alone)
        async with _answering(store, engine) as load:
            quiet = [seconds for _, seconds in await load.answer(answers, 1)]
            second = asyncio.create_task(_retrain(command, beside))
            meanwhile: list[float] = []
            while not second.done():
                meanwhile += [seconds for _, seconds in await load.answer(1)]
            seconds_meanwhile = (await second).seconds
    return RetrainBench(
        claims=ended.said["claims"],
        breeds=len(artefact.manifest["labels"]) - 1,
        seconds=round(ended.seconds, 1),
        cpu_seconds=round(ended.cpu_seconds, 1),
        peak_mb=round(ended.peak_mb),
        status=ended.said["status"],
        quiet=Waits.of(quiet),
        meanwhile=Waits.of(meanwhile),
        answers_meanwhile=len(meanwhile),
        seconds_meanwhile=round(seconds_meanwhile, 1),
        conditions=conditions(),
    )


def retrain_bench_table(measured: RetrainBench) -> Table:
    """For people."""
    title = f"{measured.claims:,} accepted claims, {measured.breeds} breeds"
    table = Table("", "", box=None, title=title, title_justify="left")
    table.add_row("retrain", f"{measured.seconds:.1f} s")
    table.add_row("… all threads together", f"{measured.cpu_seconds:.1f} s")
    table.add_row("… beside answers", f"{measured.seconds_meanwhile:.1f} s")
    table.add_row("most memory", f"{measured.peak_mb:.0f} MB")
    table.add_row("outcome", measured.status)
    for name, waits in (("an answer, quiet", measured.quiet), ("… meanwhile", measured.meanwhile)):
        table.add_row(name, f"{waits.p50_ms:.0f} ms (p50), {waits.p95_ms:.0f} ms (p95)")
    return table


async def _prepare(folder: Path, store: ModelStore, claims: int) -> None:
    artefact = store.head(store.pointer().model)
    taught = mixtures(LabelledRows(*store.backbone(artefact.backbone_id).exemplars()), claims)
    url = sqlite_url(folder / "breedbot.sqlite3")
    await migrate.upgrade(url)
    database = await Database.open(url)
    try:
        await fill(database, artefact.head(), taught)
    finally:
        await database.close()


async def _retrain(command: Sequence[str], folder: Path) -> _Ended:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BREEDBOT_")}
    before, began = _children_cpu_seconds(), time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, "--json", env=kept | {"BREEDBOT_DATA_DIR": str(folder)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        said, complaint = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    if process.returncode:
        raise RetrainBenchFailed(complaint.decode(errors="replace").strip())
    seconds, cpu_seconds = time.perf_counter() - began, _children_cpu_seconds() - before
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return _Ended(json.loads(said), seconds, cpu_seconds, peak_mb)


@asynccontextmanager
async def _answering(store: ModelStore, engine: Engine) -> AsyncIterator[WorkerLoad]:
    champion = Champion(store, engine)
    try:
        load = WorkerLoad(champion)
        working = asyncio.create_task(load.worker.run())
        try:
            await load.answer(PHOTOS)  # everything is warm
            yield load
        finally:
            working.cancel()
            await asyncio.wait((working,))
    finally:
        champion.close()


def _children_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
