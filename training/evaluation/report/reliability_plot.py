"""How honest confidence is: what was claimed against what came true, and how often it was claimed."""

from typing import TYPE_CHECKING

import numpy as np

from training.evaluation.answers import Answers
from training.evaluation.confidence import ECE_BINS, reliability
from training.evaluation.metrics import Metrics, Share
from training.evaluation.report.plot_theme import Theme, dress, figure, headline

_PHOTOS_A_BIN = 8  # of fewer the share that was right says next to nothing
_MANY = 100  # photos; of fewer the histogram is coarser

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def reliability_plot(answers: Answers, metrics: Metrics, theme: Theme) -> "Figure":
    """Bins of equal mass with their intervals over a histogram of the confidences; needs a photo with a dog."""
    drawing = figure(6.4, 6.4, theme)
    upper, lower = drawing.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
    bins = min(ECE_BINS, max(1, metrics.top1.n // _PHOTOS_A_BIN))
    _bins(upper, answers, bins, theme)
    _masses(lower, answers, theme)
    chance = "" if metrics.ece_by_chance is None else f"; {metrics.ece_by_chance:.3f} would be chance alone"
    headline(
        upper,
        theme,
        "Is it right as often as it says?",
        f"ECE {metrics.ece:.3f} in {ECE_BINS} bins{chance}",
        f"{metrics.top1.n:,} photos with a dog, {metrics.top1.n / bins:.0f} a point",
    )
    return drawing


def _bins(axes: "Axes", answers: Answers, count: int, theme: Theme) -> None:
    confidence, right = answers.confidence[answers.dogs, 0], answers.right[answers.dogs]
    bins = reliability(confidence, right, count)
    claimed = np.array([one.confidence for one in bins])
    true = np.array([one.accuracy for one in bins])
    shares = [Share.of(np.arange(one.n) < round(one.accuracy * one.n)) for one in bins]
    below, above = true - [share.low for share in shares], [share.high for share in shares] - true
    dress(axes, theme, y="share that was right", percent="xy")
    axes.set(xlim=(0, 1.02), ylim=(0, 1.04))
    axes.plot([0, 1], [0, 1], color=theme.soft, linewidth=1.2, linestyle=(0, (4, 3)), label="honest", zorder=1)
    axes.vlines(claimed, claimed, true, color=theme.bad, linewidth=5, alpha=0.4, label="gap", zorder=2)
    axes.errorbar(
        claimed, true, yerr=np.maximum([below, above], 0), fmt="o", color=theme.good, markersize=5.5, elinewidth=1,
        capsize=0, markeredgecolor=theme.ground, label="measured, 95 % interval", zorder=3,
    )  # fmt: skip
    axes.legend(loc="upper left", frameon=False, labelcolor=theme.ink, fontsize=9)


def _masses(axes: "Axes", answers: Answers, theme: Theme) -> None:
    confidence, right = answers.confidence[answers.dogs, 0], answers.right[answers.dogs]
    dress(axes, theme, x="confidence of the answer", y="photos", percent="x")
    edges = np.linspace(0, 1, 21 if len(right) >= _MANY else 11)
    axes.locator_params(axis="y", integer=True)
    axes.hist(
        [confidence[right], confidence[~right]], bins=edges.tolist(), stacked=True, rwidth=0.9,
        color=[theme.good, theme.bad], label=["right", "wrong"],
    )  # fmt: skip
    axes.legend(loc="upper left", frameon=False, labelcolor=theme.ink, fontsize=9)
