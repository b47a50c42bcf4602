"""`breedbot bench path`: what one photo, and one press of a button, cost a real bot with a real worker.

Two measurements. The first runs the whole bot under a profiler (`path_profiler.py`) and looks at windows: one lasts
from when somebody sends a photo until its answer is marked as sent and nothing is left to do. Then come quiet ones,
each as long, in which nobody does anything, for `quiet_s`: time enough for most loops to come round. A stack counts if
every busy window has it more often than any quiet one, and with it all functions on it. Where a photo needs a function
that such a loop needs, too, it has other stacks or more of them; what loops do less often is not in every busy window.
(To follow a photo by its trace id would miss what is done for many at once: polling, batches, forced writes.) Photos
and presses before the first window warm up caches, and hear about privacy, as everybody does once.

The second has a bot in a process of its own, not profiled, answer many photos that come at once, then as many presses;
its worker is a stub. The processor time that it took is divided by their number, and the least of a few such loads is
told: what else the machine does can only add to it.
"""

import asyncio
import json
import math
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median_low
from time import monotonic
from typing import TypeVar

from bot.errors import BotError
from breedbot.bench.load.crowd import distinct
from breedbot.bench.load.scene import Scene, scene
from breedbot.bench.path.path_profiler import BY_IDS, CALLS, Window
from breedbot.bench.serving.sample_photos import sample_photo
from db.database import Database
from sandbox import ChatMessage
from sandbox.state.media import Media

PROFILER = (sys.executable, "-m", "breedbot.bench.path.path_profiler")
WARM_UP = 2  # photos, each with a press
AFTER_S = 1.2  # what follows the mark: it is counted and logged, and who shows "typing…" looks once more within 1 s
PATIENCE_S = 120.0
LOOK_S = 0.02
SAMPLES = 8
PHOTOS_A_PERSON = 5  # so that nobody presses more often in a minute than is listened to
MANY = {"PHOTOS_PER_USER_MINUTE": "10000"}  # nobody is asked to slow down
STUB = ("0", "64", "10000")  # takes no time, 64 photos a batch; Telegram's limits never bind
Progress = Callable[[float], None]
R = TypeVar("R")


class PathBroken(BotError):
    """An update did not do what was to be measured."""


@dataclass(frozen=True, slots=True)
class PathPlan:
    """How much.

    Attributes:
        windows: under the profiler, with a photo, and as many with a press.
        quiet_s: afterwards; less than a poll lasts (30 s), whose end would look like what loops do.
        loads: not profiled, each of `load` photos and then `load` presses.
    """

    windows: int = 5
    quiet_s: float = 15.0
    loads: int = 3
    load: int = 100

    @property
    def steps(self) -> int:
        """How far `progress` counts."""
        return WARM_UP + self.windows + 1 + self.loads


QUICK = PathPlan(windows=2, quiet_s=5.0, loads=1, load=20)


@dataclass(frozen=True, slots=True)
class UpdatePath:
    """What one update costs.

    Attributes:
        entered: functions as "file:line name", in the order of the first visit.
        writes: the transactions of one window, in their order.
        transactions: those that change rows, usually.
        shared_notes: of these only UPDATEs of rows by a list of ids, which photos that come together share; they are
            not among `transactions`.
        syncs: forced writes, of files and of the database.
        bot_cpu_ms: the bot's processor time, user and system, under load.
    """

    entered: tuple[str, ...]
    writes: tuple[str, ...]
    transactions: int
    shared_notes: int
    syncs: int
    bot_cpu_ms: float

    @property
    def files(self) -> list[str]:
        """In the order of the first visit."""
        return list(dict.fromkeys(name.partition(":")[0] for name in self.entered))

    def to_json(self) -> dict[str, float]:
        """For programs."""
        return {
            "files": len(self.files),
            "functions": len(self.entered),
            "transactions": self.transactions,
            "shared_notes": self.shared_notes,
            "syncs": self.syncs,
            "bot_cpu_ms": round(self.bot_cpu_ms, 2),
        }


@dataclass(frozen=True, slots=True)
class PathBench:
    """A photo to its answer, and a press of ✅ to its claim."""

    photo: UpdatePath
    press: UpdatePath

    def to_json(self) -> dict[str, dict[str, float]]:
        """For programs."""
        return {"photo": self.photo.to_json(), "press": self.press.to_json()}


@dataclass(frozen=True, slots=True)
class Windows:
    """Busy ones, each with one update, and quiet ones."""

    busy: list[Window]
    quiet: list[Window]

    def path(self, cpu_ms: float) -> UpdatePath:
        """Of what one update does. `cpu_ms`: measured elsewhere."""
        # By their words, not by how many there are: a lease that is renewed now and then falls into some windows only.
        by_loops = {one for window in self.quiet for one in window.transactions}
        written = [[one for one in window.transactions if one not in by_loops] for window in self.busy]
        stacks = filter(self._counts, dict.fromkeys(stack for window in self.busy for stack in window.stacks))
        return UpdatePath(
            tuple(dict.fromkeys(function for stack in stacks for function in stack.split(CALLS))),
            tuple(self.busy[-1].transactions),
            median_low(sum(not _is_note(one) for one in window) for window in written),
            median_low(sum(_is_note(one) for one in window) for window in written),
            median_low(window.syncs for window in self.busy) - median_low(window.syncs for window in self.quiet),
            cpu_ms,
        )

    def _counts(self, stack: str) -> bool:
        busy, quiet = ([window.stacks.get(stack, 0) for window in windows] for windows in (self.busy, self.quiet))
        return min(busy) > max(quiet, default=0)


async def run_path_bench(
    plan: PathPlan, program: Sequence[str], folder: Path, photos: Sequence[bytes] = (), *, progress: Progress
) -> PathBench:
    """Both measurements, one after the other.

    Args:
        plan: how much.
        program: a whole bot, as module and arguments.
        folder: for all that they write.
        photos: to send; none = generated ones, on which there is no dog.
        progress: is told how many steps are done.

    Raises:
        LifeEnded: a bot ended by itself.
        PathBroken: a photo was not answered, or a press not stored.
    """
    samples = photos or await asyncio.to_thread(lambda: [sample_photo(seed) for seed in range(SAMPLES)])
    photo, press = await _profiled(plan, program, folder / "profiled", samples, progress)
    photo_ms, press_ms = await _loaded(plan, folder / "loaded", samples, progress)
    return PathBench(photo.path(photo_ms), press.path(press_ms))


async def _profiled(
    plan: PathPlan, program: Sequence[str], folder: Path, samples: Sequence[bytes], progress: Progress
) -> tuple[Windows, Windows]:
    """One person sends a photo, presses, sends the next one, …, and then nothing any more. Returns: of both."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    photo, press, file = list[Window](), list[Window](), folder / "windows.jsonl"
    async with scene(folder, (*PROFILER, str(file), *program), 1, MANY) as stage:
        media = await _uploaded(stage, samples, WARM_UP + plan.windows)
        await stage.bot.start()
        await _press(stage, await _send(stage, media[:WARM_UP]))
        await _still(stage)
        profiled = _Profiled(stage, file)
        await profiled.turn()
        for number, one in enumerate(media[WARM_UP:], 1):
            window, [answer] = await profiled.around(partial(_send, stage, [one]))
            photo.append(window)
            window, _ = await profiled.around(partial(_press, stage, [answer]))
            press.append(window)
            progress(WARM_UP + number)
        quiet = await profiled.quiet(plan.quiet_s)
        await _claimed(stage, len(media))
    return Windows(photo, quiet), Windows(press, quiet)


class _Profiled:
    """The bot of `stage`, under the profiler that writes into `file`."""

    def __init__(self, stage: Scene, file: Path) -> None:
        self._stage = stage
        self._file = file
        self._read = 0
        self._longest_s = 0.0

    async def around(self, act: Callable[[], Awaitable[R]]) -> tuple[Window, R]:
        """What the bot does until nothing is left to do, and what `act` returns."""
        began = monotonic()
        result = await act()
        await _still(self._stage)
        self._longest_s = max(self._longest_s, monotonic() - began)
        return await self.turn(), result

    async def quiet(self, seconds: float) -> list[Window]:
        """What it does meanwhile, in windows as long as the longest of the others."""
        windows = []
        for _ in range(math.ceil(seconds / self._longest_s)):
            await asyncio.sleep(self._longest_s)
            windows.append(await self.turn())
        return windows

    async def turn(self) -> Window:
        """End a window, and begin the next one."""
        self._stage.bot.signal(signal.SIGUSR1)
        async with asyncio.timeout(PATIENCE_S):
            while len(lines := self._lines()) == self._read:
                self._stage.bot.check()
                await asyncio.sleep(LOOK_S)
        self._read = len(lines)
        return Window(**json.loads(lines[-1]))

    def _lines(self) -> list[str]:
        """Those that are written to their end."""
        text = self._file.read_text() if self._file.exists() else ""
        return text[: text.rfind("\n") + 1].splitlines()


async def _loaded(plan: PathPlan, folder: Path, samples: Sequence[bytes], progress: Progress) -> tuple[float, float]:
    """Milliseconds a photo, and a press."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    people, settings = math.ceil(plan.load / PHOTOS_A_PERSON), MANY | {"PHOTOS_WAIT": "1h"}
    async with scene(folder, (sys.executable, "-m", "breedbot.bench.scale.stub_bot", *STUB), people, settings) as stage:
        media = await _uploaded(stage, samples, WARM_UP + plan.loads * plan.load)
        await stage.bot.start()
        await _press(stage, await _send(stage, media[:WARM_UP]))
        photo_s, press_s = [], []
        for first in range(WARM_UP, len(media), plan.load):
            one_s, answers = await _cpu_s(stage, partial(_send, stage, media[first : first + plan.load]))
            photo_s.append(one_s)
            press_s.append((await _cpu_s(stage, partial(_press, stage, answers)))[0])
            progress(plan.steps - plan.loads + len(press_s))
        await _claimed(stage, len(media))
    return 1000 * min(photo_s) / plan.load, 1000 * min(press_s) / plan.load


async def _cpu_s(stage: Scene, act: Callable[[], Awaitable[R]]) -> tuple[float, R]:
    """The processor time of the bot until nothing is left to do."""
    await stage.settled(PATIENCE_S)
    before_s = stage.bot.cpu_s()
    result = await act()
    await stage.settled(PATIENCE_S)
    return stage.bot.cpu_s() - before_s, result


async def _still(stage: Scene) -> None:
    """Wait until nothing is left to do."""
    await stage.settled(PATIENCE_S)
    await asyncio.sleep(AFTER_S)


async def _uploaded(stage: Scene, samples: Sequence[bytes], count: int) -> list[Media]:
    """No two alike: bytes that are there already would not be stored again."""
    files = [await asyncio.to_thread(distinct, samples, number) for number in range(count)]
    return [await stage.crowd.upload(file) for file in files]


async def _send(stage: Scene, photos: Sequence[Media]) -> list[ChatMessage]:
    """Send all at once. Returns: the answers. Raises: PathBroken."""
    sent = [stage.crowd.send(number, photo) for number, photo in enumerate(photos)]
    await stage.all_heard(PATIENCE_S)
    stage.bot.check()
    try:
        return [await stage.chat.wait_for_reply(one, lambda reply: bool(reply.buttons), LOOK_S) for one in sent]
    except TimeoutError as error:
        raise PathBroken(f"not every photo was answered within {PATIENCE_S:.0f} s: {error}") from error


async def _press(stage: Scene, answers: Sequence[ChatMessage]) -> None:
    """Press ✅ under all at once, and wait until the bot has said something to each."""
    presses = [await stage.chat.press(answer, "✅") for answer in answers]
    for press in presses:
        await press.answer(PATIENCE_S)


async def _claimed(stage: Scene, presses: int) -> None:
    """Raises: PathBroken."""
    database = await Database.open(stage.database_url)
    try:
        async with database.unit(read_only=True) as unit:
            claims = await unit.feedback.count()
    finally:
        await database.close()
    if claims != presses:
        raise PathBroken(f"{presses} times ✅ was pressed, and {claims} claims are stored")


def _is_note(transaction: str) -> bool:
    return all(statement.endswith(BY_IDS) for statement in transaction.split(" + "))
