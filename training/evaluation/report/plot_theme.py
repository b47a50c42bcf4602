"""How plots look, on light and on dark ground: colours, axes, and pictures of them as PNG."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 130


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as CSS knows them.

    Attributes:
        ground: behind everything.
        ink: what is read first.
        soft: what is read second: scales, explanations.
        line: grids and frames.
        good: what is right, and the model itself.
        bad: what is wrong.
        heat: from nearly nothing to much, for errors.
        calm: the same for what is right, so pale that errors stand out.
    """

    name: str
    ground: str
    ink: str
    soft: str
    line: str
    good: str
    bad: str
    heat: tuple[str, ...]
    calm: tuple[str, ...]


LIGHT = Theme(
    "light", "#ffffff", "#14201b", "#5d6b64", "#d9e2dd", "#1d8a6b", "#c8452f",
    ("#fde3c8", "#f59a5b", "#d6452b", "#7d1128"), ("#eef4f1", "#b9d8cc"),
)  # fmt: skip
DARK = Theme(
    "dark", "#18211d", "#e8efeb", "#9aaaa2", "#2f3c36", "#43b893", "#ff8a6b",
    ("#4a2a1c", "#a3452a", "#f07b4a", "#ffd9a8"), ("#1e2b25", "#2f5547"),
)  # fmt: skip


def figure(width_in: float, height_in: float, theme: Theme) -> "Figure":
    """Make an empty drawing without pyplot: no global state, no window, no display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 (an extra, and slow to import)
    from matplotlib.figure import Figure  # noqa: PLC0415

    drawing = Figure(figsize=(width_in, height_in), layout="constrained", facecolor=theme.ground)
    FigureCanvasAgg(drawing)
    return drawing


def dress(axes: "Axes", theme: Theme, *, x: str = "", y: str = "", percent: str = "") -> None:
    """Label the axes and give them the theme's colours; ``percent`` names those that show shares."""
    axes.set_facecolor(theme.ground)
    axes.set_xlabel(x, color=theme.soft)
    axes.set_ylabel(y, color=theme.soft)
    axes.tick_params(colors=theme.soft, length=0, pad=6)
    axes.grid(color=theme.line, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if name in percent:
            axis.set_major_formatter(_percent)


def headline(axes: "Axes", theme: Theme, title: str, *small: str) -> None:
    """Write above the axes what is seen and, in small lines, on how much it rests."""
    axes.set_title(title + "\n" * len(small), loc="left", color=theme.ink, fontsize=12, fontweight="bold")
    lines = axes.annotate(
        "\n".join(small), (0, 1), (0, 8), xycoords="axes fraction", textcoords="offset points", color=theme.soft,
        fontsize=9.5,
    )  # fmt: skip
    lines.set_in_layout(False)  # the title keeps the room


def png(drawing: "Figure") -> bytes:
    """The drawing as a PNG file."""
    file = io.BytesIO()
    drawing.savefig(file, dpi=_DPI, format="png")
    return file.getvalue()


def _percent(share: float, _position: float) -> str:
    return f"{100 * share:g} %"
