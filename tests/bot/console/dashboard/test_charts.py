"""Charts are plain SVG: to scale, whole with gaps, and never with anything that a page may not have."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.dashboard.charts import (
    Axis,
    Series,
    band,
    bars,
    legend,
    lines,
    nice_top,
    over,
    plot,
    share_bar,
    ticks,
)

EVIL = '<script>"&'


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def rects(svg: str, style: str) -> list[tuple[float, float]]:
    """y and height."""
    return [
        (float(one.get("y", 0)), float(one.get("height", 0)))
        for one in drawn(svg).iter("rect")
        if one.get("class") == style
    ]


@given(st.floats(0.001, 1e9), st.booleans())
def test_the_top_of_an_axis_is_round_and_not_far_above(most: float, whole: bool) -> None:
    top = nice_top(most, whole=whole)

    assert top >= most * 0.999
    assert top <= max(most * 2.01, 4.0 if whole else 0)
    assert float(f"{top / 4:.2g}") == pytest.approx(top / 4)
    assert not whole or top % 4 == 0


def test_nothing_has_an_axis_too() -> None:
    assert nice_top(0, whole=True) == 4.0
    assert nice_top(0) > 0
    assert ticks(4.0) == [4, 3, 2, 1, 0]


def test_bars_stand_on_each_other_to_scale() -> None:
    svg = bars([Series("a", "k-a", [2, 0]), Series("b", "k-b", [1, 4])], 4, ["x", "y"])

    assert rects(svg, "k-a") == [(500, 500)]
    assert rects(svg, "k-b") == [(250, 250), (0, 1000)]
    assert [one.text for one in drawn(svg).iter("title")] == ["x", "y"]


def test_a_line_is_broken_where_there_is_nothing_and_one_point_alone_is_a_dot() -> None:
    svg = lines([Series("a", "s1", [1, 1, None, 2])], 2, ["", "", "", ""], marks=[0.5])
    paths: dict[str | None, list[str | None]] = {}
    for one in drawn(svg).iter("path"):
        paths.setdefault(one.get("class"), []).append(one.get("d"))

    assert paths["line s1"] == ["M125 500L375 500", "M875 0L875 0"]
    assert paths["mark"] == ["M500 0V1000"]


def test_a_band_lies_below_the_line() -> None:
    low, high = Series("", "s1", [0.2, 0.4]), Series("", "s1", [0.8, 0.6])
    svg = over(band(low, high, 1.0), lines([Series("", "s1", [0.5, 0.5])], 1.0, ["", ""]))

    styles = [one.get("class") for one in drawn(svg)]
    assert styles.index("band s1") < styles.index("line s1")


def test_a_share_has_a_bar_and_a_whisker() -> None:
    svg = share_bar(0.25, (0.1, 0.5))

    assert 'width="250"' in svg
    assert "M100 500H500" in svg


@given(st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=40))
def test_whatever_the_values_the_drawing_stays_in_its_frame(values: list[float | None]) -> None:
    svg = lines([Series("", "s1", values)], 50.0, ["" for _ in values])

    for path in drawn(svg).iter("path"):
        for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path.get("d", "")):
            assert 0 <= float(x) <= 1000
            assert 0 <= float(y) <= 1000


def test_words_are_escaped_and_no_style_or_script_is_written() -> None:
    drawing = bars([Series(EVIL, "k-a", [1.0])], 1.0, [EVIL])
    whole = f"<div>{plot(drawing, Axis(1, [EVIL]), [EVIL], EVIL)}{legend([Series(EVIL, 'k-a', [])])}</div>"

    assert EVIL not in whole
    assert "<script" not in whole
    assert "style=" not in whole
    assert drawn(whole) is not None
