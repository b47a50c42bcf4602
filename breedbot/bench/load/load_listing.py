"""The load bench for people: `breedbot bench load`."""

from collections.abc import Iterator, Mapping

from rich.table import Table

from breedbot.bench.load.fault_campaign import FaultCampaign
from breedbot.bench.load.inbox_bench import InboxBench
from breedbot.bench.load.load_bench import LoadBench
from breedbot.bench.load.overload import Overload
from breedbot.bench.load.surprises import STALLS, Surprises
from breedbot.bench.scale.cluster_campaign import ClusterCampaign
from breedbot.bench.scale.scale_bench import ScaleBench
from breedbot.bench.waits import Waits


def load_tables(measured: LoadBench) -> Iterator[Table]:
    """One for each part that was measured."""
    if measured.faults is not None:
        yield _faults(measured.faults)
    if measured.overload is not None:
        yield _overload(measured.overload)
    if measured.surprises is not None:
        yield _surprises(measured.surprises)
    if measured.inbox is not None:
        yield _inbox(measured.inbox)


def _faults(found: FaultCampaign) -> Table:
    title = f"faults and kill -9: {found.photos:,} photos of {found.people} people, worker: {found.worker}"
    table = _table(title, "", "")
    table.add_row("photos without any reply", str(found.silent))
    table.add_row("first replies", _counts(found.replies))
    table.add_row("given up by the bot itself", _counts(found.failures))
    table.add_row("second answers: connection cut after the effect", str(found.duplicates.cut))
    table.add_row("second answers: killed after the effect", str(found.duplicates.killed))
    table.add_row("second answers: no such reason", str(found.duplicates.unexplained))
    table.add_row("kills", f"{found.kills} in {found.seconds:.0f} s")
    table.add_row("faults", _counts(found.injected))
    table.add_row("from sending to the answer", _seconds(found.waits))
    return table


def _overload(found: Overload) -> Table:
    per_s = found.capacity_per_s
    title = f"overload: {found.times:g} times a capacity of {per_s:g} photos/s for {found.load_s:.0f} s"
    table = _table(title, "", "")
    table.add_row("photos sent", f"{found.sent:,}")
    table.add_row("answered", f"{found.answered:,}")
    table.add_row("told to come back", f"{found.told:,}")
    table.add_row("left out after such a word", f"{found.covered:,}")
    table.add_row("neither", f"{found.silent:,}")
    table.add_row("from sending to the answer, calm", _seconds(found.calm))
    table.add_row("from sending to the answer, under load", _seconds(found.accepted))
    table.add_row("from sending to the word", _seconds(found.word))
    table.add_row("after the load until nothing was left", f"{found.recovery_s:.1f} s")
    table.add_row("one photo after that", f"{found.probe_s:.2f} s")
    memory = f"{found.memory_before_mb:.0f} → {found.memory_half_mb:.0f} → {found.memory_end_mb:.0f} MB"
    table.add_row("memory before, at half time, at the end", f"{memory}, at most {found.memory_peak_mb:.0f} MB")
    return table


def _surprises(found: Surprises) -> Table:
    each = f"{found.each_s:g} s each, {found.photos:,} photos, {found.per_s:.1f} a second"
    title = f"surprises of {each}: from sending to the answer"
    table = _table(title, "", "")
    for name, waits in found.waits.items():
        stalls = f", after {found.each_s:g} s of standstill at most" if name in STALLS else ""
        table.add_row(name, f"{_seconds(waits)}{stalls}")
    table.add_row("photos answered; without any reply", f"{found.answered:,}; {found.silent}")
    table.add_row("second answers: stopped after the effect", str(found.duplicates.killed + found.duplicates.cut))
    table.add_row("second answers: no such reason", str(found.duplicates.unexplained))
    return table


def _inbox(found: InboxBench) -> Table:
    title = f"inbox: milliseconds an update, median (p95); {found.size_mb:.0f} MB, {found.waiting:,} updates wait"
    table = _table(title, "", "empty", f"{found.rows:,} rows")
    for name, timing in found.timings.items():
        table.add_row(name, _milliseconds(timing.empty), _milliseconds(timing.full))
    return table


def _table(title: str, *columns: str) -> Table:
    return Table(*columns, box=None, title=title, title_justify="left", show_header=any(columns))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "0"


def _seconds(waits: Waits) -> str:
    return f"{waits.p50_s:.1f} s (p95 {waits.p95_s:.1f}, longest {waits.max_s:.1f})" if waits.n else "–"


def _milliseconds(waits: Waits) -> str:
    return f"{1000 * waits.p50_s:.2f} ({1000 * waits.p95_s:.2f})"


def scale_tables(measured: ScaleBench) -> Iterator[Table]:
    """One for each part."""
    table = _table("one photo from the bot through the queue and back, stub worker", "", "inside", "NATS", "more")
    for name, found in (("one node", measured.overhead_one), ("three nodes, three copies", measured.overhead)):
        table.add_row(name, _milliseconds(found.local), _milliseconds(found.nats), f"{found.extra_ms:.1f} ms")
    yield table
    first = measured.scaling[0]
    table = _table(f"workers of {first.per_worker_s:g} photos/s each", "workers", "photos/s", "efficiency")
    for one in measured.scaling:
        table.add_row(str(one.workers), f"{one.per_s:.1f}", f"{one.efficiency:.1%}")
    yield table
    table = _table("one bot process, stub worker", "database", "taken in", "taken in and answered")
    for intake in measured.intake:
        table.add_row(intake.database, f"{intake.taken_per_s:.0f} photos/s", f"{intake.answered_per_s:.0f} photos/s")
    yield table
    yield _cluster(measured.cluster)


def _cluster(found: ClusterCampaign) -> Table:
    title = f"two bots, two workers, three NATS nodes, PostgreSQL: {found.photos:,} photos of {found.people} people"
    table = _table(title, "", "")
    table.add_row("ended in turn", ", ".join(found.blows))
    table.add_row("photos without any reply", str(found.silent))
    table.add_row("first replies", _counts(found.replies))
    table.add_row("predictions stored", f"{found.stored:,}")
    table.add_row("given up by the bots", _counts(found.failures))
    table.add_row("jobs left in the line, dead letters", f"{found.left}, {found.dead}")
    table.add_row("second answers: killed after the effect", str(found.duplicates.killed))
    table.add_row("second answers: no such reason", str(found.duplicates.unexplained))
    table.add_row("from sending to the answer", _seconds(found.waits))
    return table
