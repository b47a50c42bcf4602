"""`breedbot bench`: measure speed."""
# ruff: noqa: PLC0415 - commands import what they need when they run

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from breedbot.cli.app import Json, Model, bench_app
from breedbot.ops.terminal import FAILED, CommandFailed, answer_json, progress, show
from breedbot.serve.open import RETRAIN_COMMAND, open_champion, open_store, read_settings

RUN_COMMAND = (sys.executable, "-m", "breedbot", "run")  # for processes of their own
RUN_MODULE = ("breedbot", "run")  # …to a profiler that starts it
BOT_COMMAND = (sys.executable, "-m", "breedbot", "bot")


@bench_app.command("serving")
def bench_serving(
    as_json: Json = False,
    seconds: Annotated[float, typer.Option(min=0.1, help="For all measurements together.")] = 30.0,
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Photos to use; default: generated ones.")] = None,
) -> None:
    """Measure how fast photos are answered.

    The engine alone, the whole path from bytes to answer, and Keras predict, in the same run.
    """
    from breedbot.bench.serving.keras_predict import keras_predict
    from breedbot.bench.serving.listing import bench_photos, bench_table
    from breedbot.bench.serving.serving_bench import run_serving_bench

    files = bench_photos(photos) if photos is not None else ()
    settings = read_settings()
    with open_champion(settings) as champion, progress("measuring", 1) as step:
        classifier = champion()
        keras = keras_predict(open_store(settings).backbone(classifier.head.backbone))
        measured = asyncio.run(
            run_serving_bench(classifier, files, seconds=seconds, keras_predict=keras, progress=step)
        )
    if as_json:
        answer_json(measured.to_json())
    else:
        show(bench_table(measured))


@bench_app.command("api")
def bench_api(
    as_json: Json = False,
    seconds: Annotated[float, typer.Option(min=0.1, help="For all measurements together.")] = 60.0,
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Photos to use; default: generated ones.")] = None,
) -> None:
    """Measure how many photos a second the HTTP API answers.

    And, in turns, the worker behind it when it gets the same photos straight.
    """
    from breedbot.bench.serving.api_bench import api_table, run_api_bench
    from breedbot.bench.serving.listing import bench_photos

    files = bench_photos(photos) if photos is not None else ()
    with open_champion(read_settings()) as champion, progress("measuring", 1) as step:
        measured = asyncio.run(run_api_bench(champion(), files, seconds=seconds, progress=step))
    if as_json:
        answer_json(measured.to_json())
    else:
        show(api_table(measured))


@bench_app.command("training")
def bench_training(
    as_json: Json = False,
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Photos to use; default: generated ones.")] = None,
) -> None:
    """Measure how fast features are computed and a head is fitted.

    The engine alone and files through the feature cache, in turns of the same run.
    """
    from breedbot.bench.learning.training_bench import run_training_bench, training_bench_table
    from breedbot.bench.serving.listing import bench_photos
    from training.features.extractor import ServingExtractor

    files = bench_photos(photos) if photos is not None else ()
    with open_champion(read_settings()) as champion, progress("measuring", 1) as step:
        classifier = champion()
        extractor = ServingExtractor(classifier.head.backbone, classifier.backbone, classifier.preprocessing.decode)
        measured = run_training_bench(extractor, classifier.engine, files, progress=step)
    if as_json:
        answer_json(measured.to_json())
    else:
        show(training_bench_table(measured))


@bench_app.command("feedback")
def bench_feedback(
    as_json: Json = False,
    rows: Annotated[int, typer.Option(min=10_000, help="Claims in the fuller of two databases.")] = 1_000_000,
) -> None:
    """Measure how fast reviews are when there is very much feedback.

    In two temporary SQLite files, one with few claims and one with many, by turns. A million take 1.5 GB and minutes.
    """
    from breedbot.bench.learning.feedback_bench import STEPS, feedback_bench_table, run_feedback_bench

    with progress("measuring", STEPS) as step:
        measured = asyncio.run(run_feedback_bench(rows, progress=step))
    if as_json:
        answer_json(measured.to_json())
    else:
        show(feedback_bench_table(measured))


@bench_app.command("retrain")
def bench_retrain(
    as_json: Json = False,
    claims: Annotated[int, typer.Option(min=100, help="Accepted ones to learn from.")] = 10_000,
) -> None:
    """Measure what a retrain costs, in time and memory, and what answers notice of it.

    In temporary databases and model stores, which take 200 MB.
    """
    from breedbot.bench.learning.retrain_bench import retrain_bench_table, run_retrain_bench

    settings = read_settings()
    measured = asyncio.run(run_retrain_bench(claims, open_store(settings), settings.engine, RETRAIN_COMMAND))
    if as_json:
        answer_json(measured.to_json())
    else:
        show(retrain_bench_table(measured))


@bench_app.command("swap")
def bench_swap(
    as_json: Json = False,
    answers: Annotated[int, typer.Option(min=20, help="Photos while the model changes, and as many before.")] = 300,
) -> None:
    """Measure what answers notice of twenty changes of the model.

    Under load, in a store of its own: whether any answer is lost, mixed up or late.
    """
    from breedbot.bench.serving.swap_bench import run_swap_bench, swap_table

    settings = read_settings()
    measured = asyncio.run(run_swap_bench(open_store(settings), settings.engine, quiet=answers, answers=answers))
    if as_json:
        answer_json(measured.to_json())
    else:
        show(swap_table(measured))


@bench_app.command("look")
def bench_look(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="DIR/<breed>/*, DIR/not_a_dog/*.", show_default=False)],
    as_json: Json = False,
    count: Annotated[int, typer.Option(min=1, help="Photos of each kind.")] = 100,
    seed: Annotated[int, typer.Option(help="Another one draws other photos.")] = 1,
    part: Annotated[
        str,
        typer.Option(
            metavar="all|half-0|half-1|validation|test",
            help="Half of the photos, or a part of the default recipe's split.",
        ),
    ] = "all",
    kind: Annotated[list[str] | None, typer.Option(metavar="KIND", help="Only this kind; repeatable.")] = None,
    model: Model = None,
    first_look: Annotated[bool, typer.Option("--first-look", help="Without the second look.")] = False,
) -> None:
    """Measure how well photos are looked at: pairs, collages, small dogs, turned ones, and none at all.

    They are made of labelled photos that show one dog each, of a breed that the model knows, always the same ones for a
    seed. About 8 passes a photo. Without a DIR/not_a_dog there are no small dogs, for nothing could lie behind them.
    """
    from training.evaluation.look.held_out import PARTS, held_out
    from training.evaluation.look.measure import measure_look, report_table
    from training.evaluation.look.scenes import Scene, scenes_of

    if part not in PARTS:
        raise CommandFailed(f"--part {part}: expected one of {', '.join(PARTS)}")
    if unknown := sorted(set(kind or ()) - set(Scene)):
        raise CommandFailed(f"--kind {unknown[0]}: expected one of {', '.join(Scene)}")
    photos = held_out(folder, part)
    with open_champion(read_settings(), model) as champion, progress("looking", 1) as step:
        classifier = champion()
        second = None if first_look else classifier.second
        photos = [photo for photo in photos if photo.breed in classifier.head.labels]
        kinds = [Scene(one) for one in kind or scenes_of(photos)]
        measured = measure_look(classifier, second, photos, count, seed, kinds, progress=step)
    if as_json:
        answer_json(measured.to_json())
    else:
        show(report_table(measured))


@bench_app.command("path")
def bench_path(
    as_json: Json = False,
    visits: Annotated[bool, typer.Option("--list", help="Also the files, in the order of the first visit.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Half a minute, and rough.")] = False,
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Photos to send; default: generated ones.")] = None,
) -> None:
    """Measure what one photo, and one press of a button, cost.

    Files, functions and transactions between an update and its answer, by a profiler; the bot's processor time. Takes
    two minutes.
    """
    from breedbot.bench.path.path_bench import QUICK, PathPlan, run_path_bench
    from breedbot.bench.path.path_listing import path_tables
    from breedbot.bench.serving.listing import bench_photos

    plan, files = QUICK if quick else PathPlan(), bench_photos(photos) if photos is not None else ()
    place = TemporaryDirectory(prefix="breedbot-path-", ignore_cleanup_errors=True)
    with progress("measuring", plan.steps) as step, place as folder:
        measured = asyncio.run(run_path_bench(plan, RUN_MODULE, Path(folder), files, progress=step))
    if as_json:
        answer_json(measured.to_json())
    else:
        for table in path_tables(measured, visits=visits):
            show(table)


@bench_app.command("load")
def bench_load(
    as_json: Json = False,
    part: Annotated[
        list[str] | None, typer.Option(metavar="faults|overload|surprises|inbox", help="Only this; repeatable.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A minute, and a stub as classifier.")] = False,
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Photos to send; default: generated ones.")] = None,
    scale: Annotated[bool, typer.Option("--scale", help="Instead: several processes, NATS, PostgreSQL.")] = False,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="With --scale: draw workers and photos.")] = None,
) -> None:
    """Measure what comes through when everything goes wrong.

    A thousand photos in Telegram's worst weather while the bot is killed every 20 s; ten times too many photos; a
    bot that is frozen, without file descriptors, on a full disk, among idle connections, pressed without end, oddly
    answered; a million updates in the inbox. Twelve minutes. Exit code 1 if a photo was lost, or answered twice for
    no reason.
    """
    from breedbot.bench.load.load_bench import QUICK, LoadPlan, run_load_bench
    from breedbot.bench.load.load_listing import load_tables
    from breedbot.bench.serving.listing import bench_photos

    if scale:
        _bench_scale(quick=quick, plot=plot, as_json=as_json)
        return
    plan = (QUICK if quick else LoadPlan()).only(part or ())
    files = bench_photos(photos) if photos is not None else ()
    with progress("measuring", len(plan.parts)) as step:
        measured = asyncio.run(run_load_bench(plan, RUN_COMMAND, files, progress=step))
    if as_json:
        answer_json(measured.to_json())
    else:
        for table in load_tables(measured):
            show(table)
    if not measured.holds:
        raise typer.Exit(FAILED)


def _bench_scale(*, quick: bool, plot: Path | None, as_json: bool) -> None:
    from breedbot.bench.load.load_listing import scale_tables
    from breedbot.bench.scale.scale_bench import PARTS, QUICK, ScalePlan, run_scale_bench
    from breedbot.bench.scale.scaling_plot import scaling_svg

    with progress("measuring", PARTS) as step:
        measured = asyncio.run(run_scale_bench(QUICK if quick else ScalePlan(), BOT_COMMAND, progress=step))
    if plot is not None:
        plot.write_text(scaling_svg(measured.scaling))
    if as_json:
        answer_json(measured.to_json())
    else:
        for table in scale_tables(measured):
            show(table)
    if not measured.holds:
        raise typer.Exit(FAILED)
