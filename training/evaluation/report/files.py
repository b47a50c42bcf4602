"""Three pictures of an evaluation: what is confused with what, how honest confidence is, what caution would buy.

ReportError: the report cannot be drawn here; the message says what to install.
"""

import importlib.util
from collections.abc import Mapping
from pathlib import Path

from core.atomic_file import write_whole
from training.evaluation.evaluate import Evaluation
from training.evaluation.report.confusion_plot import confusion_plot
from training.evaluation.report.plot_theme import LIGHT, Theme, png
from training.evaluation.report.reliability_plot import reliability_plot
from training.evaluation.report.risk_coverage_plot import risk_coverage_plot

CONFUSION, RELIABILITY, RISK_COVERAGE = "confusion_matrix", "reliability", "risk_coverage"
_LIBRARIES = ("jinja2", "matplotlib", "scipy")


class ReportError(Exception):
    """The report cannot be drawn."""


def require_libraries() -> None:
    """Raise ReportError where one is not installed: to be asked before minutes of work."""
    if missing := [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]:
        raise ReportError(f"--report needs {' and '.join(missing)}: pip install 'breedbot[training]'")


def write_report(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Draw into an existing folder, replacing what an earlier report left there. No photo gets into it.

    Returns:
        The files written: always a confusion matrix, and the two curves where there are photos of dogs.

    Raises:
        ReportError: a library is not installed.
        OSError: the folder cannot be written.
    """
    require_libraries()
    return write_files(folder, {f"{name}.png": picture for name, picture in draw(evaluation, LIGHT).items()})


def draw(evaluation: Evaluation, theme: Theme) -> dict[str, bytes]:
    """PNG files by name; without dogs only the confusion matrix."""
    answers, metrics = evaluation.answers, evaluation.metrics
    pictures = {CONFUSION: png(confusion_plot(answers, theme))}
    if metrics.top1.n:
        pictures[RELIABILITY] = png(reliability_plot(answers, metrics, theme))
        pictures[RISK_COVERAGE] = png(risk_coverage_plot(answers, metrics, theme))
    return pictures


def write_files(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write files by name, each as a whole; their paths. Raises OSError."""
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]
