"""The study of breeds in five pictures: accuracy, look-alikes, pairs, confidence, photos a breed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from training.evaluation.report.breed_names import display_name
from training.evaluation.report.plot_theme import LIGHT, Theme, dress, figure, headline, png
from training.studies.breeds.findings import Findings, Pair, Point
from training.studies.breeds.subsets import Kind
from training.studies.breeds.trial_bootstrap import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAIRS = 15
_Corner = Literal["lower left", "lower right", "upper right"]
_KINDS: tuple[tuple[Kind, str], ...] = (("easy", "unlike each other"), ("hard", "look-alikes"), ("random", "at random"))


def breeds_plots(findings: Findings, theme: Theme = LIGHT) -> dict[str, bytes]:
    """PNG files by name."""
    drawn = {}
    for name, draw, height_in in (
        ("accuracy", _accuracy, 5.2),
        ("look-alikes", _merged, 4.6),
        ("pairs", _pairs, 5.6),
        ("confidence", _confidence, 4.6),
        ("photos", _learning, 4.6),
    ):
        drawing = figure(8.2, height_in, theme)
        draw(drawing.add_subplot(), findings, theme)
        drawn[name] = png(drawing)
    return drawn


def _accuracy(axes: "Axes", findings: Findings, theme: Theme) -> None:
    dress(axes, theme, x="breeds to choose from", y="answers that are right", percent="y")
    _sizes(axes, findings)
    chances = findings.chances
    axes.plot(
        list(chances), [top1 for top1, _ in chances.values()], color=theme.soft, linewidth=1.2, linestyle=(0, (4, 3)),
        zorder=1, label="the head for all breeds, asked of fewer",
    )  # fmt: skip
    for kind, name in _KINDS:
        points, colour = _of_kind(findings, kind), _colour(kind, theme)
        _line(axes, points, [point.top1 for point in points], colour, theme, name)
        for point in points:
            if kind == "random" and point.subsets > 1:
                axes.plot([point.size] * point.subsets, point.single, ".", color=colour, alpha=0.25, markersize=5)
    top3 = _of_kind(findings, "random")
    axes.plot(
        [point.size for point in top3], [point.top3.value for point in top3], color=theme.ink, linewidth=1,
        linestyle=":", label="at random, right breed among the first three",
    )  # fmt: skip
    for point in (point for point in findings.points if point.kind == "five"):
        axes.plot(
            [point.size], [point.top1.value], marker="D", color=theme.ground, markeredgecolor=theme.ink, zorder=4,
            linestyle="none", label="the five of the reference study",
        )  # fmt: skip
    _legend(axes, theme, "lower right")
    most = next(point for point in findings.points if point.kind == "all")
    headline(
        axes, theme, "How often it is right, by the number of breeds",
        "bars: 95 % intervals over test photos and choices of breeds; dots: single random choices;",
        f"{most.answers:,} test photos, {most.each} training photos a breed",
    )  # fmt: skip


def _merged(axes: "Axes", findings: Findings, theme: Theme) -> None:
    points, fall = _of_kind(findings, "random"), findings.fall
    sizes = [point.size for point in points]
    dress(axes, theme, x="breeds to choose from, at random", y="answers that are right", percent="y")
    _sizes(axes, findings)
    axes.fill_between(
        sizes, [point.top1.value for point in points], [point.merged.value for point in points], color=theme.bad,
        alpha=0.15, linewidth=0,
    )  # fmt: skip
    _line(axes, points, [point.merged for point in points], theme.good, theme, "if look-alikes were one breed")
    _line(axes, points, [point.top1 for point in points], theme.ink, theme, "as it is")
    _legend(axes, theme)
    pairs = sum(pair.look_alikes for pair in findings.pairs)
    headline(
        axes, theme, f"{pairs} pairs of look-alikes make {_percent(fall.explained.value)} of the fall",
        f"95 % interval {_percent(fall.explained.low)} to {_percent(fall.explained.high)}; pairs were chosen on "
        "training photos",
    )  # fmt: skip


def _pairs(axes: "Axes", findings: Findings, theme: Theme) -> None:
    shown = findings.pairs[:PAIRS][::-1]
    names = [_both(pair) for pair in shown]
    held_out = [pair.train_errors / max(findings.train_errors, 1) for pair in shown]
    tested = [pair.test_errors / max(findings.test_errors, 1) for pair in shown]
    dress(axes, theme, x="share of all errors, every breed competing", percent="x")
    axes.barh(names, held_out, height=0.62, color=[theme.bad if pair.look_alikes else theme.soft for pair in shown])
    axes.plot(tested, names, "o", color=theme.ground, markeredgecolor=theme.ink, markersize=6, label="test photos")
    axes.tick_params(axis="y", colors=theme.ink, labelsize=9)
    axes.grid(visible=False, axis="y")
    _legend(axes, theme, "lower right")
    headline(
        axes, theme, f"{len(shown)} of {_possible(findings):,} pairs make {_percent(sum(held_out))} of the errors",
        f"bars: {findings.train_errors} errors among {findings.train_photos:,} training photos,",
        "each answered by a head that never saw it;",
        f"circles: {findings.test_errors} errors among {findings.test_photos:,} test photos",
    )  # fmt: skip


def _confidence(axes: "Axes", findings: Findings, theme: Theme) -> None:
    dress(axes, theme, x="breeds to choose from", y="calibration error (ECE)")
    _sizes(axes, findings)
    for kind, name in _KINDS:
        points = _of_kind(findings, kind)
        _line(axes, points, [point.ece for point in points], _colour(kind, theme), theme, name)
    points = _of_kind(findings, "random")
    axes.plot(
        [point.size for point in points], [point.ece_by_chance for point in points], color=theme.soft, linewidth=1.2,
        linestyle=(0, (4, 3)), label="what chance alone would show (at random)",
    )  # fmt: skip
    axes.set_ylim(0, None)
    _legend(axes, theme, "upper right")
    headline(
        axes, theme, "Is confidence as honest with more breeds?",
        "one temperature for each choice of breeds, by its validation photos; all answers of a size together,",
        "15 bins of equal mass; bars: 95 % intervals",
    )  # fmt: skip


def _learning(axes: "Axes", findings: Findings, theme: Theme) -> None:
    dress(axes, theme, x="training photos a breed", y="answers that are right", percent="y")
    axes.set_xscale("log")
    sizes = sorted({point.size for point in findings.learning})
    colours = (theme.good, theme.soft, theme.bad)
    ticks: dict[float, str] = {}
    most = max(point.each or 0 for point in findings.learning)
    for colour, size in zip(colours, sizes, strict=False):
        points = [point for point in findings.learning if point.size == size]
        places = [float(point.each or 1.7 * most) for point in points]
        ticks |= {place: str(point.each or "all") for place, point in zip(places, points, strict=True)}
        _marks(axes, places, [point.top1 for point in points], colour, theme, f"{size} breeds")
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.minorticks_off()
    _legend(axes, theme, "lower right")
    headline(
        axes, theme, "What more photos of each breed bring",
        "the same choices of breeds at each number of photos; bars: 95 % intervals",
    )  # fmt: skip


def _line(
    axes: "Axes", points: Sequence[Point], estimates: Sequence[Estimate], colour: str, theme: Theme, name: str
) -> None:
    _marks(axes, [float(point.size) for point in points], estimates, colour, theme, name)


def _marks(
    axes: "Axes", places: Sequence[float], estimates: Sequence[Estimate], colour: str, theme: Theme, name: str
) -> None:
    values = np.array([one.value for one in estimates])
    below = np.maximum(values - [one.low for one in estimates], 0)
    above = np.maximum([one.high for one in estimates] - values, 0)
    axes.errorbar(
        places, values, yerr=[below, above], fmt="o-", color=colour, markersize=5.5, linewidth=1.6, elinewidth=1,
        capsize=0, markeredgecolor=theme.ground, label=name, zorder=3,
    )  # fmt: skip


def _sizes(axes: "Axes", findings: Findings) -> None:
    sizes = sorted({point.size for point in findings.points})
    axes.set_xlim(0, sizes[-1] * 1.03)
    axes.set_xticks(sizes, [str(size) for size in sizes])


def _of_kind(findings: Findings, kind: Kind) -> list[Point]:
    """By size; all breeds are the end of every line."""
    return sorted((point for point in findings.points if point.kind in {kind, "all"}), key=lambda point: point.size)


def _colour(kind: Kind, theme: Theme) -> str:
    return {"easy": theme.good, "hard": theme.bad}.get(kind, theme.ink)


def _legend(axes: "Axes", theme: Theme, place: _Corner = "lower left") -> None:
    axes.legend(loc=place, frameon=False, labelcolor=theme.ink, fontsize=9)


def _both(pair: Pair) -> str:
    return " / ".join(display_name(breed) for breed in pair.breeds)


def _possible(findings: Findings) -> int:
    breeds = max(point.size for point in findings.points)
    return breeds * (breeds - 1) // 2


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
