"""The study's grid, run by run: what is there is kept, what was interrupted goes on, what cannot be made says why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.recipe import RecipeError, RunContext
from training.studies.reference.grid import GRID, Experiment
from training.studies.reference.result import StudyResult

NOT_RUN = "not run yet"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an experiment stands.

    Attributes:
        experiment: which.
        result: None where there is none.
        reason: why there is none.
        download: what came instead of Keras' weights, where those are the reason; else empty.
    """

    experiment: Experiment
    result: StudyResult | None
    reason: str = ""
    download: str = ""


def chosen(name_contains: str) -> list[Experiment]:
    """Part of the grid; raises RecipeError where that leaves nothing."""
    found = [one for one in GRID if name_contains in one.name]
    if not found:
        raise RecipeError(f"no experiment {name_contains!r}; there are: {', '.join(one.name for one in GRID)}")
    return found


def finished(experiments: Sequence[Experiment], work: Path) -> list[Standing]:
    """What was run so far, whatever the photos were."""
    results = [(one, StudyResult.read(work / one.name)) for one in experiments]
    return [Standing(one, result, "" if result else NOT_RUN) for one, result in results]


def make(experiments: Sequence[Experiment], context: RunContext, say: Callable[[str], None]) -> list[Standing]:
    """Make the runs that are missing.

    Args:
        experiments: in this order.
        context: ``backbone_weights`` are ResNet50's; every experiment works in its own folder below ``work``.
        say: told a line after each run.

    Raises:
        DatasetError: the photos cannot be used.
    """
    from training.networks import DownloadFailed, WeightsError  # noqa: PLC0415 (imports Keras)

    standings = []
    for number, one in enumerate(experiments, 1):
        weights = context.backbone_weights if one.recipe.network == "resnet50" else None
        own = replace(context, work=context.work / one.name, backbone_weights=weights)
        try:
            standing = Standing(one, one.recipe.result(one.name, own))
        except WeightsError as error:
            standing = Standing(one, None, str(error), error.reason if isinstance(error, DownloadFailed) else "")
        standings.append(standing)
        said = standing.result.summary() if standing.result else standing.reason
        say(f"{number}/{len(experiments)} {one.name}: {said}")
    return standings
