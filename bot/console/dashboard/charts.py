"""Small charts as SVG, drawn here: no library, no script, colours from the page's style sheet. Pure.

The drawing is stretched to its box, so words stand beside it as HTML and keep their size on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from typing import Final

from bot.texts import Html

WIDTH: Final = 1000.0  # of the drawing's own units; its height is as much
TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values, `None` where there is nothing; `style` is a class of the style sheet."""

    name: str
    style: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Axis:
    """From 0 to `top`, with words at even distances, the top one first."""

    top: float
    words: Sequence[str]


def nice_top(most: float, *, whole: bool = False) -> float:
    """The next number above that has four round quarters; `whole`: quarters that are whole numbers."""
    quarter = max(most / TICKS * 0.999, 1e-9 if not whole else 1.0)
    power = 10.0 ** floor(log10(quarter))
    steps = (1, 2, 3, 4, 5, 6, 8, 10) if whole and power == 1 else (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return float(TICKS * next(step * power for step in steps if step * power >= quarter))


def ticks(top: float) -> list[float]:
    """Values of the lines across, the top one first."""
    return [top * place / TICKS for place in range(TICKS, -1, -1)]


def bars(rows: Sequence[Series], top: float, tips: Sequence[str]) -> Html:
    """Bars that stand on each other; `tips`: what is told of each bar."""
    count = len(tips)
    step = WIDTH / count
    parts = []
    for place in range(count):
        y = WIDTH
        for row in rows:
            height = (row.values[place] or 0.0) / top * WIDTH
            if height <= 0:
                continue
            y -= height
            parts.append(_rect(place * step + step * 0.12, y, step * 0.76, height, row.style))
    return _svg([*_lines_across(), *parts, *_tips(tips)], "")


def lines(rows: Sequence[Series], top: float, tips: Sequence[str], *, marks: Sequence[float] = ()) -> Html:
    """Lines, broken where there is nothing; `marks`: places along the time, 0–1, that get an upright line."""
    parts = [f'<path class="mark" d="M{_n(place * WIDTH)} 0V{_n(WIDTH)}"/>' for place in marks]
    for row in rows:
        parts += [f'<path class="line {row.style}" d="{path}"/>' for path in _paths(row.values, top)]
    return _svg([*_lines_across(), *parts, *_tips(tips)], "")


def band(low: Series, high: Series, top: float) -> Html:
    """What lies between two lines, to be put below others: `over` joins drawings."""
    parts = []
    for run in _runs(low.values, high.values):
        there = [_point(place, len(low.values), value, top) for place, value, _ in run]
        back = [_point(place, len(low.values), value, top) for place, _, value in reversed(run)]
        parts.append(f'<path class="band {low.style}" d="M{"L".join([*there, *back])}Z"/>')
    return Html("".join(parts))


def over(below: Html, drawing: Html) -> Html:
    """Put what has no frame of its own below a drawing."""
    begin, end = drawing.split(">", 1)
    return Html(f"{begin}>{below}{end}")


def share_bar(share: float, interval: tuple[float, float]) -> Html:
    """A lying bar, 0–1, with a whisker for what it may be."""
    low, high = interval
    return _svg(
        [
            '<rect class="rail" width="1000" height="1000"/>',
            _rect(0, 0, share * WIDTH, WIDTH, "wrong"),
            f'<path class="whisker" d="M{_n(low * WIDTH)} 500H{_n(high * WIDTH)}"/>',
        ],
        ' class="share"',
    )


def plot(drawing: Html, axis: Axis, along: Sequence[str], label: str) -> Html:
    """A drawing with words at its sides: `along` at even distances from the left. `label`: for screen readers."""
    left = "".join(f"<li>{escape(word)}</li>" for word in axis.words)
    below = "".join(f"<li>{escape(word)}</li>" for word in along)
    named = drawing.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1)
    return Html(f'<div class="plot"><ol class="y">{left}</ol>{named}<ol class="x">{below}</ol></div>')


def legend(rows: Sequence[Series]) -> Html:
    """Which colour is what."""
    shown = "".join(f'<li><i class="{one.style}"></i>{escape(one.name)}</li>' for one in rows)
    return Html(f'<ul class="legend">{shown}</ul>')


def _paths(values: Sequence[float | None], top: float) -> list[str]:
    paths = []
    for run in _runs(values, values):
        points = [_point(place, len(values), value, top) for place, value, _ in run]
        # One point alone has no length; a line of none, with round ends, is a dot.
        paths.append(f"M{'L'.join(points if len(points) > 1 else points * 2)}")
    return paths


def _runs(first: Sequence[float | None], second: Sequence[float | None]) -> list[list[tuple[int, float, float]]]:
    """Stretches without a gap: place and both values."""
    runs: list[list[tuple[int, float, float]]] = [[]]
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        if one is None or other is None:
            runs.append([])
        else:
            runs[-1].append((place, one, other))
    return [run for run in runs if run]


def _point(place: int, count: int, value: float, top: float) -> str:
    return f"{_n((place + 0.5) * WIDTH / count)} {_n(WIDTH - min(value / top, 1.0) * WIDTH)}"


def _lines_across() -> list[str]:
    return [f'<path class="across" d="M0 {_n(place * WIDTH / TICKS)}H{_n(WIDTH)}"/>' for place in range(TICKS + 1)]


def _tips(tips: Sequence[str]) -> list[str]:
    """Invisible columns that tell, under the pointer, what is there; the page's script does it sooner, and at a tap."""
    step = WIDTH / max(1, len(tips))
    return [
        f'<rect class="tip" x="{_n(place * step)}" width="{_n(step)}" height="1000"><title>{escape(tip)}</title></rect>'
        for place, tip in enumerate(tips)
    ]


def _rect(x: float, y: float, width: float, height: float, style: str) -> str:
    return f'<rect class="{style}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"/>'


def _svg(parts: Sequence[str], attributes: str) -> Html:
    return Html(f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none"{attributes}>{"".join(parts)}</svg>')


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
