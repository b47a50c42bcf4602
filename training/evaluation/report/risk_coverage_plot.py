"""What caution would buy: how many errors are left when only the most confident photos are answered."""

from typing import TYPE_CHECKING

import numpy as np

from core.prediction import Kind
from training.evaluation.answers import Answers
from training.evaluation.confidence import risk_coverage
from training.evaluation.metrics import Metrics, Share
from training.evaluation.report.plot_theme import Theme, dress, figure, headline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
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
    axes.set(xlim=(0, 1.02))
    axes.fill_between(answered / len(risk), best, risk, color=theme.good, alpha=0.14, linewidth=0)
    axes.plot(answered / len(risk), risk, color=theme.good, linewidth=2, label="measured")
    axes.plot(answered / len(risk), best, color=theme.soft, linewidth=1.2, linestyle=(0, (4, 3)), label="perfect order")
    axes.set_ylim(0, min(1.02, max(worst, 1.05 * _working_point(axes, answers, theme))))
    headline(
        axes,
        theme,
        "What would caution buy?",
        f"mean error rate along the curve (AURC) {metrics.aurc:.4f}",
        f"{metrics.top1.n:,} photos with a dog",
    )
    # Below the axes: the curve may go anywhere in them.
    drawing.legend(loc="outside lower left", frameon=False, labelcolor=theme.ink, fontsize=9)
    return drawing


def _working_point(axes: "Axes", answers: Answers, theme: Theme) -> float:
    """Where thresholds, of "unsure" and of "not a dog", put the model; a little off the curve, since they are two.

    Returns: how high it reaches with its interval.
    """
    named = answers.kind[answers.dogs] == Kind.BREED
    if not named.any():
        return 0.0
    wrong = Share.of(~answers.right[answers.dogs][named])
    coverage = float(named.mean())
    said = f"as it works now: names a breed for {coverage:.1%} of dogs, {wrong.value:.1%} of those wrong"
    axes.errorbar(
        coverage, wrong.value, yerr=[[wrong.value - wrong.low], [wrong.high - wrong.value]], fmt="o", color=theme.bad,
        markersize=8, elinewidth=1.2, capsize=3, markeredgecolor=theme.ground, label=said.replace("%", " %"), zorder=4,
    )  # fmt: skip
    return wrong.high
