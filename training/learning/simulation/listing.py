"""A simulation for people."""

from rich.table import Table

from training.learning.simulation.rules import Review
from training.learning.simulation.simulate import Simulation


def simulation_table(simulation: Simulation) -> Table:
    """One way to review a line, after the last round; means over the repeats, with 95 % intervals."""
    rules, last = simulation.rules, simulation.rounds[Review.NONE][0][-1]
    repeats = f"{len(simulation.seeds)} repeats" if len(simulation.seeds) > 1 else "1 repeat"
    start = simulation.rounds[Review.TRUTH]
    title = (
        f"{rules.mix}: {rules.rounds} rounds, {last.corrections:,} corrections and "
        f"{last.claims - last.corrections:,} ✅ by {rules.users} people, {repeats}; "
        f"golden accuracy at first {_mean([rounds[0].golden.mean() for rounds in start]):.1%}"
    )
    table = Table(
        "",
        "golden, %",
        "test, %",
        "behind true labels, golden",
        "test",
        "right claims accepted",
        "wrong ones",
        "attacked breed’s recall fell by",
        box=None,
        title=title,
        title_justify="left",
    )
    for review in simulation.rounds:
        lasts = [rounds[-1] for rounds in simulation.rounds[review]]
        right = _mean([(one.accepted - one.accepted_wrong) / max(one.claims - one.wrong, 1) for one in lasts])
        wrong = _mean([one.accepted_wrong / max(one.wrong, 1) for one in lasts])
        taught = (f"{right:.0%}", f"{wrong:.0%}") if review is not Review.TRUTH else ("all", "put right")
        table.add_row(
            review.value,
            simulation.golden(review).points,
            simulation.test(review).points,
            simulation.gap(review).points,
            simulation.gap(review, "test").points,
            *taught,
            simulation.fall(review).points if rules.mix.flips else "–",
        )
    return table


def _mean(values: list[float]) -> float:
    return float(sum(values) / len(values))
