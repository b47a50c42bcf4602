"""`breedbot bench load`: a bot in Telegram's weather, under ten times its load, surprised, beside a million updates."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from bot.errors import BotError
from breedbot.bench.load.fault_campaign import FaultCampaign, FaultPlan, run_fault_campaign
from breedbot.bench.load.inbox_bench import InboxBench, run_inbox_bench
from breedbot.bench.load.overload import Overload, OverloadPlan, run_overload
from breedbot.bench.load.surprises import SurprisePlan, Surprises, run_surprises
from breedbot.bench.serving.conditions import conditions
from breedbot.bench.serving.sample_photos import WIDTH_PX, sample_photo

SAMPLES = 16
SMALL_PX = 256  # wide: clouds are searched for small dogs where they have the pixels, at five times the cost of a photo
Progress = Callable[[float], None]


class Part(StrEnum):
    """Of the measurement."""

    FAULTS = "faults"
    OVERLOAD = "overload"
    SURPRISES = "surprises"
    INBOX = "inbox"


class NoSuchPart(BotError):
    """The measurement has no such part."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Which parts, and how large they are.

    Attributes:
        stub_s: None = the campaign runs the real bot; else a stub takes so long for a photo, and Telegram's limits are
            `hurry` times as fast as they are.
    """

    parts: frozenset[Part] = frozenset(Part)
    faults: FaultPlan = field(default_factory=FaultPlan)
    overload: OverloadPlan = field(default_factory=OverloadPlan)
    surprises: SurprisePlan = field(default_factory=SurprisePlan)
    inbox_rows: int = 1_000_000
    inbox_runs: int = 300
    stub_s: float | None = None
    hurry: float = 1.0

    def only(self, parts: Iterable[str]) -> Self:
        """Without the other parts; none named = all. Raises: NoSuchPart."""
        wanted = frozenset(parts) or frozenset(Part)
        if unknown := sorted(wanted - frozenset(Part)):
            raise NoSuchPart(f"{unknown[0]!r} is no part of this; there are {', '.join(Part)}")
        return replace(self, parts=frozenset(Part(name) for name in wanted))


QUICK = LoadPlan(
    faults=FaultPlan(photos=40, people=10, send_s=10.0, kill_every_s=8.0, patience_s=300.0),
    overload=OverloadPlan(people=40, capacity_per_s=10.0, calm_s=1.0, load_s=4.0, patience_s=300.0),
    surprises=SurprisePlan(people=10, each_s=3.0),
    inbox_rows=5_000,
    inbox_runs=10,
    stub_s=0.05,
    hurry=50.0,
)


@dataclass(frozen=True, slots=True)
class LoadBench:
    """What was measured; None = that part was not asked for."""

    faults: FaultCampaign | None
    overload: Overload | None
    surprises: Surprises | None
    inbox: InboxBench | None
    conditions: dict[str, str | int | float]

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, and nothing said twice without a reason."""
        campaigns = all(one is None or one.holds for one in (self.faults, self.surprises))
        return campaigns and (self.overload is None or not self.overload.silent)

    def to_json(self) -> dict[str, Any]:
        """For programs; seconds to the tenth of a millisecond."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded | {"holds": self.holds}


async def run_load_bench(
    plan: LoadPlan, real_bot: Sequence[str], photos: Sequence[bytes] = (), *, progress: Progress
) -> LoadBench:
    """In temporary folders, one part after the other.

    Args:
        plan: what to measure.
        real_bot: the command of a whole bot.
        photos: for the campaign; none = generated ones.
        progress: is told how many parts are done, and how much of the next one.

    Raises:
        LifeEnded: a bot ended by itself.
    """
    found, done = conditions(), _Done(progress)
    faults = overload = surprises = inbox = None
    if Part.FAULTS in plan.parts:
        faults = await _faults(plan, real_bot, photos, done.next())
    if Part.OVERLOAD in plan.parts:
        with _folder() as folder:
            overload = await run_overload(plan.overload, folder=folder, progress=done.next())
    if Part.SURPRISES in plan.parts:
        files, command = photos or _samples(SMALL_PX), _bot(plan, real_bot)[0]
        with _folder() as folder:
            surprises = await run_surprises(plan.surprises, command, files, folder=folder, progress=done.next())
    if Part.INBOX in plan.parts:
        with _folder() as folder:
            inbox = await run_inbox_bench(plan.inbox_rows, plan.inbox_runs, folder, done.next())
    return LoadBench(faults, overload, surprises, inbox, found)


async def _faults(
    plan: LoadPlan, real_bot: Sequence[str], photos: Sequence[bytes], progress: Progress
) -> FaultCampaign:
    command, worker = _bot(plan, real_bot)
    with _folder() as folder:
        return await run_fault_campaign(
            plan.faults, command, photos or _samples(), worker=worker, folder=folder, progress=progress
        )


def _bot(plan: LoadPlan, real_bot: Sequence[str]) -> tuple[Sequence[str], str]:
    """Its command, and what looks at photos in it."""
    if plan.stub_s is None:
        return real_bot, "real"
    stub = (sys.executable, "-m", "breedbot.bench.scale.stub_bot", str(plan.stub_s), "1", str(plan.hurry))
    return stub, f"stub, {plan.stub_s} s a photo"


def _samples(width_px: int = WIDTH_PX) -> list[bytes]:
    return [sample_photo(seed, width_px, width_px * 3 // 4) for seed in range(SAMPLES)]


class _Done:
    """Parts that are finished."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._parts = -1

    def next(self) -> Progress:
        """Another part begins. Returns: what it tells its share to."""
        self._parts += 1
        before = self._parts
        return lambda share: self._progress(before + share)


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="breedbot-load-", ignore_cleanup_errors=True) as place:
        yield Path(place)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {str(key): _rounded(one) for key, one in value.items()}
    return value
