"""Ten times as many photos as the worker can look at: what people hear, what it costs, and when it is over."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from breedbot.bench.load.ledger import Key, Ledger
from breedbot.bench.load.replies import Reply
from breedbot.bench.load.scene import Scene, scene
from breedbot.bench.serving.sample_photos import sample_photo
from breedbot.bench.waits import Waits
from sandbox.state.media import Media

SAMPLES = 16
WIDTH_PX, HEIGHT_PX = 480, 360  # cheap to send; what is measured is behind the decoder
LOOK_S = 0.5
TOLD_S = 120.0  # a word to somebody is about the photos that they send in so many seconds, too
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class OverloadPlan:
    """What happens.

    Attributes:
        people: send in turns.
        capacity_per_s: photos that the worker, a stub, looks at in a second.
        times: the load is so many times that.
        calm_s: before the load, at half of the capacity.
        load_s: how long the load lasts.
        patience_s: afterwards.
        hurry: how many times faster than real Telegram's limits are.
    """

    people: int = 600
    capacity_per_s: float = 5.0
    times: float = 10.0
    calm_s: float = 20.0
    load_s: float = 120.0
    patience_s: float = 600.0
    hurry: float = 1.0


@dataclass(frozen=True, slots=True)
class Overload:
    """What came of it.

    Attributes:
        sent: photos during the load, `per_s` each second.
        answered: of those.
        told: got a word that there was no room; `covered`: their sender had that word already; `silent`: neither.
        calm, accepted, word: from sending a photo to its answer without load and under load, and to such a word.
        recovery_s: from the end of the load until nothing was left to do.
        probe_s: what one photo took after that.
        memory_before_mb, memory_half_mb, memory_end_mb: resident, after the calm, at half time and at the end.
    """

    capacity_per_s: float
    times: float
    load_s: float
    sent: int
    answered: int
    told: int
    covered: int
    silent: int
    calm: Waits
    accepted: Waits
    word: Waits
    recovery_s: float
    probe_s: float
    memory_before_mb: float
    memory_half_mb: float
    memory_end_mb: float
    memory_peak_mb: float


async def run_overload(plan: OverloadPlan, *, folder: Path, progress: Progress) -> Overload:
    """`progress` is told the share of the load's time. Raises: LifeEnded."""
    batch_s = 1 / plan.capacity_per_s
    command = (sys.executable, "-m", "breedbot.bench.scale.stub_bot", str(batch_s), "1", str(plan.hurry))
    async with scene(folder, command, plan.people) as stage:
        files = await asyncio.to_thread(lambda: [sample_photo(seed, WIDTH_PX, HEIGHT_PX) for seed in range(SAMPLES)])
        photos = [await stage.crowd.upload(file) for file in files]
        await stage.bot.start()
        await _probe(stage, photos[0], plan.patience_s)  # the bot works from now on
        stage.ledger.forget()
        await _send(stage, photos, plan.capacity_per_s / 2, plan.calm_s)
        await stage.all_heard(plan.patience_s)
        calm = Waits.of(stage.ledger.waits_s())
        stage.ledger.forget()
        memory = _Memory(stage)
        async with asyncio.TaskGroup() as group:
            sampling = group.create_task(memory.sample(plan.load_s, progress))
            await _send(stage, photos, plan.capacity_per_s * plan.times, plan.load_s)
            sampling.cancel()
        memory.look()
        recovery_s = await stage.settled(plan.patience_s)
        probe_s = await _probe(stage, photos[0], plan.patience_s)
        return _summary(plan, stage.ledger, calm, memory, recovery_s, probe_s)


class _Memory:
    """Looked at from the beginning of the load to its end."""

    def __init__(self, stage: Scene) -> None:
        self._bot = stage.bot
        self.seen_mb: list[float] = []

    def look(self) -> None:
        self.seen_mb.append(self._bot.memory_bytes() / 2**20)

    async def sample(self, load_s: float, progress: Progress) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            self.look()
            progress(min(1.0, (loop.time() - began) / load_s))
            await asyncio.sleep(LOOK_S)


async def _send(stage: Scene, photos: list[Media], per_s: float, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    began, first = loop.time(), len(stage.ledger.sent)
    for number in range(int(per_s * seconds)):
        await asyncio.sleep(began + number / per_s - loop.time())
        stage.crowd.send(first + number, photos[number % len(photos)])


async def _probe(stage: Scene, photo: Media, patience_s: float) -> float:
    """Seconds until one photo is answered."""
    sent = stage.crowd.send(0, photo)
    await stage.heard(sent, patience_s)
    key = sent.chat_id, sent.message_id
    replies = stage.ledger.heard.get(key)
    return replies[0].at_s - stage.ledger.sent[key] if replies else patience_s


def _summary(
    plan: OverloadPlan,
    ledger: Ledger,
    calm: Waits,
    memory: _Memory,
    recovery_s: float,
    probe_s: float,
) -> Overload:
    loaded = list(ledger.sent)[:-1]  # the last one is the probe
    answers = _waits(ledger, loaded, {Reply.ANSWER})
    words = _waits(ledger, loaded, {Reply.LATER, Reply.SLOWER})
    unheard = [key for key in loaded if key not in ledger.heard]
    covered = sum(_covered(ledger, key) for key in unheard)
    seen = memory.seen_mb
    return Overload(
        plan.capacity_per_s,
        plan.times,
        plan.load_s,
        len(loaded),
        len(answers),
        len(words),
        covered,
        len(unheard) - covered,
        calm,
        Waits.of(answers),
        Waits.of(words),
        recovery_s,
        probe_s,
        seen[0],
        seen[len(seen) // 2],
        seen[-1],
        max(seen),
    )


def _waits(ledger: Ledger, photos: list[Key], kinds: set[Reply]) -> list[float]:
    first = ((key, ledger.heard[key][0]) for key in photos if key in ledger.heard)
    return [reply.at_s - ledger.sent[key] for key, reply in first if reply.kind in kinds]


def _covered(ledger: Ledger, photo: Key) -> bool:
    """Whether its sender was told about that time with another photo."""
    at_s = ledger.sent[photo]
    words = (reply for key, replies in ledger.heard.items() if key[0] == photo[0] for reply in replies)
    return any(reply.kind in {Reply.LATER, Reply.SLOWER} and abs(reply.at_s - at_s) < TOLD_S for reply in words)
