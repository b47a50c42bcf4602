"""The study's grid: what can be made is made once, what cannot says why, and the table puts the best first."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from inference.store.folder_store import ModelStore
from training.networks import DownloadFailed, WeightsError
from training.recipe import RecipeError, RunContext
from training.studies.reference.experiments import NOT_RUN, chosen, finished, make
from training.studies.reference.grid import FROM_SCRATCH, GRID, TRANSFER, Experiment, Span, StudyNumbers
from training.studies.reference.listing import experiment_json, experiment_table, failed_downloads, ranked
from training.studies.reference.recipe import StudyRecipe
from training.studies.reference.result import StudyResult
from training.tracking.tracking import Tracking

pytestmark = pytest.mark.keras

STUDY = StudyNumbers(Span(0.236, 0.370), Span.of(2.8248))


def result(name: str, accuracy: float, loss: float = 0.1) -> StudyResult:
    return StudyResult(
        name, "2026-11-23T10:00:00+00:00", 20.0, 1.5, accuracy, 0.1, 1.0, loss, 0.9, 0.9, 0.9, 1.0, 0.01, "made up", 1,
        30, 20, "adam", ("beagle", "pug"), {"train": 70, "validation": 20, "test": 10}, "f" * 64, "imagenet",
        "tensorflow", ("irish_wolfhound stands in for scottish_deerhound",), {"seed": 1},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Good(StudyRecipe):
    accuracy: float = 0.5

    def result(self, name: str, context: RunContext) -> StudyResult:
        context.work.mkdir(parents=True, exist_ok=True)
        found = result(name, self.accuracy)
        found.write(context.work)
        return found


@dataclass(frozen=True, slots=True)
class WithoutWeights(StudyRecipe):
    def result(self, name: str, context: RunContext) -> StudyResult:
        raise WeightsError(f"{self.network}: the ImageNet weights cannot be downloaded: no route to host")


@dataclass(frozen=True, slots=True)
class NotDownloaded(StudyRecipe):
    def result(self, name: str, context: RunContext) -> StudyResult:
        raise DownloadFailed(self.network, f"URL fetch failure on https://example.org/{self.network}.h5")


@dataclass(frozen=True, slots=True)
class TellsWeights(StudyRecipe):
    def result(self, name: str, context: RunContext) -> StudyResult:
        raise WeightsError(f"given {context.backbone_weights}")


SOME = (
    Experiment("first", Good("first", "resnet50", accuracy=0.7), STUDY),
    Experiment("second", WithoutWeights("second", "vgg16"), STUDY),
    Experiment("third", Good("third", "resnet50", accuracy=0.9), STUDY),
)


def context(tmp_path: Path) -> RunContext:
    return RunContext(tmp_path, tmp_path / "work", tmp_path / "resnet50.h5", ModelStore(tmp_path), Tracking(None))


def test_the_grid_has_every_run_of_both_tables() -> None:
    assert (len(TRANSFER), len(FROM_SCRATCH)) == (9, 8)
    assert len({one.name for one in GRID}) == len(GRID)
    assert len({one.recipe for one in GRID}) == len(GRID)
    assert [one.study.accuracy.text(".4f") for one in TRANSFER] == [
        "0.9820", "0.9820", "0.9640", "0.9640", "0.9550", "0.9459", "0.9369", "0.9369", "0.9279",
    ]  # fmt: skip
    assert {(one.recipe.optimizer, one.recipe.epochs, one.recipe.dense) for one in FROM_SCRATCH} == {
        (optimizer, epochs, dense)
        for optimizer in ("adam", "sgd")
        for epochs in (10, 30)
        for dense in ((128, 64), (128, 64, 32))
    }
    best = max(FROM_SCRATCH, key=lambda one: one.study.accuracy.low)
    assert (best.name, best.study.accuracy) == ("scratch-3-adam-10", Span.of(0.4606))


def test_a_run_that_cannot_be_made_says_why_and_the_others_go_on(tmp_path: Path) -> None:
    said: list[str] = []

    standings = make(SOME, context(tmp_path), said.append)

    assert [standing.result is not None for standing in standings] == [True, False, True]
    assert standings[1].reason == "vgg16: the ImageNet weights cannot be downloaded: no route to host"
    assert [line.split(":")[0] for line in said] == ["1/3 first", "2/3 second", "3/3 third"]


def test_what_was_run_so_far_is_found_without_photos(tmp_path: Path) -> None:
    make(SOME, context(tmp_path), lambda _: None)

    found = finished((*SOME, replace(SOME[0], name="never")), tmp_path / "work")

    assert [standing.reason for standing in found] == ["", NOT_RUN, "", NOT_RUN]
    assert found[2].result == result("third", 0.9)


def test_weights_of_resnet50_are_given_to_no_other_network(tmp_path: Path) -> None:
    experiments = [Experiment(name, TellsWeights(name, name), STUDY) for name in ("resnet50", "vgg16", "scratch")]

    reasons = [standing.reason for standing in make(experiments, context(tmp_path), lambda _: None)]

    assert reasons == [f"given {tmp_path / 'resnet50.h5'}", "given None", "given None"]


def test_the_table_is_sorted_by_accuracy_beside_the_studys_numbers(tmp_path: Path) -> None:
    standings = make(SOME, context(tmp_path), lambda _: None)
    console = Console(width=240)
    with console.capture() as captured:
        console.print(experiment_table(standings))

    lines = captured.get().splitlines()
    assert [standing.experiment.name for standing in ranked(standings)] == ["third", "first", "second"]
    assert [line.split()[0] for line in lines[1:4]] == ["third", "first", "second"]
    assert "0.2360–0.3700" in lines[1]
    assert "2.8248" in lines[1]
    text = " ".join(captured.get().split())
    assert "second: vgg16: the ImageNet weights cannot be downloaded" in text
    assert "irish_wolfhound stands in for scottish_deerhound" in text
    assert "which probably holds these photos: optimistic" in text


def test_json_has_our_numbers_the_reason_and_the_studys(tmp_path: Path) -> None:
    made, missing, _ = (
        json.loads(json.dumps(experiment_json(one))) for one in make(SOME, context(tmp_path), lambda _: None)
    )

    assert made["result"]["accuracy"] == 0.7
    assert made["reason"] is None
    assert missing["result"] is None
    assert "no route to host" in missing["reason"]
    assert made["study"] == {"accuracy": [0.236, 0.370], "loss": 2.8248, "duration_s": None}


def test_failed_downloads_are_named_at_the_end_with_the_runs_that_wait_and_what_to_do(tmp_path: Path) -> None:
    waiting = [
        Experiment("a", NotDownloaded("a", "vgg16"), STUDY),
        Experiment("b", NotDownloaded("b", "resnet50"), STUDY),
        Experiment("c", NotDownloaded("c", "vgg16"), STUDY),
    ]
    standings = make([*SOME, *waiting], context(tmp_path), lambda _: None)
    console = Console(width=240)
    with console.capture() as captured:
        console.print(experiment_table(standings))

    vgg16, resnet50 = failed_downloads(standings)
    assert (vgg16.weights, vgg16.runs) == ("vgg16", ("a", "c"))
    assert vgg16.reason == "URL fetch failure on https://example.org/vgg16.h5"
    assert "~/.keras/models" in vgg16.to_do
    assert "--backbone-weights" in resnet50.to_do
    assert "--backbone-weights" not in vgg16.to_do
    assert " ".join(captured.get().split()).endswith(f"{vgg16.to_text()} {resnet50.to_text()}")
    listed = [experiment_json(one)["failed_download"] for one in standings]
    assert listed[:3] == [None] * 3
    assert [one["weights"] for one in listed[3:]] == ["vgg16", "resnet50", "vgg16"]


def test_part_of_the_grid_is_chosen_by_name() -> None:
    assert {one.recipe.network for one in chosen("scratch")} == {"scratch"}
    assert chosen("") == list(GRID)
    with pytest.raises(RecipeError, match="no experiment 'nothing'; there are: resnet50-adam-1"):
        chosen("nothing")
