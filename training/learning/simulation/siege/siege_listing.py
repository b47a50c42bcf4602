"""Attacks for people: one a line, beside what honest people alone make of the same model."""

from collections.abc import Sequence

from rich.table import Table

from training.learning.simulation.siege.attacks import AttackKind
from training.learning.simulation.siege.siege import SiegeResult


def siege_table(results: Sequence[SiegeResult]) -> Table:
    """The first one is without any attack."""
    quiet = results[0]
    table = Table(
        "attack", "accepted, of hostile claims", "set aside of them", "retrains passed",
        "attacked breeds’ mean probability: before, after, without the attack", "top-1",
        "honest claims accepted", "set aside of them", box=None,
        title=f"{quiet.unseen:,} unseen photos; top-1 before {quiet.top1_before:.1%}", title_justify="left",
    )  # fmt: skip
    for one in results:
        breeds = sorted({pair[0] for pair in AttackKind(one.attack).pairs} & set(quiet.breeds))
        unattacked = sum(quiet.breeds[breed] for breed in breeds) / len(breeds) if breeds else quiet.victim_after
        table.add_row(
            one.attack,
            f"{one.hostile_accepted} of {one.hostile}",
            str(one.hostile_set_aside),
            f"{one.passed} of {one.retrains}",
            f"{one.victim_before:.3f}, {one.victim_after:.3f}, {unattacked:.3f} (n {one.unseen_of_victims})",
            f"{one.top1_after:.1%}",
            f"{one.honest_accepted} of {one.honest}",
            str(one.honest_set_aside),
        )
    return table
