"""`breedbot predict` and `evaluate`: photos of files."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import sys
from pathlib import Path
from typing import Annotated

import typer

from breedbot.cli.app import Json, Model, app
from breedbot.ops.terminal import FAILED, CommandFailed, answer, answer_json, progress, show, tell
from breedbot.serve.open import new_folder, open_champion, read_settings


@app.command()
def predict(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO…", show_default=False)],
    as_json: Json = False,
    heatmap: Annotated[Path | None, typer.Option(metavar="DIR", help="Paint the evidence over each photo.")] = None,
    model: Model = None,
    every: Annotated[bool, typer.Option("--all", help="Every breed's probability.")] = False,
) -> None:
    """Name the breeds on photos.

    Exit code 1 if one of them could not be read; the others are answered all the same.
    """
    from inference.serving.file_answers import photo_answers

    settings, folder = read_settings(), new_folder(heatmap)
    failed = False
    with (
        open_champion(settings, model) as champion,
        progress("photos", len(photos), shown=not sys.stdout.isatty()) as step,
    ):
        for number, found in enumerate(photo_answers(champion(), photos, folder, everything=every), 1):
            step(number)
            failed |= found.error is not None
            if as_json:
                answer_json(found.to_json())
            elif found.error is not None:
                tell(f"{found.path}: {found.error}")
            else:
                answer(found.to_text())
    if failed:
        raise typer.Exit(FAILED)


_LOOKS = {"first": "first look only", "both": "looking twice where it is unsure"}


@app.command()
def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="DIR/<breed>/*, DIR/not_a_dog/*; or Stanford Dogs.", show_default=False),
    ],
    as_json: Json = False,
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="Write a page with plots and photos.")] = None,
    model: Model = None,
    first_look: Annotated[bool, typer.Option("--first-look", help="Without the second look.")] = False,
) -> None:
    """Measure a model on labelled photos.

    Accuracy, calibration and rejection, each with its uncertainty. Photos are looked at as people's are, twice where
    the first look is unsure. Photos that cannot be read are named and left out.
    """
    from training.data.read.dataset import read_photos
    from training.evaluation import listing
    from training.evaluation.evaluate import evaluate as measured
    from training.evaluation.report.files import require_libraries
    from training.evaluation.report.html_report import write_html_report
    from training.evaluation.unknown_breeds import unknown_breeds

    photos = read_photos(folder)
    if report is not None:
        require_libraries()
    pictures = new_folder(report)
    with open_champion(read_settings(), model) as champion:
        classifier = champion()
        evaluation = measured(classifier, photos, first_look=first_look)
    looks = "first" if first_look or classifier.second is None else "both"
    for path, error in evaluation.unreadable.items():
        tell(f"skipped {path}: {error}")
    if not evaluation.photos:
        raise CommandFailed(f"{folder}: none of its {len(photos)} photos can be read")
    unknown = unknown_breeds(evaluation, classifier.head.labels)
    if unknown.names:
        tell(f"{classifier.model_id} has no name for {', '.join(unknown.names)}: their photos count as wrong")
    if as_json:
        told = listing.evaluation_json(evaluation, classifier.model_id)
        answer_json(told | unknown.to_json() | {"looks": looks})
    else:
        show(listing.evaluation_table(evaluation, f"{classifier.model_id}, {_LOOKS[looks]},", unknown))
    for file in write_html_report(evaluation, classifier.model_id, pictures) if pictures is not None else ():
        tell(f"wrote {file}")
