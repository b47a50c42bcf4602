"""Telegram's weather and kill -9, both at once: whether every photo is answered, and how often one is twice."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from breedbot.bench.load.ledger import Duplicates, keys_of
from breedbot.bench.load.scene import Scene, scene
from breedbot.bench.waits import Waits
from sandbox import FaultKind, Faults

Progress = Callable[[float], None]
START_S = 600.0  # with a cold cache, on a busy machine


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """What happens.

    Attributes:
        photos, people: so many, sent in turns, all of them different.
        send_s: over so many seconds, evenly.
        kill_every_s: pause between two kills, from when the bot works; it is started again at once.
        faults: share of calls, of all methods and of downloads, that suffer each; of deliveries for duplicates.
        patience_s: for the answers after the last photo; then those that have none count as silent.
    """

    photos: int = 1000
    people: int = 50
    send_s: float = 200.0
    kill_every_s: float = 20.0
    faults: dict[FaultKind, float] = field(
        default_factory=lambda: {
            FaultKind.TOO_MANY_REQUESTS: 0.10,
            FaultKind.SERVER_ERROR: 0.05,
            FaultKind.DROP_BEFORE: 0.05,
            FaultKind.DROP_AFTER: 0.05,
            FaultKind.DUPLICATE: 0.05,
        }
    )
    patience_s: float = 600.0


@dataclass(frozen=True, slots=True)
class FaultCampaign:
    """What came of it.

    Attributes:
        worker: what looked at the photos.
        seconds: from the first photo until all was settled.
        kills: of the bot.
        replies: photos by the kind of their first final reply.
        silent: photos without any. There must be none.
        failures: photos that the bot itself gave up, by reason.
        duplicates: further answers, by why.
        injected: faults by kind.
        early_calls: calls to a chat, or a method, before the pause that Telegram had asked for was over.
        waits: from sending a photo to its answer, kills included.
    """

    worker: str
    photos: int
    people: int
    seconds: float
    kills: int
    replies: dict[str, int]
    silent: int
    failures: dict[str, int]
    duplicates: Duplicates
    injected: dict[str, int]
    early_calls: int
    waits: Waits

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, and nothing said twice without a reason."""
        return not self.silent and not self.duplicates.unexplained


async def run_fault_campaign(
    plan: FaultPlan, command: Sequence[str], photos: Sequence[bytes], *, worker: str, folder: Path, progress: Progress
) -> FaultCampaign:
    """`command` starts the bot, `photos` are varied, `progress` is told the share of photos that are answered.

    Raises:
        LifeEnded: the bot ended by itself.
    """
    async with scene(folder, command, plan.people) as stage:
        for kind, probability in plan.faults.items():
            stage.chat.faults.add(kind, probability=probability)
        await _started(stage)
        began = monotonic()
        async with asyncio.TaskGroup() as group:
            killing = group.create_task(_kill(stage, plan.kill_every_s))
            watching = group.create_task(_watch(stage, plan.photos, progress))
            await stage.crowd.send_evenly(photos, plan.photos, plan.send_s)
            await stage.all_heard(plan.patience_s)
            killing.cancel()
            watching.cancel()
        await stage.settled(plan.patience_s)
        return await _summary(plan, stage, worker, monotonic() - began)


async def _kill(stage: Scene, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        stage.ledger.killed()  # noted before: what is heard until it is dead was said before it died
        await stage.bot.kill()
        await _started(stage)


async def _started(stage: Scene) -> None:
    """Start the bot and wait until it asks for updates: on a busy machine it would be killed before it ever worked."""
    asked = stage.chat.faults.calls["getUpdates"]
    await stage.bot.start()
    await stage.chat.wait_for_call("getUpdates", asked + 1, START_S)


async def _watch(stage: Scene, photos: int, progress: Progress) -> None:
    while True:
        progress(len(stage.ledger.heard) / photos)
        await asyncio.sleep(1)


async def _summary(plan: FaultPlan, stage: Scene, worker: str, seconds: float) -> FaultCampaign:
    ledger, faults = stage.ledger, stage.chat.faults
    return FaultCampaign(
        worker,
        plan.photos,
        plan.people,
        seconds,
        len(ledger.kills),
        {str(kind): count for kind, count in ledger.kinds().items()},
        ledger.silent,
        await stage.failures(),
        ledger.duplicates(keys_of(faults.unheard)),
        _injected(faults),
        faults.early_retries,
        Waits.of(ledger.waits_s()),
    )


def _injected(faults: Faults) -> dict[str, int]:
    """By kind, all methods together."""
    counted: Counter[str] = Counter()
    for (kind, _), count in faults.injected.items():
        counted[kind] += count
    return dict(counted)
