"""`breedbot train` and `experiments`."""
# ruff: noqa: PLC0415 - commands import what they need when they run

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from breedbot.cli.app import Json, app
from breedbot.ops.terminal import answer, answer_json, show, tell
from breedbot.serve.open import open_store, read_settings


@app.command()
def train(
    recipe: Annotated[str, typer.Option(metavar="NAME", help="A file of training/recipes/.", show_default=False)],
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="DIR/<breed>/*, or Stanford Dogs.", show_default=False)
    ] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Another number for the recipe; repeatable.")
    ] = None,
    describe: Annotated[bool, typer.Option("--describe", help="Show the network and stop; needs no photos.")] = False,
    as_json: Json = False,
    backbone_weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keras weights of the base; default: downloads ImageNet's.")
    ] = None,
    teacher: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="default-tuned: a better network to learn from, FILE.xml (OpenVINO)."),
    ] = None,
    into: Annotated[Path | None, typer.Option(metavar="DIR", help="Model store; default: the bot's own.")] = None,
    work: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Results between the steps; default: DATA_DIR/training/NAME.")
    ] = None,
) -> None:
    """Make a model, or a run of the study, by a recipe.

    Goes on where it was when it was interrupted. `models promote` lets a new model answer.
    """
    from inference.store.folder_store import ModelStore
    from training.recipe import RunContext, with_settings
    from training.recipe_listing import description_table
    from training.recipes import recipe as named
    from training.tracking.tracking import Tracking

    settings, made = read_settings(), with_settings(named(recipe), change or ())
    if describe:
        description = made.describe(recipe)
        if as_json:
            answer_json(description.to_json())
        else:
            show(description_table(description, made))
        return
    folder = settings.data_dir / "training"
    context = RunContext(
        data, work or folder / recipe, backbone_weights, ModelStore(into) if into else open_store(settings),
        Tracking.chosen(settings.data_dir), None if work else folder / "features", teacher,
    )  # fmt: skip
    with _resumable():
        said = made.run(recipe, context)
    answer_json({"recipe": recipe, "result": said}) if as_json else answer(said)


@app.command()
def experiments(
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Make the runs that are missing, on these photos.")
    ] = None,
    only: Annotated[str, typer.Option(metavar="TEXT", help="Only runs whose name contains this.")] = "",
    backbone_weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keras weights of ResNet50; default: downloads ImageNet's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make the runs of the reference study and compare.

    A finished run is not repeated, an interrupted one goes on. Without --data only what was run so far is shown.
    """
    from training.recipe import RunContext
    from training.studies.reference.experiments import chosen, finished, make
    from training.studies.reference.listing import experiment_json, experiment_table, failed_downloads
    from training.tracking.tracking import Tracking

    settings = read_settings()
    folder, wanted = settings.data_dir / "training", chosen(only)
    if data is None:
        found = finished(wanted, folder / "experiments")
    else:
        context = RunContext(
            data, folder / "experiments", backbone_weights, open_store(settings),
            Tracking.chosen(settings.data_dir), folder / "features",
        )  # fmt: skip
        with _resumable():
            found = make(wanted, context, tell)
    if as_json:
        answer_json([experiment_json(one) for one in found])
        for failed in failed_downloads(found):
            tell(failed.to_text())
    else:
        show(experiment_table(found))


@contextmanager
def _resumable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        tell("stopped; the same command goes on where it was")
        raise
