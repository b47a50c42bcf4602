"""What caution would buy: how many errors are left when only the most confident photos are answered."""

from typing import TYPE_CHECKING

import numpy as np

from core.prediction import Kind
from training.evaluation.answers import Answers
from training.evaluation.confidence import risk_coverage
from training.evaluation.metrics import Metrics, Share
from training.evaluation.report.plot_theme import Theme, dress, figure, headline

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def risk_coverage_plot(answers: Answers, metrics: Metrics, theme: Theme) -> "Figure":
    """The curve, the best one that so many errors allow, and where the model works; needs a photo with a dog."""
    confidence, right = answers.confidence[answers.dogs, 0], answers.right[answers.dogs]
    risk = risk_coverage(confidence, right)
    answered = np.arange(1, len(risk) + 1)
    best = np.maximum(0, answered - right.sum()) / answered
    worst = max(0.05, float(risk[len(risk) // 20 :].max()) * 1.25)
    drawing = figure(6.4, 6.4, theme)
    axes = drawing.add_subplot()
    dress(axes, theme, x="share of dogs answered, most confident first", y="share of those that is wrong", percent="xy")
    axes.set(xlim=(0, 1.02), ylim=(0, worst))
    axes.fill_between(answered / len(risk), best, risk, color=theme.good, alpha=0.14, linewidth=0)
    axes.plot(answered / len(risk), risk, color=theme.good, linewidth=2, label="measured")
    axes.plot(answered / len(risk), best, color=theme.soft, linewidth=1.2, linestyle=(0, (4, 3)), label="perfect order")
    _working_point(drawing, answers, theme)
    headline(
        axes,
        theme,
        "What would caution buy?",
        f"mean error rate along the curve (AURC) {metrics.aurc:.4f}",
        f"{metrics.top1.n:,} photos with a dog",
    )
    axes.legend(loc="upper left", frameon=False, labelcolor=theme.ink, fontsize=9)
    return drawing


def _working_point(drawing: "Figure", answers: Answers, theme: Theme) -> None:
    """Where thresholds, of "unsure" and of "not a dog", put the model; a little off the curve, since they are two."""
    named = answers.kind[answers.dogs] == Kind.BREED
    if not named.any():
        return
    wrong = Share.of(~answers.right[answers.dogs][named])
    coverage = float(named.mean())
    axes = drawing.axes[0]
    axes.errorbar(
        coverage, wrong.value, yerr=[[wrong.value - wrong.low], [wrong.high - wrong.value]], fmt="o", color=theme.bad,
        markersize=8, elinewidth=1.2, capsize=3, markeredgecolor=theme.ground, label="as it works now", zorder=4,
    )  # fmt: skip
    axes.annotate(
        f"names a breed for {coverage:.1%} of dogs,\n{wrong.value:.1%} of those wrong".replace("%", " %"),
        (coverage, wrong.value), (-14, 10), textcoords="offset points", ha="right", va="bottom", color=theme.ink,
        fontsize=9.5,
    )  # fmt: skip
