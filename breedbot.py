"""The front door: every command, wired from the rooms. The only file that may import all of them.

Commands import what they need when they run, so that `--help` is quick and `breeds` needs no neural network.
"""
# ruff: noqa: PLC0415 - see above

import asyncio
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal import FAILED, CommandFailed, Commands, answer, answer_json, progress, show, tell

if TYPE_CHECKING:
    from bot.configuration import Configuration
    from inference.classifier import Champion
    from inference.model_store import ModelStore

app = typer.Typer(
    name="breedbot",
    cls=Commands,
    help="Names a dog's breed from a photo, on Telegram and here. Settings: BREEDBOT_… in the environment or in .env.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
models_app = typer.Typer(help="The models: which there are, and which one answers.", no_args_is_help=True)
data_app = typer.Typer(help="Photos to learn from: get them, check them.", no_args_is_help=True)
db_app = typer.Typer(help="The database's tables.", no_args_is_help=True)
bench_app = typer.Typer(help="Measure speed.", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(data_app, name="data")
app.add_typer(db_app, name="db")
app.add_typer(bench_app, name="bench")

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, for programs.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens.")]
Model = Annotated[str | None, typer.Option("--model", metavar="ID", help="This model instead of the champion.")]


@app.command()
def run(verbose: Verbose = False) -> None:
    """Run the whole bot in one process.

    Without BREEDBOT_TELEGRAM_TOKEN it starts a chat page on this machine to try it with.
    """
    asyncio.run(_run(_settings(verbose=verbose)))


@app.command("bot")
def bot_alone() -> None:
    """Run the Telegram side alone; workers elsewhere look at the photos."""
    _refuse_local_queue(_settings(), "bot")


@app.command("worker")
def worker_alone() -> None:
    """Run a worker alone, for bots elsewhere."""
    _refuse_local_queue(_settings(), "worker")


@app.command()
def chat(verbose: Verbose = False) -> None:
    """Run the local chat alone, for a bot started elsewhere."""
    from bot.chat_server import serve_chat

    settings = _settings(verbose=verbose)
    asyncio.run(serve_chat(settings.chat_port, settings.data_dir))


@app.command()
def predict(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO…", show_default=False)],
    as_json: Json = False,
    heatmap: Annotated[Path | None, typer.Option(metavar="DIR", help="Paint the evidence over each photo.")] = None,
    model: Model = None,
) -> None:
    """Name the breeds on photos.

    Exit code 1 if one of them could not be read; the others are answered all the same.
    """
    from inference.photo_answers import photo_answers

    settings, folder = _settings(), _new_folder(heatmap)
    failed = False
    with _champion(settings, model) as champion, progress("photos", len(photos), shown=not sys.stdout.isatty()) as step:
        for number, found in enumerate(photo_answers(champion(), photos, folder), 1):
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


@app.command()
def evaluate(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="DIR/<breed>/* and DIR/not_a_dog/*", show_default=False)
    ],
    as_json: Json = False,
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="Write a page with plots and photos.")] = None,
    model: Model = None,
) -> None:
    """Measure a model on labelled photos.

    Accuracy, calibration and rejection, each with its uncertainty. Photos that cannot be read are named and left out.
    """
    from training import evaluation_listing as listing
    from training.dataset import read_folder_per_breed
    from training.evaluate import evaluate as measured
    from training.html_report import write_html_report
    from training.report import require_libraries

    photos = read_folder_per_breed(folder)
    if report is not None:
        require_libraries()
    pictures = _new_folder(report)
    with _champion(_settings(), model) as champion:
        classifier = champion()
        evaluation = measured(classifier, photos)
    for path, error in evaluation.unreadable.items():
        tell(f"skipped {path}: {error}")
    if not evaluation.photos:
        raise CommandFailed(f"{folder}: none of its {len(photos)} photos can be read")
    if unknown := listing.unanswerable(evaluation, classifier.head.labels):
        tell(f"{classifier.model_id} has no name for {', '.join(unknown)}: their photos count as wrong")
    if as_json:
        answer_json(listing.evaluation_json(evaluation, classifier.model_id))
    else:
        show(listing.evaluation_table(evaluation, classifier.model_id))
    for file in write_html_report(evaluation, classifier.model_id, pictures) if pictures is not None else ():
        tell(f"wrote {file}")


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
    into: Annotated[Path | None, typer.Option(metavar="DIR", help="Model store; default: the bot's own.")] = None,
    work: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Results between the steps; default: DATA_DIR/training/NAME.")
    ] = None,
) -> None:
    """Make a model, or a run of the study, by a recipe.

    Goes on where it was when it was interrupted. `models promote` lets a new model answer.
    """
    from training.recipe import RunContext, with_settings
    from training.recipe_listing import description_table
    from training.recipes import recipe as named
    from training.tracking import Tracking

    settings, made = _settings(), with_settings(named(recipe), change or ())
    if describe:
        description = made.describe(recipe)
        if as_json:
            answer_json(description.to_json())
        else:
            show(description_table(description, made))
        return
    folder = settings.data_dir / "training"
    context = RunContext(
        data, work or folder / recipe, backbone_weights, into or settings.model_folder,
        Tracking.chosen(settings.data_dir), None if work else folder / "features",
    )  # fmt: skip
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
    from training.experiment_listing import experiment_json, experiment_table
    from training.experiments import chosen, finished, make
    from training.recipe import RunContext
    from training.tracking import Tracking

    settings = _settings()
    folder, wanted = settings.data_dir / "training", chosen(only)
    if data is None:
        found = finished(wanted, folder / "experiments")
    else:
        context = RunContext(
            data, folder / "experiments", backbone_weights, settings.model_folder,
            Tracking.chosen(settings.data_dir), folder / "features",
        )  # fmt: skip
        found = make(wanted, context, tell)
    if as_json:
        answer_json([experiment_json(one) for one in found])
    else:
        show(experiment_table(found))


@app.command()
def breeds(
    as_json: Json = False,
    search: Annotated[str, typer.Option(metavar="TEXT", help="Only what this may mean, nearest first.")] = "",
) -> None:
    """List the breeds, and which ones the model can name."""
    from bot.breed_search import BreedSearch
    from inference.breed_listing import breed_json, breed_table
    from inference.breeds import catalogue

    settings = _settings()
    store = _store(settings)
    answered = frozenset(store.head(store.pointer().model).manifest["labels"])
    known = catalogue()
    found = BreedSearch(known).find(search, settings.language) if search else list(known.values())
    if as_json:
        answer_json([breed_json(breed, answered) for breed in found])
    elif not found:
        raise CommandFailed(f"no breed is called anything like {search!r}")
    else:
        show(breed_table(found, answered))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check everything that the bot needs.

    Says what to do about what is not well; exit code 1 if something must be done.
    """
    from bot.doctor import bot_findings
    from inference.doctor import Level, finding_table, inference_findings

    settings = _settings()
    found = [*inference_findings(_store(settings), settings.engine), *asyncio.run(bot_findings(settings))]
    if as_json:
        answer_json([one.to_json() for one in found])
    else:
        show(finding_table(found))
    if any(one.level is Level.FAIL for one in found):
        raise typer.Exit(FAILED)


@models_app.command("list")
def models_list(as_json: Json = False) -> None:
    """Every model with its numbers; ★ marks the one that answers."""
    from inference.model_listing import model_table, summaries

    found = summaries(_store(_settings()))
    if as_json:
        answer_json([one.to_json() for one in found])
    else:
        show(model_table(found))


@models_app.command("show")
def models_show(model: Annotated[str, typer.Argument(metavar="[MODEL]")] = "", as_json: Json = False) -> None:
    """Show what a model is made of and how good it is."""
    from inference.model_listing import model_page, summary

    store = _store(_settings())
    pointer = store.pointer()
    head = store.head(model or pointer.model)
    if as_json:
        answer_json({**head.manifest, **summary(head, pointer).to_json()})
    else:
        show(model_page(summary(head, pointer), head.manifest))


@models_app.command("promote")
def models_promote(model: Annotated[str, typer.Argument(metavar="MODEL", show_default=False)]) -> None:
    """Let this model answer from now on.

    Running bots swap between two batches.
    """
    _say_who_answers(_store(_settings()).promote(model).model)


@models_app.command("rollback")
def models_rollback() -> None:
    """Let the model before answer again."""
    _say_who_answers(_store(_settings()).rollback().model)


@models_app.command("export")
def models_export(
    model: Annotated[str, typer.Argument(metavar="MODEL", show_default=False)],
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", show_default=False)],
) -> None:
    """Write a model to a zip file, backbone included."""
    from inference.model_archive import export_model

    size_bytes = export_model(_store(_settings()), model, file)
    tell(f"wrote {file} ({size_bytes / 2**20:.1f} MB); unpack it in the folder of a model store to install it")


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
    from training.data_fetch import BASE_URL, fetch
    from training.dataset import read_photos

    target = folder or _settings().data_dir / "stanford-dogs"
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
    from training.augmentation_presets import preset
    from training.contact_sheet import contact_sheet, save_sheet
    from training.dataset import read_photos
    from training.image_steps import parse
    from training.preview import preview

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

    Unreadable, tiny, doubled and wrongly labelled ones; exit code 1 if training would refuse the folder.
    """
    from training.data_check import check, write_found_groups
    from training.data_check_listing import check_json, check_table
    from training.extractor import ServingExtractor
    from training.feature_cache import FeatureCache
    from training.suspect_sheet import write_check

    settings, pictures = _settings(), _new_folder(report)
    with ExitStack() as stack:
        extractor = None
        if not fast:
            seen = stack.enter_context(_champion(settings, model))()
            extractor = ServingExtractor(seen.head.backbone, seen.backbone, seen.preprocessing.decode)
        found = check(folder, extractor, FeatureCache(settings.data_dir / "features"))
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


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Make the tables, or bring them up to date.

    What is in them stays.
    """
    from db import migrate

    url = _settings().database_url
    before = asyncio.run(migrate.current(url))
    asyncio.run(migrate.upgrade(url))
    answer(f"{before or 'none'} → {migrate.head()}" if before != migrate.head() else f"{before} is up to date")


@db_app.command("current")
def db_current(as_json: Json = False) -> None:
    """Show the revision of the tables."""
    from db import migrate

    found, wanted = asyncio.run(migrate.current(_settings().database_url)), migrate.head()
    if as_json:
        answer_json({"current": found, "head": wanted})
    else:
        answer(f"{found or 'none'} (this version expects {wanted})")


@bench_app.command("serving")
def bench_serving(
    as_json: Json = False,
    seconds: Annotated[float, typer.Option(min=0.1, help="For all measurements together.")] = 30.0,
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Photos to use; default: generated ones.")] = None,
) -> None:
    """Measure how fast photos are answered.

    The engine alone, the whole path from bytes to answer, and Keras predict, in the same run.
    """
    from inference.bench.keras_predict import keras_predict
    from inference.bench.listing import bench_photos, bench_table
    from inference.bench.serving_bench import run_serving_bench

    files = bench_photos(photos) if photos is not None else ()
    settings = _settings()
    with _champion(settings) as champion, progress("measuring", 1) as step:
        classifier = champion()
        keras = keras_predict(_store(settings).backbone(classifier.head.backbone))
        measured = asyncio.run(
            run_serving_bench(classifier, files, seconds=seconds, keras_predict=keras, progress=step)
        )
    if as_json:
        answer_json(measured.to_json())
    else:
        show(bench_table(measured))


@bench_app.command("training")
def bench_training(
    as_json: Json = False,
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Photos to use; default: generated ones.")] = None,
) -> None:
    """Measure how fast features are computed and a head is fitted.

    The engine alone and files through the feature cache, in turns of the same run.
    """
    from inference.bench.listing import bench_photos
    from training.extractor import ServingExtractor
    from training.training_bench import run_training_bench, training_bench_table

    files = bench_photos(photos) if photos is not None else ()
    with _champion(_settings()) as champion, progress("measuring", 1) as step:
        classifier = champion()
        extractor = ServingExtractor(classifier.head.backbone, classifier.backbone, classifier.preprocessing.decode)
        measured = run_training_bench(extractor, classifier.engine, files, progress=step)
    if as_json:
        answer_json(measured.to_json())
    else:
        show(training_bench_table(measured))


def main() -> None:
    """Run `breedbot …`."""
    app()


async def _run(settings: "Configuration") -> None:
    """Start in this order, stop in the opposite one; what the bot itself does in between is in `bot/app.py`."""
    from bot.data_lock import data_lock
    from bot.stop_signals import stop_signals

    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.enter_context(data_lock(settings.data_dir))
        stack.enter_context(stop_signals(stop, lambda: tell("stopping; Ctrl-C again ends it at once")))
        # The model takes as long to load as all the rest: a second thread halves the wait.
        loading = stack.enter_context(ThreadPoolExecutor(1)).submit(_load_champion, settings)
        await _serve(settings, stop, loading, stack)


async def _serve(
    settings: "Configuration", stop: asyncio.Event, loading: "Future[Champion]", stack: AsyncExitStack
) -> None:
    from bot.app import BotApp
    from bot.chat_server import chat_server
    from bot.greeting import greet
    from bot.health import Health
    from bot.housekeeping import record_champion, tidy
    from bot.metrics import Metrics
    from bot.web import WebServer
    from db import migrate
    from db.database import Database
    from db.errors import PhotoMissing
    from db.photo_store import PhotoStore
    from inference.breeds import catalogue
    from inference.queue import open_queue
    from inference.worker import Worker
    from inference.worker_metrics import WorkerMetrics
    from inference.worker_settings import WorkerSettings

    health, metrics = Health(), Metrics()
    web = await stack.enter_async_context(WebServer(settings.http_host, settings.http_port, health, metrics))
    page = None
    if settings.telegram_token is None:
        local = await stack.enter_async_context(chat_server(settings.chat_port, settings.data_dir))
        page, settings = local.url, settings.at_server(local.url, local.token)
    queue, photos = open_queue(settings.queue_url), PhotoStore(settings.photo_store)
    await migrate.upgrade(settings.database_url)
    database = await Database.open(settings.database_url)
    stack.push_async_callback(database.close)
    champion = await asyncio.wrap_future(loading)
    stack.callback(champion.close)
    head = _store(settings).head(champion().model_id)
    await record_champion(database, head.id, head.backbone_id, head.manifest)
    bot_app = BotApp(settings, database, photos, queue, catalogue(), web=web, health=health, metrics=metrics)
    worker_metrics = WorkerMetrics(metrics.registry)
    sharing = WorkerSettings(shared_cores=champion().engine.startswith("openvino"))
    worker = Worker(
        queue, champion, photos.get, bot_app.report, sharing, missing=(PhotoMissing,), metrics=worker_metrics
    )
    async with asyncio.TaskGroup() as beside:
        greeting = beside.create_task(greet(health, page, head.id))
        beside.create_task(tidy(database, photos))
        await bot_app.run(stop, worker)
        greeting.cancel()


def _refuse_local_queue(settings: "Configuration", command: str) -> None:
    raise CommandFailed(
        f"BREEDBOT_QUEUE_URL={settings.queue_url}: `breedbot {command}` needs a queue that other processes reach, "
        "which comes in a later release; `breedbot run` does everything in one process"
    )


def _settings(*, verbose: bool = False) -> "Configuration":
    from bot.configuration import Configuration
    from bot.secret_mask import SecretMask

    settings = Configuration.read()
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    SecretMask(settings.secrets).install()
    return settings


def _store(settings: "Configuration", model: str | None = None) -> "ModelStore":
    from inference.model_store import ModelStore, PinnedStore

    folder = settings.model_folder
    return ModelStore(folder) if model is None else PinnedStore(folder, model)


def _load_champion(settings: "Configuration", model: str | None = None) -> "Champion":
    from inference.classifier import Champion

    return Champion(_store(settings, model), settings.engine)


@contextmanager
def _champion(settings: "Configuration", model: str | None = None) -> Iterator["Champion"]:
    champion = _load_champion(settings, model)
    try:
        yield champion
    finally:
        champion.close()


def _new_folder(folder: Path | None) -> Path | None:
    """Make a folder for results before the work starts, so that it is not done in vain."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _say_who_answers(model: str) -> None:
    answer(f"{model} answers from now on")


if __name__ == "__main__":
    main()
