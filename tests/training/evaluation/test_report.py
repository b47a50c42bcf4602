"""The pictures of an evaluation."""

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_evaluations import evaluated, said
from PIL import Image

from core.breeds.catalogue import NOT_A_DOG, catalogue
from core.prediction import Kind
from training.evaluation.confidence import ECE_BINS
from training.evaluation.evaluate import Evaluation
from training.evaluation.report.confusion_plot import confusion_plot
from training.evaluation.report.files import require_libraries, write_report
from training.evaluation.report.plot_theme import LIGHT
from training.evaluation.report.reliability_plot import reliability_plot
from training.evaluation.report.risk_coverage_plot import risk_coverage_plot

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

SOME = evaluated(
    ("beagle", said("beagle", 0.9)),
    ("beagle", said("pug", 0.4, Kind.UNSURE)),
    ("pug", said("pug")),
    ("Not in the catalogue", said("boxer")),
    (NOT_A_DOG, said("pug", 0.3, Kind.NOT_A_DOG)),
    (NOT_A_DOG, said("boxer")),
)


def test_three_pictures_are_written_whole_and_replace_older_ones(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "reliability.png").write_bytes(b"old")

    written = write_report(SOME, tmp_path)

    assert [path.name for path in written] == ["confusion_matrix.png", "reliability.png", "risk_coverage.png"]
    assert set(tmp_path.iterdir()) == set(written)
    for path in written:
        with Image.open(path) as picture:
            assert picture.format == "PNG"
            assert np.asarray(picture.convert("L")).std() > 1


@pytest.mark.parametrize("kind", [Kind.NOT_A_DOG, Kind.BREED])
def test_without_dogs_there_is_only_the_matrix(tmp_path: Path, kind: Kind) -> None:
    pytest.importorskip("matplotlib")

    written = write_report(evaluated((NOT_A_DOG, said("pug", 0.3, kind))), tmp_path)

    assert [path.name for path in written] == ["confusion_matrix.png"]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_single_dog_is_enough_for_all_pictures(tmp_path: Path, kind: Kind) -> None:
    pytest.importorskip("matplotlib")

    assert len(write_report(evaluated(("pug", said("pug", 0.3, kind))), tmp_path)) == 3


@pytest.mark.parametrize(("labels", "photos"), [(3, 3), (6, 30), (40, 200)])
@pytest.mark.parametrize("name", ["confusion", "reliability", "risk_coverage"])
def test_no_words_are_printed_over_words_or_curves(name: str, labels: int, photos: int) -> None:
    pytest.importorskip("matplotlib")
    evaluation = made(labels, photos)
    drawing = {
        "confusion": lambda: confusion_plot(evaluation.answers, LIGHT),
        "reliability": lambda: reliability_plot(evaluation.answers, evaluation.metrics, LIGHT),
        "risk_coverage": lambda: risk_coverage_plot(evaluation.answers, evaluation.metrics, LIGHT),
    }[name]()
    drawing.canvas.draw()
    boxes = [(text, text.get_window_extent().padded(-1)) for text in words_of(drawing)]
    met = [(one.get_text(), other.get_text()) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]
    curves = [line for axes in drawing.axes for line in axes.get_lines()]
    crossed = [text.get_text() for text, box in boxes if any(crosses(line, box) for line in curves)]

    assert (met, crossed) == ([], [])


@pytest.mark.parametrize(("photos", "points"), [(5, 1), (40, 5), (1000, ECE_BINS)])
def test_few_photos_are_few_points(photos: int, points: int) -> None:
    pytest.importorskip("matplotlib")
    evaluation = made(3, photos)

    drawing = reliability_plot(evaluation.answers, evaluation.metrics, LIGHT)

    (measured,) = [line for line in drawing.axes[0].get_lines() if line.get_marker() == "o"]
    assert np.size(measured.get_xdata()) == points


def words_of(drawing: "Figure") -> "list[Text]":
    """All that is written, but for headlines and for ticks that are not drawn."""
    from matplotlib.axes import Axes  # noqa: PLC0415 (an extra)

    words = [text for legend in drawing.legends for text in legend.get_texts()]
    for axes in drawing.findobj(Axes):
        assert isinstance(axes, Axes)
        words += axes.texts
        legend = axes.get_legend()
        words += legend.get_texts() if legend else []
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            words += [axis.label, *(tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high)]
    return [text for text in words if text.get_visible() and text.get_text()]


def crosses(line: "Line2D", box: "Bbox") -> bool:
    """Where the line is shown."""
    path = line.get_transform().transform_path(line.get_path())
    assert line.axes is not None
    return line.axes.bbox.overlaps(box) and path.intersects_bbox(box, filled=False)


def made(labels: int, photos: int) -> Evaluation:
    """Of confidences between 30 and 99 %, the upper third is wrong: the curve of errors falls."""
    breeds = list(catalogue())[:labels]
    confidences = np.linspace(0.3, 0.99, photos)
    return evaluated(
        *(
            (breeds[number % labels], said(breeds[(number + (3 * number >= 2 * photos)) % labels], float(confidence)))
            for number, confidence in enumerate(confidences)
        )
    )


def test_a_missing_library_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(Exception, match=r"matplotlib.*pip install 'breedbot\[training\]'"):
        require_libraries()
