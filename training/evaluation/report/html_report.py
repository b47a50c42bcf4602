"""An evaluation as one page that needs nothing beside it, and its plots as files: `breedbot evaluate --report`.

The page contains small copies of photos: it is for the people who may see those, and never part of a model.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from training.evaluation.confusion_limits import SURE, by_confidence, by_short_side, by_source, error_traits
from training.evaluation.confusions import taken_for
from training.evaluation.evaluate import Evaluation
from training.evaluation.report.breed_names import display_name
from training.evaluation.report.embedded_picture import plot
from training.evaluation.report.files import (
    CONFUSION,
    RELIABILITY,
    RISK_COVERAGE,
    draw,
    require_libraries,
    write_files,
)
from training.evaluation.report.numbers import headline_numbers, percent
from training.evaluation.report.photo_facts import short_sides, sources
from training.evaluation.report.photos import ReportPhotos
from training.evaluation.report.plot_theme import DARK, LIGHT

PAGE = "index.html"
_TITLES = {CONFUSION: "Confusion matrix", RELIABILITY: "Reliability", RISK_COVERAGE: "Risk and coverage"}
_HOW_TO_READ = {
    CONFUSION: "Each row holds the photos of one breed, each column one answer: orange to red cells are errors, "
    "those near the diagonal are errors between breeds that look alike to the model.",
    RELIABILITY: "Points on the dashed line are honest; below it the model claims too much, above it too little; the "
    "bars below show how many photos get which confidence.",
    RISK_COVERAGE: "Going left, the least confident answers are withheld and fewer of the others are wrong; the dashed "
    "line is the best that anybody could do by withholding alone.",
}


@dataclass(frozen=True, slots=True)
class PlotView:
    """A plot for both kinds of ground; width and height in pixels."""

    file: str
    title: str
    how_to_read: str
    light: str
    dark: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class BreedRow:
    """A line of the table; ``taken_for`` is "" for a breed without errors."""

    name: str
    n: int
    precision: float
    recall: float
    f1: float
    taken_for: str
    times: int


def write_html_report(evaluation: Evaluation, model: str, folder: Path) -> list[Path]:
    """Draw into an existing folder, replacing what an earlier report left there.

    Returns:
        The files written: the page and the plots on light ground.

    Raises:
        ReportError: a library is not installed.
        OSError: the folder cannot be written.
    """
    require_libraries()
    light, dark = draw(evaluation, LIGHT), draw(evaluation, DARK)
    page = render(evaluation, model, {name: _plot_view(name, light[name], dark[name]) for name in light})
    return write_files(folder, {PAGE: page.encode(), **{f"{name}.png": picture for name, picture in light.items()}})


def render(evaluation: Evaluation, model: str, plots: dict[str, PlotView]) -> str:
    """Write the page as HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 (an extra)

    loader = PackageLoader("training.evaluation.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = percent
    template = environment.get_template("evaluation.html")
    photos = ReportPhotos(evaluation)
    return template.render(
        model=model,
        made_at=datetime.now(UTC),
        metrics=evaluation.metrics,
        numbers=headline_numbers(evaluation.metrics),
        plots=plots,
        pairs=photos.pairs(),
        confident_errors=photos.confident_errors(),
        rejected=photos.rejected_dogs(),
        accepted=photos.accepted_others(),
        breeds=_breed_rows(evaluation),
        typical_n=median(one.n for one in evaluation.metrics.breeds.values()) if evaluation.metrics.breeds else 0,
        unreadable=evaluation.unreadable,
        **_limits(evaluation),
    )


def _limits(evaluation: Evaluation) -> dict[str, Any]:
    answers = evaluation.answers
    slices = {
        "By size of the photo": ("short side", by_short_side(answers, short_sides(evaluation.photos))),
        "By source": ("source", by_source(answers, sources(evaluation.photos))),
    }
    return {
        "traits": error_traits(answers),
        "sure": SURE,
        "confidences": by_confidence(answers),
        "slices_by": {title: found for title, found in slices.items() if len(found[1]) > 1},
    }


def _breed_rows(evaluation: Evaluation) -> list[BreedRow]:
    """Worst first."""
    mistaken = taken_for(evaluation.answers)
    rows = []
    for breed, one in evaluation.metrics.breeds.items():
        other, times = mistaken.get(breed, ("", 0))
        name = display_name(other) if other else ""
        rows.append(BreedRow(display_name(breed), one.n, one.precision, one.recall, one.f1, name, times))
    return sorted(rows, key=lambda row: (row.f1, row.name))


def _plot_view(name: str, light: bytes, dark: bytes) -> PlotView:
    uri, width, height = plot(light)
    return PlotView(f"{name}.png", _TITLES[name], _HOW_TO_READ[name], uri, plot(dark)[0], width, height)
