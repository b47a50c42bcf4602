"""Three pictures of an evaluation: what is confused with what, how honest confidence is, what caution would buy.

ReportError: the pictures cannot be drawn here; the message says what to install.
"""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inference.breeds import NOT_A_DOG
from inference.prediction import Kind
from training.evaluate import Evaluation
from training.metrics import ECE_BINS, reliability, risk_coverage

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 120
_LABELS_LIMIT = 140  # more rows than this cannot be read at any size


class ReportError(Exception):
    """The report cannot be drawn."""


def require_matplotlib() -> None:
    """Raise ReportError where it is not installed: to be asked before minutes of work."""
    if importlib.util.find_spec("matplotlib") is None:
        raise ReportError("--report needs matplotlib: pip install 'breedbot[training]'")


def write_report(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Draw into an existing folder, replacing what an earlier report left there.

    Returns:
        The files written: always a confusion matrix, and the two curves where there are photos of dogs.

    Raises:
        ReportError: matplotlib is not installed.
        OSError: the folder cannot be written.
    """
    require_matplotlib()
    truth, answers = _answers(evaluation)
    written = [_confusion_matrix(truth, answers, folder / "confusion_matrix.png")]
    dogs = truth != NOT_A_DOG
    if dogs.any():
        best = [prediction.top[0] for prediction in evaluation.predictions]
        right = np.array([score.breed for score in best])[dogs] == truth[dogs]
        confidence = np.array([score.confidence for score in best])[dogs]
        written.append(_reliability(confidence, right, evaluation.metrics.ece, folder / "reliability.png"))
        written.append(_risk_coverage(confidence, right, folder / "risk_coverage.png"))
    return written


def confusion(truth: NDArray[np.str_], answers: NDArray[np.str_]) -> tuple[list[str], NDArray[np.intp]]:
    """Count answers by truth: labels, breeds in order and `not_a_dog` last, and counts intp [truth, answer]."""
    labels = sorted(set(truth.tolist()) | set(answers.tolist()), key=lambda label: (label == NOT_A_DOG, label))
    place = {label: row for row, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.intp)
    np.add.at(counts, ([place[label] for label in truth], [place[label] for label in answers]), 1)
    return labels, counts


def _answers(evaluation: Evaluation) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Truth and answer of each photo, str [N] each; the answer is `not_a_dog` where the photo was rejected."""
    truth = np.array([photo.breed for photo in evaluation.photos], np.str_)
    answers = [
        NOT_A_DOG if prediction.kind is Kind.NOT_A_DOG else prediction.top[0].breed
        for prediction in evaluation.predictions
    ]
    return truth, np.array(answers, np.str_)


def _confusion_matrix(truth: NDArray[np.str_], answers: NDArray[np.str_], file: Path) -> Path:
    labels, counts = confusion(truth, answers)
    size = 2.5 + 0.16 * len(labels)
    figure = _figure(max(5.0, size), max(4.5, size))
    axes = figure.add_subplot()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if len(labels) <= _LABELS_LIMIT:
        names = [label.replace("_", " ") for label in labels]
        axes.set_xticks(range(len(labels)), names, rotation=90, fontsize=6)
        axes.set_yticks(range(len(labels)), names, fontsize=6)
    axes.set(xlabel="answer", ylabel="truth", title=f"Share of each breed's photos, n = {len(truth)}")
    figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02)
    return _save(figure, file)


def _reliability(confidence: NDArray[np.floating], right: NDArray[np.bool_], ece: float, file: Path) -> Path:
    bins = reliability(confidence, right)
    figure = _figure(5, 5)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="honest")
    axes.plot([one.confidence for one in bins], [one.accuracy for one in bins], marker="o", label="measured")
    axes.set(
        xlabel="mean confidence", ylabel="share that is right", xlim=(0, 1.01), ylim=(0, 1.01),
        title=f"ECE {ece:.3f} ({ECE_BINS} bins of equal mass, n = {len(right)})",
    )  # fmt: skip
    axes.legend(loc="upper left")
    return _save(figure, file)


def _risk_coverage(confidence: NDArray[np.floating], right: NDArray[np.bool_], file: Path) -> Path:
    risk = risk_coverage(confidence, right)
    coverage = np.arange(1, len(risk) + 1) / len(risk)
    figure = _figure(6, 4.5)
    axes = figure.add_subplot()
    axes.plot(coverage, risk)
    axes.set(
        xlabel="share of photos answered, most confident first", ylabel="share of those that is wrong",
        xlim=(0, 1.01), ylim=(0, max(0.05, float(risk.max()) * 1.1)),
        title=f"Risk and coverage, mean risk {risk.mean():.3f}, n = {len(risk)}",
    )  # fmt: skip
    axes.grid(alpha=0.3)
    return _save(figure, file)


def _figure(width_in: float, height_in: float) -> "Figure":
    """Make an empty drawing without pyplot: no global state, no window, no display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 (an extra, and slow to import)
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _save(figure: "Figure", file: Path) -> Path:
    figure.savefig(file, dpi=_DPI)
    return file
