"""The study's table, ours beside its own: for people and for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from training.studies.reference.experiments import Standing
from training.studies.reference.result import StudyResult

_CAVEAT = (
    "Accuracy on test photos that no choice was made by, with its 95 % interval. The bases were trained on ImageNet, "
    "which probably holds these photos: optimistic, as in all such work, the study's own included."
)
_COLUMNS = (
    "run",
    "created",
    "duration",
    "training",
    "accuracy",
    "loss",
    "test name",
    "dense layers",
    "epochs",
    "optimizer",
)


@dataclass(frozen=True, slots=True)
class FailedDownload:
    """Weights that did not come, and the runs that wait for them."""

    weights: str
    runs: tuple[str, ...]
    reason: str
    to_do: str

    def to_text(self) -> str:
        """One line."""
        return f"{self.weights}, for {', '.join(self.runs)}: not downloaded, {self.reason}; {self.to_do}"


def failed_downloads(standings: Sequence[Standing]) -> list[FailedDownload]:
    """Each network whose weights did not come."""
    waiting: dict[tuple[str, str], list[str]] = {}
    for standing in standings:
        if standing.download:
            waiting.setdefault((standing.experiment.recipe.network, standing.download), []).append(
                standing.experiment.name
            )
    return [FailedDownload(name, tuple(runs), why, _to_do(name)) for (name, why), runs in waiting.items()]


def _to_do(network: str) -> str:
    own = ", or give your own (--backbone-weights FILE)" if network == "resnet50" else ""
    return f"try again with a connection, or put that file into ~/.keras/models{own}: finished runs are not repeated"


def experiment_json(standing: Standing) -> dict[str, Any]:
    """One experiment: its result or the reason why there is none, and the study's numbers."""
    experiment, result = standing.experiment, standing.result
    study = experiment.study
    return {
        "run": experiment.name,
        "test_name": experiment.recipe.test_name,
        "dense_layers": experiment.recipe.dense_layers,
        "optimizer": experiment.recipe.optimizer,
        "result": None if result is None else result.to_json(),
        "reason": standing.reason or None,
        "failed_download": next((asdict(one) for one in failed_downloads([standing])), None),
        "study": {
            "accuracy": study.accuracy.to_json(),
            "loss": None if study.loss is None else study.loss.to_json(),
            "duration_s": None if study.duration_s is None else study.duration_s.to_json(),
        },
    }


def experiment_table(standings: Sequence[Standing]) -> Table:
    """Best first; what was not made comes last, with the reason."""
    table = Table(box=None, header_style="bold", caption=_caption(standings), caption_justify="left")
    for name in (*_COLUMNS, "study: accuracy", "loss", "duration"):
        table.add_column(name, no_wrap=name != "test name", justify="left" if name in {"run", "test name"} else "right")
    for standing in ranked(standings):
        study, result = standing.experiment.study, standing.result
        table.add_row(
            standing.experiment.name,
            *(_cells(standing) if result is None else _measured(result)),
            study.accuracy.text(".4f"),
            "" if study.loss is None else study.loss.text("g" if study.loss.high >= 100 else ".4f"),
            "" if study.duration_s is None else f"{study.duration_s.text('.1f')} s",
        )
    return table


def ranked(standings: Sequence[Standing]) -> list[Standing]:
    """By accuracy, then by loss; those without a result last."""
    return sorted(
        standings, key=lambda one: (0, -one.result.accuracy, one.result.loss) if one.result else (1, 0.0, 0.0)
    )


def _measured(result: StudyResult) -> tuple[str, ...]:
    return (
        result.created[:16].replace("T", " "),
        f"{result.duration_s:.1f} s",
        f"{result.train_s:.1f} s",
        f"{result.accuracy:.4f} ({result.accuracy_low:.3f}–{result.accuracy_high:.3f})",
        f"{result.loss:.4f}",
        result.test_name,
        str(result.dense_layers),
        str(result.epochs),
        result.optimizer,
    )


def _cells(standing: Standing) -> tuple[str, ...]:
    recipe = standing.experiment.recipe
    return ("", "", "", "–", "", recipe.test_name, str(recipe.dense_layers), "", recipe.optimizer)


def _caption(standings: Sequence[Standing]) -> str:
    reasons: dict[str, list[str]] = {}
    for standing in standings:
        if standing.result is None and not standing.download:
            reasons.setdefault(standing.reason, []).append(standing.experiment.name)
    notes = {note for standing in standings if standing.result for note in standing.result.notes}
    missing = [f"{', '.join(names)}: {reason}" for reason, names in reasons.items()]
    downloads = [one.to_text() for one in failed_downloads(standings)]
    return "\n".join([_CAVEAT, *sorted(notes), *missing, *downloads])
