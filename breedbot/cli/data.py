"""`breedbot data`: photos to learn from."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from breedbot.cli.app import Json, Model, data_app
from breedbot.ops.terminal import FAILED, answer, answer_json, show, tell
from breedbot.serve.open import new_folder, open_champion, open_store, read_settings


@data_app.command("fetch")
def data_fetch(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where to; default: DATA_DIR/stanford-dogs.")
    ] = None,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="A mirror; default: Stanford's own place.")] = "",
) -> None:
    """Download Stanford Dogs: 20,580 photos of 120 breeds, 0.8 GB.

    Goes on where it was when it was interrupted; what is there already is not fetched again.
    """
    from training.data.fetch.fetch import BASE_URL, fetch
    from training.data.read.dataset import read_photos

    target = folder or read_settings().data_dir / "stanford-dogs"
    if not asyncio.run(fetch(target, base_url=url or BASE_URL)):
        tell("nothing to fetch: everything is there")
    photos = read_photos(target)
    answer(f"{target}: {len(photos):,} photos of {len({photo.breed for photo in photos})} breeds")


@data_app.command("preview")
def data_preview(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="DIR/<breed>/*", show_default=False)],
    file: Annotated[Path, typer.Argument(metavar="OUT.png", show_default=False)],
    augmentation: Annotated[
        str, typer.Option("--preset", metavar="NAME", help="Variations: study, modern or none; default: study.")
    ] = "",
    steps: Annotated[str, typer.Option(metavar="NAME,…", help="Steps before them, such as equalise,denoise.")] = "",
    seed: Annotated[int, typer.Option(help="Chooses the photos and the variations.")] = 1,
) -> None:
    """Draw what augmentation and preprocessing make of six photos.

    With steps and no preset only the steps are shown.
    """
    from training.data.read.dataset import read_photos
    from training.pictures.augmentation_presets import preset
    from training.pictures.contact_sheet import contact_sheet, save_sheet
    from training.pictures.image_steps import parse
    from training.pictures.preview import preview

    chosen = parse(steps)
    varied = augmentation or ("" if steps else "study")
    rows = preview(read_photos(folder), chosen, preset(varied) if varied else None, seed)
    title = " · ".join(part for part in (str(chosen), varied) if part)
    save_sheet(contact_sheet(rows, title), file)
    answer(f"{file}: {len(rows)} photos, {title}")


@data_app.command("check")
def data_check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="DIR/<breed>/*", show_default=False)],
    as_json: Json = False,
    report: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Pictures of what was found, and check.json.")
    ] = None,
    fast: Annotated[bool, typer.Option("--fast", help="Without a model: no label errors.")] = False,
    write_groups: Annotated[
        bool, typer.Option("--write-groups", help="Note near-duplicates in DIR/photos.csv, which splits keep together.")
    ] = False,
    model: Model = None,
) -> None:
    """Look for what is wrong with photos before training.

    Unreadable, tiny, doubled and wrongly labelled ones, folders that are no breed's, breeds that are missing; exit code
    1 if training would refuse the folder.
    """
    from training.data.check.check import check, write_found_groups
    from training.data.check.listing import check_json, check_table
    from training.data.check.suspect_sheet import write_check
    from training.features.extractor import ServingExtractor
    from training.features.feature_cache import FeatureCache

    settings, pictures = read_settings(), new_folder(report)
    store = open_store(settings)
    head = store.head(model or store.pointer().model)
    with ExitStack() as stack:
        extractor = None
        if not fast:
            seen = stack.enter_context(open_champion(settings, model))()
            extractor = ServingExtractor(seen.head.backbone, seen.backbone, seen.preprocessing.decode)
        found = check(folder, extractor, FeatureCache(settings.data_dir / "features"), head.manifest["labels"])
    if as_json:
        answer_json(check_json(found))
    else:
        show(check_table(found))
    if write_groups:
        tell(f"wrote {write_found_groups(found)}")
    for file in write_check(found, pictures) if pictures is not None else ():
        tell(f"wrote {file}")
    if not found.fit_to_train:
        raise typer.Exit(FAILED)
