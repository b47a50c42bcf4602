"""`breedbot models`."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breedbot.cli.app import Json, WithUsers, models_app
from breedbot.ops.terminal import CommandFailed, answer, answer_json, show, tell
from breedbot.serve.open import open_champion, open_database, open_store, read_settings, tell_workers

if TYPE_CHECKING:
    from breedbot.ops.settings import Configuration
    from training.evaluation.compare import Comparison
    from training.learning.ledger import Ledger


class ExportFormat(StrEnum):
    """What a model is written as."""

    ZIP = "zip"
    KERAS = "keras"
    ONNX = "onnx"


@models_app.command("list")
def models_list(as_json: Json = False) -> None:
    """Every model with its numbers; ★ marks the one that answers."""
    from inference.store.listing import model_table, summaries

    found = summaries(open_store(read_settings()))
    if as_json:
        answer_json([one.to_json() for one in found])
    else:
        show(model_table(found))


@models_app.command("show")
def models_show(
    model: Annotated[str, typer.Argument(metavar="[MODEL]")] = "",
    as_json: Json = False,
    with_users: WithUsers = False,
) -> None:
    """Show what a model is made of and how good it is.

    Which photos and whose feedback made it, and why it passed the gate.
    """
    from inference.store.listing import model_page, summary
    from training.learning.ledger import ledger, ledger_table

    settings = read_settings()
    store = open_store(settings)
    pointer = store.pointer()
    head = store.head(model or pointer.model)

    async def look_up() -> "Ledger":
        async with open_database(settings) as database:
            return await ledger(database, head.id, head.manifest)

    found = asyncio.run(look_up())
    if as_json:
        told = found.to_json(with_users=with_users)
        answer_json({**head.manifest, **summary(head, pointer).to_json(), "ledger": told})
    else:
        show(model_page(summary(head, pointer), head.manifest))
        show(ledger_table(found, with_users=with_users))


@models_app.command("compare")
def models_compare(
    first: Annotated[str, typer.Argument(metavar="A", show_default=False)],
    second: Annotated[str, typer.Argument(metavar="B", show_default=False)],
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Labelled photos, as for evaluate.")] = None,
    as_json: Json = False,
) -> None:
    """Compare two models on the same photos, pair by pair.

    Without photos of your own: on the golden features of their backbone, which they need to share then.
    """
    from training.evaluation.compare import comparison_table

    settings = read_settings()
    found = _on_golden(settings, first, second) if photos is None else _on_photos(settings, first, second, photos)
    for model, breeds in found.unknown.items():
        if breeds:
            tell(f"{model} has no name for {', '.join(breeds)}: their photos count as wrong")
    if as_json:
        answer_json(found.to_json())
    else:
        show(comparison_table(found))


def _on_golden(settings: "Configuration", first: str, second: str) -> "Comparison":
    from training.evaluation.compare import best_labels, compare

    store = open_store(settings)
    heads = store.head(first).head(), store.head(second).head()
    if heads[0].backbone != heads[1].backbone:
        raise CommandFailed(
            f"{first} reads features of {heads[0].backbone}, {second} of {heads[1].backbone}: "
            "give photos that both can look at, --photos DIR"
        )
    features, truth = store.backbone(heads[0].backbone).golden()
    said = best_labels(heads[0].predictions(features)), best_labels(heads[1].predictions(features))
    labels = heads[0].labels, heads[1].labels
    return compare((first, second), labels, [str(one) for one in truth], said, "golden photos")


def _on_photos(settings: "Configuration", first: str, second: str, folder: Path) -> "Comparison":
    from training.data.read.dataset import read_photos
    from training.evaluation.compare import best_labels, compare
    from training.evaluation.evaluate import evaluate

    photos, said, labels = read_photos(folder), [], []
    for model in (first, second):
        with open_champion(settings, model) as champion:
            evaluation = evaluate(champion(), photos)
            labels.append(champion().head.labels)
        said.append(best_labels(evaluation.predictions))
    for path, error in evaluation.unreadable.items():
        tell(f"skipped {path}: {error}")
    if not evaluation.photos:
        raise CommandFailed(f"{folder}: none of its {len(photos)} photos can be read")
    truth = [photo.breed for photo in evaluation.photos]
    return compare((first, second), (labels[0], labels[1]), truth, (said[0], said[1]), f"photos of {folder}")


@models_app.command("promote")
def models_promote(model: Annotated[str, typer.Argument(metavar="MODEL", show_default=False)]) -> None:
    """Let this model answer from now on.

    Running bots swap between two batches.
    """
    from training.learning.promotion.registry import promote_by_hand

    settings = read_settings()
    _say_who_answers(asyncio.run(promote_by_hand(settings.database_url, open_store(settings), model)))
    asyncio.run(tell_workers(settings))


@models_app.command("rollback")
def models_rollback(
    set_aside: Annotated[
        bool,
        typer.Option(
            "--set-aside/--keep-claims",
            help="Whether the claims that taught the model taken back teach nothing any more, or are learned again.",
        ),
    ] = False,
) -> None:
    """Let the model before answer again."""
    from training.learning.promotion.registry import roll_back_by_hand

    settings = read_settings()
    done = asyncio.run(roll_back_by_hand(settings.database_url, open_store(settings), set_aside=set_aside))
    _say_who_answers(done.back)
    if done.set_aside:
        answer(f"{len(done.set_aside):,} claims that taught {done.model} are set aside")
    asyncio.run(tell_workers(settings))


@models_app.command("export")
def models_export(
    model: Annotated[str, typer.Argument(metavar="MODEL", show_default=False)],
    target: Annotated[Path, typer.Argument(metavar="FILE.zip|DIR", show_default=False)],
    wanted: Annotated[
        ExportFormat, typer.Option("--format", help="zip: for another breedbot; else a folder for other programs.")
    ] = ExportFormat.ZIP,
) -> None:
    """Write a model to a zip file, backbone included; or, for other programs, to a folder.

    With --format keras or onnx: backbone and head in one network, config.json with labels and preprocessing, and its
    card, as Hugging Face's hub takes them.
    """
    store = open_store(read_settings())
    if wanted is ExportFormat.ZIP:
        from inference.store.archive import export_model

        size_bytes = export_model(store, model, target)
        tell(f"wrote {target} ({size_bytes / 2**20:.1f} MB); unpack it in the folder of a model store to install it")
        return
    from training.networks.share import Format, share

    head = store.head(model)
    files = share(head, store.backbone(head.backbone_id), Format(wanted.value), target)
    tell(f"wrote {', '.join(files)} to {target}")


def _say_who_answers(model: str) -> None:
    answer(f"{model} answers from now on")
