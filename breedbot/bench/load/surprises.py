"""One surprise after the other while people send photos steadily: how long they wait, and whether all are answered."""

import asyncio
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from breedbot.bench.load.crowd import distinct
from breedbot.bench.load.ledger import Duplicates, keys_of
from breedbot.bench.load.scene import LOOK_S, Scene, scene
from breedbot.bench.scale.servers import free_port
from breedbot.bench.waits import Waits
from sandbox import FaultKind
from sandbox.state import user_actions

CALM = "calm"
STALLS = frozenset({"frozen", "no descriptors", "full disk"})  # what stops the bot itself for as long as it lasts
IDLE = 600  # connections; more than the bot takes
PRESSES_PER_S = 20.0
TRIED = 6  # photos at once, by which it is found out how many a second the bot can answer
SHARE = 0.4  # of those come: beyond, people would wait for each other, and not for a surprise
LEAST = 5  # photos in each surprise
Progress = Callable[[float], None]
Surprise = Callable[[Scene], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class SurprisePlan:
    """What happens.

    Attributes:
        people: send in turns.
        per_s: photos a second at most, all the time; fewer where the bot could hardly look at so many.
        each_s: how long each surprise lasts.
        patience_s: for the answers, after each.
    """

    people: int = 40
    per_s: float = 2.0
    each_s: float = 10.0
    patience_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Surprises:
    """What came of it.

    Attributes:
        photos: in all.
        per_s: how many came a second.
        waits: by surprise, and `CALM`: from sending a photo to its answer, standstill included.
        silent: photos without any reply. There must be none.
        duplicates: further answers, by why.
    """

    photos: int
    per_s: float
    each_s: float
    waits: dict[str, Waits]
    silent: int
    duplicates: Duplicates

    @property
    def answered(self) -> int:
        """Photos whose first reply is an answer, no apology."""
        return sum(one.n for one in self.waits.values())

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, and nothing said twice without a reason."""
        return not self.silent and not self.duplicates.unexplained


async def run_surprises(
    plan: SurprisePlan, command: Sequence[str], photos: Sequence[bytes], *, folder: Path, progress: Progress
) -> Surprises:
    """`command` starts the bot, `photos` are varied, `progress` is told the share that is over. Raises: LifeEnded."""
    port = free_port()
    waits: dict[str, Waits] = {}
    duplicates = Duplicates()
    async with scene(folder, command, plan.people, {"HTTP_PORT": str(port)}) as stage:
        await stage.bot.start()
        first = stage.crowd.send(0, await stage.crowd.upload(distinct(photos, 0)))
        await stage.heard(first, plan.patience_s)
        per_s = min(plan.per_s, SHARE * await _capacity_per_s(stage, photos, plan.patience_s))
        count, sent, silent = max(LEAST, int(per_s * plan.each_s)), TRIED, stage.ledger.silent
        surprises: Mapping[str, Surprise] = {
            CALM: lambda _: nullcontext(),
            "odd answers": _odd_answers,
            "frozen": partial(_frozen, lasts_s=plan.each_s),
            "no descriptors": partial(_limited, what=resource.RLIMIT_NOFILE, most=3),
            "full disk": partial(_limited, what=resource.RLIMIT_FSIZE, most=0),
            "idle connections": partial(_idle, port=port),
            "presses without end": _presses,
        }
        for done, (name, surprise) in enumerate(surprises.items()):
            stage.ledger.forget()
            async with surprise(stage):
                await stage.crowd.send_evenly(photos, count, plan.each_s, first=sent + 1)
            await stage.all_heard(plan.patience_s)
            await stage.settled(plan.patience_s)
            stage.bot.check()
            waits[name] = Waits.of(stage.ledger.waits_s())
            sent += len(stage.ledger.sent)
            silent += stage.ledger.silent
            duplicates = duplicates.plus(stage.ledger.duplicates(keys_of(stage.chat.faults.unheard)))
            progress((done + 1) / len(surprises))
    return Surprises(sent - TRIED, per_s, plan.each_s, waits, silent, duplicates)


async def _capacity_per_s(stage: Scene, photos: Sequence[bytes], patience_s: float) -> float:
    """How many photos a second the bot answers when some come at once."""
    media = [await stage.crowd.upload(distinct(photos, number)) for number in range(1, TRIED + 1)]
    for number, one in enumerate(media, 1):
        stage.crowd.send(number, one)
    return TRIED / max(await stage.all_heard(patience_s), LOOK_S)


@asynccontextmanager
async def _odd_answers(stage: Scene) -> AsyncIterator[None]:
    """A third of Telegram's answers have a shape that none has."""
    rule = stage.chat.faults.add(FaultKind.ODD, probability=1 / 3)
    try:
        yield
    finally:
        stage.chat.faults.remove(rule)


@asynccontextmanager
async def _frozen(stage: Scene, lasts_s: float) -> AsyncIterator[None]:
    """A closed lid."""
    stage.ledger.killed(lasts_s)
    stage.bot.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        stage.bot.signal(signal.SIGCONT)


@asynccontextmanager
async def _limited(stage: Scene, what: int, most: int) -> AsyncIterator[None]:
    """What is open stays so, and no file is opened any more; or no file grows any more."""
    with stage.bot.limited(what, most):
        yield


@asynccontextmanager
async def _idle(stage: Scene, port: int) -> AsyncIterator[None]:  # noqa: ARG001 - every surprise is given the scene
    """Connections to the bot's HTTP port, of which half say the beginning of a request."""
    with ExitStack() as opened:
        for number in range(IDLE):
            with suppress(OSError):  # refused: as it should be
                one = opened.enter_context(socket.socket())
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
                await asyncio.sleep(0)
                if number % 2:
                    one.send(b"POST /telegram HTTP/1.1\r\nContent-Le")
        yield


@asynccontextmanager
async def _presses(stage: Scene) -> AsyncIterator[None]:
    """Somebody presses the ✅ of an own answer again and again."""
    async with asyncio.TaskGroup() as group:
        pressing = group.create_task(_press(stage))
        yield
        pressing.cancel()


async def _press(stage: Scene) -> None:
    chats = stage.chat.world.people
    answers = chain.from_iterable(stage.chat.messages(one) for one in chats)
    answer = next(message for message in answers if message.has_button("✅"))
    data, person = answer.data_of("✅"), chats.find(answer.chat_id)
    while True:
        stored = stage.chat.world.messages.get(answer.chat_id, answer.message_id)
        if stored is not None:
            user_actions.press(stage.chat.world, person, stored, data)
        await asyncio.sleep(1 / PRESSES_PER_S)
