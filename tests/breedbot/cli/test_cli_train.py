"""`breedbot train` and `breedbot experiments`: described, refused in a line, killed and resumed."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

import numpy as np
import pytest
from cli_types import PATIENCE_S, Cli, Start
from coloured_breeds import FIVE, coloured_breeds
from PIL import Image

from core.breeds.catalogue import NOT_A_DOG
from inference.store.folder_store import SHIPPED

T = TypeVar("T")

SMALL = ("--set", "preprocessing.input_px=24", "--set", "dense=8,8", "--set", "epochs=30", "--set", "patience=none")


@pytest.fixture
def photos(home: Path) -> Path:
    """Five breeds, each in its shade."""
    rng = np.random.default_rng(1)
    breeds = ("maltese", "irish_wolfhound", "french_bulldog", "afghan_hound", "pomeranian")
    for shade, breed in enumerate(breeds):
        (home / "dogs" / breed).mkdir(parents=True)
        for number in range(8):
            pixels = np.clip(rng.normal(50 * shade + 25, 20, (30, 40, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(home / "dogs" / breed / f"{number}.png")
    return home / "dogs"


@pytest.mark.keras
@pytest.mark.slow
def test_a_description_needs_no_photos_and_counts_what_the_study_counts(cli: Cli) -> None:
    result = cli("train", "--recipe", "five-scratch", "--describe", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "recipe": "five-scratch", "input_size": 299, "classes": 5, "total_params": 20_174_277,
        "trainable_params": 20_174_277, "frozen_params": 0,
    }  # fmt: skip


@pytest.mark.keras
def test_a_description_for_people_shows_every_number_as_it_is_set(cli: Cli) -> None:
    result = cli("train", "--recipe", "default-tuned", "--describe", "--set", "seed=7", "--set", "fine_tuning.epochs=2")

    assert result.exit_code == 0
    assert "23,860,229" in result.stdout
    rows = dict(line.split() for line in result.stdout.splitlines() if len(line.split()) == 2)
    assert (rows["seed"], rows["fine_tuning.epochs"]) == ("7", "2")


@pytest.mark.keras
@pytest.mark.slow
def test_tensorflow_says_nothing_of_its_own(start: Start) -> None:
    process = start("train", "--recipe", "five-scratch", "--describe")
    _, told = process.communicate(timeout=PATIENCE_S)

    assert (process.returncode, told) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--recipe", "six"], "no recipe 'six'; there are: "),
        (["--recipe", "five-resnet50"], "--data DIR is needed"),
        (["--recipe", "default"], "--data DIR is needed"),
        (["--recipe", "five-resnet50", "--set", "sead=1"], "--set sead=1: no setting 'sead'; there are: test_name"),
        (["--recipe", "five-resnet50", "--set", "epochs=x"], "--set epochs=x: input should be a valid integer"),
        (["--recipe", "five-scratch", "--data", "nowhere"], "nowhere: no such folder"),
    ],
)
def test_a_mistake_is_one_line(cli: Cli, words: list[str], said: str) -> None:
    result = cli("train", *words)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr
    assert [line for line in result.stderr.splitlines() if line.startswith("breedbot: ")] == result.stderr.splitlines()
    assert len(result.stderr.splitlines()) == 1


def test_experiments_without_photos_show_what_was_run_so_far(cli: Cli) -> None:
    listed = json.loads(cli("experiments", "--json").stdout)
    shown = cli("experiments", "--only", "scratch").stdout

    assert len(listed) == 17
    assert {one["reason"] for one in listed} == {"not run yet"}
    assert listed[0]["study"] == {"accuracy": 0.982, "loss": 0.115, "duration_s": 25.0}
    assert "scratch-3-adam-10" in shown
    assert "resnet50" not in shown
    assert cli("experiments", "--only", "nothing").exit_code == 1


@pytest.mark.slow
@pytest.mark.timeout(3 * PATIENCE_S)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_training_leaves_no_result_and_goes_on_where_it_was(
    home: Path, photos: Path, start: Start, how: signal.Signals
) -> None:
    words = ("train", "--recipe", "five-scratch", "--data", photos, "--work", home / "work", *SMALL)
    first = start(*words)
    before = wait_for(lambda: epochs(home / "work"), first)
    first.send_signal(how)
    _, told = first.communicate(timeout=PATIENCE_S)

    assert not (home / "work" / "result.json").exists()
    assert first.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in told
    assert ("breedbot: stopped; the same command goes on where it was" in told) is (how is signal.SIGINT)

    second = start(*words)
    said, _ = second.communicate(timeout=2 * PATIENCE_S)

    assert second.returncode == 0
    assert said.startswith("five-scratch: accuracy ")
    history = json.loads(next((home / "work").glob("*/history.json")).read_text())
    assert len(history) == 30
    assert history[: len(before)] == before
    assert json.loads((home / "work" / "result.json").read_text())["epochs"] == 30
    assert not list((home / "work").rglob(".*"))


def epochs(work: Path) -> list[dict[str, float]]:
    found = list(work.glob("*/checkpoint/history.json"))
    kept = json.loads(found[0].read_text()) if found else []
    return kept if len(kept) >= 2 else []


@pytest.mark.slow
@pytest.mark.timeout(4 * PATIENCE_S)
def test_the_same_photos_make_the_same_model_bit_by_bit_killed_in_between_or_not(home: Path, start: Start) -> None:
    dogs = coloured_breeds(home / "dogs", 12, FIVE | {NOT_A_DOG: (128, 128, 250)})
    weights = next(SHIPPED.glob("backbones/*/weights.npz"))

    def begin(run: str) -> "subprocess.Popen[str]":
        words = ("train", "--recipe", "default", "--data", dogs, "--backbone-weights", weights)
        return start(*words, "--work", home / run / "work", "--into", home / run / "models")

    def made(run: str) -> dict[str, bytes]:
        process = begin(run)
        _, told = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, told
        return {
            path.name: path.read_bytes()
            for path in (home / run / "models").rglob("*.*")
            if path.is_file() and path.name not in {"manifest.json", "card.md"}  # they state the day
        }

    killed = begin("killed")
    wait_for(lambda: list((home / "killed" / "work").glob("imagenet-train.npz")), killed)
    killed.kill()
    killed.communicate()
    once = made("once")

    assert {"head.npz", "weights.npz", "golden.npz", "exemplars.npz", "golden_sketches.npz"} < set(once)
    assert made("again") == once
    assert made("killed") == once


def wait_for(look: Callable[[], list[T]], process: "subprocess.Popen[str]") -> list[T]:
    deadline = monotonic() + PATIENCE_S
    while monotonic() < deadline:
        if found := look():
            return found
        assert process.poll() is None, process.communicate()
        sleep(0.02)
    raise AssertionError("nothing was kept in time")
