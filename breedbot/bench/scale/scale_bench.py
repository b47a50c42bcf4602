"""`breedbot bench load --scale`: what growing past one process costs, and what it survives."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from breedbot.bench.load.intake_bench import Intake, run_intake
from breedbot.bench.scale.cluster_campaign import ClusterCampaign, ClusterPlan, run_cluster_campaign
from breedbot.bench.scale.queue_bench import Overhead, Scaling, run_overhead, run_scaling
from breedbot.bench.scale.servers import nats_nodes, nats_url, postgres_server
from breedbot.bench.serving.conditions import conditions

PARTS = 4
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class ScalePlan:
    """How large the parts are.

    Attributes:
        overhead_runs: photos, one after the other.
        workers: how many, each time.
        batch_s, batch_photos: a simulated worker takes so long for so many.
        steady_s: each count of workers is measured for so long.
        intake_photos: that wait for one bot.
    """

    overhead_runs: int = 300
    workers: Sequence[int] = (1, 2, 4, 8, 16)
    batch_s: float = 1.0
    batch_photos: int = 4
    steady_s: float = 15.0
    intake_photos: int = 2000
    cluster: ClusterPlan = field(default_factory=ClusterPlan)


QUICK = ScalePlan(
    overhead_runs=20,
    workers=(1, 2),
    batch_s=0.2,
    batch_photos=2,
    steady_s=2.0,
    intake_photos=100,
    cluster=ClusterPlan(
        photos=40,
        people=8,
        send_s=50.0,
        every_s=1.0,
        node_away_s=2.0,
        database_away_s=2.0,
        frozen_s=9.0,
        cut_off_s=9.0,
    ),
)


@dataclass(frozen=True, slots=True)
class ScaleBench:
    """Everything by NATS with three nodes and three copies, except `overhead_one`: one node."""

    overhead_one: Overhead
    overhead: Overhead
    scaling: list[Scaling]
    intake: list[Intake]
    cluster: ClusterCampaign
    conditions: dict[str, str | int | float]

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, and nothing said twice without a reason."""
        return self.cluster.holds

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        efficiencies = {str(one.workers): round(one.efficiency, 4) for one in self.scaling}
        return asdict(self) | {"efficiency": efficiencies, "holds": self.holds}


async def run_scale_bench(plan: ScalePlan, bot: Sequence[str], *, progress: Progress) -> ScaleBench:
    """With real servers in temporary folders.

    Args:
        plan: how much.
        bot: the command of a bot without a worker.
        progress: is told how many of `PARTS` are done.

    Raises:
        LifeEnded: a program ended by itself.
        ServersMissing: the servers are not installed.
    """
    with TemporaryDirectory(prefix="breedbot-scale-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        found = conditions()
        async with nats_nodes(folder / "one", 1) as nodes:
            one = await run_overhead(nats_url(nodes), plan.overhead_runs)
        async with nats_nodes(folder / "three", 3) as nodes:
            three = await run_overhead(nats_url(nodes), plan.overhead_runs)
            progress(1)
            scaling = await run_scaling(
                lambda prefix: nats_url(nodes, prefix), plan.workers, plan.batch_s, plan.batch_photos, plan.steady_s,
                folder, lambda share: progress(1 + share),
            )  # fmt: skip
        intake = await _polling(plan, folder)
        progress(3)
        cluster = await run_cluster_campaign(plan.cluster, bot, folder / "cluster", lambda share: progress(3 + share))
        return ScaleBench(one, three, scaling, intake, cluster, found)


async def _polling(plan: ScalePlan, folder: Path) -> list[Intake]:
    """On both databases; the worker is a stub inside the bot's process."""
    found = [await run_intake(plan.intake_photos, folder / "sqlite", {}, {})]
    async with postgres_server() as first, postgres_server() as second:
        settings = ({"DATABASE_URL": server.url} for server in (first, second))
        found.append(await run_intake(plan.intake_photos, folder / "postgresql", *settings))
    return found
