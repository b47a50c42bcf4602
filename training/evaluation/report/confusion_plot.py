"""What is taken for what: a confusion matrix in which look-alikes are neighbours and errors outshine what is right."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG
from training.evaluation.answers import Answers
from training.evaluation.confusions import confusion, look_alike_order
from training.evaluation.report.breed_names import display_name
from training.evaluation.report.plot_theme import Theme, dress, figure, headline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABELS_LIMIT = 140  # more rows than this cannot be read at any size
_CELL_IN, _SIDE_IN = 0.17, 3.2  # of a cell, and of the matrix at least
_TICKS = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1)
_POWER = 0.6  # few errors are seen, too
_TICK_IN = 0.45  # closer ones would meet
_BAR_IN = 1.5  # at least


def confusion_plot(answers: Answers, theme: Theme) -> "Figure":
    """One row a label with the shares of its photos, and beside it the share that is right."""
    labels, counts = confusion(answers.truth, answers.answer)
    order = look_alike_order(answers, labels)
    labels, counts = [labels[place] for place in order], counts[np.ix_(order, order)]
    side = max(_SIDE_IN, _CELL_IN * len(labels))
    drawing = figure(side + 3.4, side + 3, theme)
    matrix = drawing.add_subplot()
    dress(matrix, theme, x="answer", y="truth")
    _cells(drawing, matrix, counts, theme)
    _frame(matrix, labels, theme)
    _right(matrix.inset_axes((1 + 0.1 / side, 0, 0.8 / side, 1)), counts, theme)
    headline(
        matrix,
        theme,
        "What is taken for what?",
        f"numbers are photos, {len(answers.truth):,} in all",
        "look-alikes are neighbours; green: right",
    )
    return drawing


def _cells(drawing: "Figure", axes: "Axes", counts: NDArray[np.intp], theme: Theme) -> None:
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm  # noqa: PLC0415 (an extra, and slow to import)

    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    own = np.eye(len(counts), dtype=np.bool_)
    calm = LinearSegmentedColormap.from_list("calm", theme.calm)
    heat = LinearSegmentedColormap.from_list("heat", theme.heat)
    errors = np.ma.masked_where(own | (counts == 0), shares)
    most = max(0.1, float(errors.max())) if errors.count() else 0.1
    axes.imshow(np.ma.masked_where(~own, shares), cmap=calm, vmin=0, vmax=1)
    image = axes.imshow(errors, cmap=heat, norm=PowerNorm(_POWER, 0, most))
    side = max(_SIDE_IN, _CELL_IN * len(counts))
    length = max(_BAR_IN, 0.35 * side)
    bar = drawing.colorbar(
        image, ax=axes, location="bottom", shrink=length / side, aspect=length / 0.06, pad=0.15 / side, anchor=(0, 0)
    )
    bar.set_ticks(_apart([tick for tick in _TICKS if tick <= most], lambda tick: length * (tick / most) ** _POWER))
    _dress_bar(bar, theme)
    if len(counts) <= _LABELS_LIMIT:
        for row, column in zip(*np.nonzero(counts * ~own), strict=True):
            loud = shares[row, column] > 0.45 * most
            axes.text(
                column, row, str(counts[row, column]), ha="center", va="center", fontsize=7.5,
                color=theme.ground if loud else theme.ink,
            )  # fmt: skip


def _apart(ticks: list[float], place_in: Callable[[float], float]) -> list[float]:
    """Those that leave room for the words of the one before."""
    kept = ticks[:1]
    for tick in ticks[1:]:
        if place_in(tick) - place_in(kept[-1]) >= _TICK_IN:
            kept.append(tick)
    return kept


def _dress_bar(bar: Any, theme: Theme) -> None:
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=theme.soft, length=0, labelsize=8)
    bar.ax.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    bar.set_label("share of a row's photos, where wrong", color=theme.soft, fontsize=8)


def _frame(axes: "Axes", labels: list[str], theme: Theme) -> None:
    axes.set(xlim=(-0.5, len(labels) - 0.5), ylim=(len(labels) - 0.5, -0.5))
    axes.grid(visible=False)
    edges = np.arange(0.5, len(labels) - 1)  # as lines: a hundred minor ticks would take seconds
    axes.hlines(edges, -0.5, len(labels) - 0.5, color=theme.line, linewidth=0.35)
    axes.vlines(edges, -0.5, len(labels) - 0.5, color=theme.line, linewidth=0.35)
    if len(labels) > _LABELS_LIMIT:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    names = [display_name(label) for label in labels]
    axes.set_xticks(range(len(labels)), names, rotation=90, fontsize=8.5, color=theme.ink)
    axes.set_yticks(range(len(labels)), names, fontsize=8.5, color=theme.ink)
    if NOT_A_DOG in labels:
        axes.axhline(len(labels) - 1.5, color=theme.soft, linewidth=0.8)
        axes.axvline(len(labels) - 1.5, color=theme.soft, linewidth=0.8)


def _right(axes: "Axes", counts: NDArray[np.intp], theme: Theme) -> None:
    """Draw the diagonal as bars: there it can be read off, and in the matrix it may be pale."""
    photos = counts.sum(axis=1)
    shares = np.divide(counts.diagonal(), photos, out=np.zeros(len(counts)), where=photos > 0)
    dress(axes, theme, percent="x")
    axes.grid(visible=False)
    axes.barh(range(len(counts)), np.where(photos > 0, 1, 0), color=theme.calm[0], height=0.72)
    axes.barh(range(len(counts)), shares, color=theme.good, height=0.72)
    axes.set(xlim=(0, 1), ylim=(len(counts) - 0.5, -0.5), yticks=[], xticks=[0, 1])
    axes.tick_params(labelsize=7)
    least, most = axes.get_xticklabels()
    least.set_horizontalalignment("left")  # not below the matrix, whose last name is there
    most.set_horizontalalignment("right")
    axes.set_xlabel("right", fontsize=8, color=theme.soft)
