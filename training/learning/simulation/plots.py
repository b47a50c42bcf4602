"""A simulation as files: its numbers, and pictures of accuracy by round, what was accepted, and the attacked breed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.atomic_file import write_whole
from training.evaluation.report.breed_names import display_name
from training.evaluation.report.plot_theme import LIGHT, Theme, dress, figure, headline, png
from training.learning.simulation.gap import Estimate
from training.learning.simulation.rounds import RoundResult
from training.learning.simulation.rules import Review
from training.learning.simulation.simulate import Simulation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS = "simulation.json"
_SOLID, _DASHED, _DOTTED = "-", (0, (4, 3)), ":"


def write_simulation(simulation: Simulation, folder: Path) -> list[Path]:
    """Write each whole. Returns: the files."""
    contents = {NUMBERS: (json.dumps(simulation.to_json(), indent=1) + "\n").encode()} | simulation_plots(simulation)
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]


def simulation_plots(simulation: Simulation, theme: Theme = LIGHT) -> dict[str, bytes]:
    """PNG files by name."""
    drawn = {"simulation-accuracy.png": _accuracy, "simulation-claims.png": _claims}
    if simulation.rules.mix.flips:
        drawn["simulation-breed.png"] = _breed
    found = {}
    for name, draw in drawn.items():
        drawing = figure(8.2, 3.4 if draw is _claims else 5.0, theme)
        draw(drawing.add_subplot(), simulation, theme)
        found[name] = png(drawing)
    return found


def _accuracy(axes: "Axes", simulation: Simulation, theme: Theme) -> None:
    _rounds(axes, simulation, theme, lambda one: float(one.golden.mean()), "golden photos that are right")
    gap = simulation.gap(Review.POLICY)
    headline(
        axes, theme, f"With the trust policy {_points(gap.value)} behind true labels",
        f"people: {_people(simulation)}; means and range of {_repeats(simulation)};",
        f"after the last round {_numbers(gap)} points behind (95 % interval)",
    )  # fmt: skip


def _breed(axes: "Axes", simulation: Simulation, theme: Theme) -> None:
    _rounds(axes, simulation, theme, lambda one: one.victim, "photos of the attacked breed that are right")
    fall = simulation.fall(Review.POLICY)
    attacks = dict.fromkeys(f"{display_name(one.victim)} → {display_name(one.decoy)}" for one in simulation.attacks)
    named = ", ".join(list(attacks)[:2]) + (" …" if len(attacks) > 2 else "")
    change = f"falls by {_points(fall.value)}" if fall.value >= 0 else f"rises by {_points(-fall.value)}"
    headline(
        axes, theme, f"With the trust policy the attacked breed’s recall {change}",
        f"{100 * simulation.rules.mix.flips:g} % of the claims about one breed call it by its look-alike’s name;",
        f"{named}; mean and range of {_repeats(simulation)}",
    )  # fmt: skip


def _rounds(
    axes: "Axes", simulation: Simulation, theme: Theme, measure: Callable[[RoundResult], float], name: str
) -> None:
    beside = ", as many confirmations beside them" if _even(simulation) else ""
    dress(axes, theme, x=f"corrections so far{beside}", y=name, percent="y")
    styles = {
        Review.TRUTH: (theme.ink, _DOTTED), Review.PERFECT: (theme.soft, _DASHED),
        Review.POLICY: (theme.good, _SOLID), Review.NONE: (theme.bad, _SOLID),
    }  # fmt: skip
    for review, (colour, style) in styles.items():
        values = np.array([[measure(one) for one in rounds] for rounds in simulation.rounds[review]])
        corrections = [one.corrections for one in simulation.rounds[review][0]]
        if review in {Review.POLICY, Review.NONE}:
            axes.fill_between(
                corrections, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.13, linewidth=0
            )
        axes.plot(corrections, values.mean(axis=0), color=colour, linestyle=style, linewidth=1.8, label=review.value)
    axes.legend(loc="best", frameon=False, labelcolor=theme.ink, fontsize=9)


def _claims(axes: "Axes", simulation: Simulation, theme: Theme) -> None:
    dress(axes, theme, x="claims, mean of the repeats")
    reviews = [Review.PERFECT, Review.POLICY, Review.NONE]
    lasts = [[rounds[-1] for rounds in simulation.rounds[review]] for review in reviews]
    right = np.array([np.mean([one.accepted - one.accepted_wrong for one in some]) for some in lasts])
    wrong = np.array([np.mean([one.accepted_wrong for one in some]) for some in lasts])
    rest = np.array([np.mean([one.claims - one.accepted for one in some]) for some in lasts])
    names = [review.value for review in reviews]
    axes.barh(names, right, height=0.55, color=theme.good, label="accepted, right")
    axes.barh(names, wrong, left=right, height=0.55, color=theme.bad, label="accepted, wrong")
    axes.barh(names, rest, left=right + wrong, height=0.55, color=theme.line, label="waits, or rejected")
    axes.tick_params(axis="y", colors=theme.ink, labelsize=10)
    axes.grid(visible=False, axis="y")
    axes.set_ylim(-0.5, len(names) + 0.1)
    axes.legend(loc="upper left", ncols=3, frameon=False, labelcolor=theme.ink, fontsize=9)
    made = float(np.mean([one.wrong for one in lasts[1]]))
    let = f"{wrong[1]:.0f} of {made:.0f} wrong claims"
    headline(axes, theme, f"The trust policy lets {let} through", f"people: {_people(simulation)}")


def _even(simulation: Simulation) -> bool:
    return simulation.rules.corrections == simulation.rules.confirmations


def _people(simulation: Simulation) -> str:
    shares = [f"{100 * share:g} % {kind}" for kind, share in simulation.rules.mix.others.items()]
    flips = simulation.rules.mix.flips
    return ", ".join(shares) + (f"; {100 * flips:g} % of the claims about one breed colluding" if flips else "")


def _repeats(simulation: Simulation) -> str:
    return f"{len(simulation.seeds)} repeats" if len(simulation.seeds) > 1 else "one run"


def _numbers(gap: Estimate) -> str:
    return f"{100 * gap.low:.1f} to {100 * gap.high:.1f}".replace("-", "−")


def _points(share: float) -> str:
    return f"{100 * share:.1f} points"
