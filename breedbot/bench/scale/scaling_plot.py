"""A drawing of how throughput grows with workers, as SVG. Pure."""

from collections.abc import Sequence

from breedbot.bench.scale.queue_bench import Scaling

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 24, 48
INK, GREY, BLUE = "#1f2933", "#9aa5b1", "#2563eb"
_TEXT = f'font-family="sans-serif" font-size="13" fill="{INK}"'


def scaling_svg(measured: Sequence[Scaling]) -> str:
    """What was measured as dots, and what the workers could at most as a line."""
    most = max(one.workers for one in measured)
    top = most * measured[0].per_worker_s * 1.1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _line(_x(0, most), _y(0, top), _x(most, most), _y(0, top), INK),
        _line(_x(0, most), _y(0, top), _x(0, most), _y(top, top), INK),
        _line(_x(0, most), _y(0, top), _x(most, most), _y(most * measured[0].per_worker_s, top), GREY, "6 4"),
        _words(WIDTH / 2, HEIGHT - 8, "simulated workers", "middle"),
        _words(LEFT + 8, TOP + 8, "photos a second; dashed: all workers always busy", "start"),
    ]
    for one in measured:
        x, y = _x(one.workers, most), _y(one.per_s, top)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{BLUE}"/>')
        parts.append(_words(x, _y(0, top) + 18, str(one.workers), "middle"))
        side, anchor = (-8, "end") if one.workers == most > 1 else (8, "start")
        parts.append(_words(x + side, y + 16, f"{one.per_s:.1f} ({one.efficiency:.0%})", anchor))
    return "\n".join([*parts, "</svg>", ""])


def _x(workers: float, most: float) -> float:
    return LEFT + workers / most * (WIDTH - LEFT - RIGHT)


def _y(per_s: float, top: float) -> float:
    return HEIGHT - BOTTOM - per_s / top * (HEIGHT - TOP - BOTTOM)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = "none") -> str:
    where = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {where} stroke="{colour}" stroke-dasharray="{dashes}"/>'


def _words(x: float, y: float, said: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {_TEXT}>{said}</text>'
