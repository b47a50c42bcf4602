"""The whole recipe on a folder of drawn dogs: from photos and weights to a model that answers."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_models import random_pair
from PIL import Image
from random_resnet50 import random_resnet50

from core.breeds.catalogue import NOT_A_DOG
from inference.model.artefact import ArtefactError, HeadArtefact
from inference.model.classifier import Champion
from inference.model.weights import write_packed_weights
from inference.settings import Engine
from inference.store.folder_store import ModelStore
from training.data.read.dataset import DatasetError, LabelledPhoto, read_photos
from training.data.read.split import Split
from training.default.fine_tune import FineTuning, FreshCrops
from training.default.model import BuiltModel, Plan, build, choose_exemplars
from training.default.ship import ship
from training.features.labelled_features import LabelledFeatures

pytestmark = [pytest.mark.keras, pytest.mark.slow]

COLOURS = {"beagle": (200, 60, 40), "borzoi": (40, 190, 60), "pug": (50, 60, 210), NOT_A_DOG: (128, 128, 128)}
EACH = 16
FROZEN = Plan(validation=0.2, test=0.2, l2=(0.001, 0.01), fine_tuning=None, exemplars=3)
TINY = FineTuning(frozen_until="conv5_block2", epochs=1, batch_size=4, learning_rate=1e-6, warm_up_steps=1)
TUNED = replace(FROZEN, fine_tuning=TINY)


@pytest.fixture(scope="module")
def imagenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "resnet50.weights.h5"
    random_resnet50(3, on_int8_grid=False).save_weights(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noisy pictures, each breed in its colour."""
    root = tmp_path_factory.mktemp("dogs")
    rng = np.random.default_rng(1)
    for breed, colour in COLOURS.items():
        (root / breed).mkdir()
        for number in range(EACH):
            pixels = np.clip(rng.normal(colour, 30, (60, 80, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / breed / f"{number}.jpg")
    return root


@pytest.fixture(scope="module")
def photos(folder: Path) -> list[LabelledPhoto]:
    return read_photos(folder)


@pytest.fixture(scope="module")
def finished(photos: list[LabelledPhoto], imagenet: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The work folder of a finished run with the frozen backbone."""
    work = tmp_path_factory.mktemp("work") / "frozen"
    build(FROZEN, photos, imagenet, work)
    return work


@pytest.fixture
def work(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "work"))


def times(work: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in work.iterdir() if path.suffix == ".npz"}


def half_written(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(".")]


def assert_same(one: BuiltModel, other: BuiltModel) -> None:
    np.testing.assert_array_equal(one.head.weights, other.head.weights)
    np.testing.assert_array_equal(one.test.features, other.test.features)
    assert one.head.calibration == other.head.calibration
    assert one.split == other.split


def test_a_build_is_complete_and_a_second_one_computes_nothing_again(
    photos: list[LabelledPhoto], imagenet: Path, work: Path
) -> None:
    before = times(work)
    one = build(FROZEN, photos, imagenet, work)
    two = build(FROZEN, photos, imagenet, work)

    assert times(work) == before
    assert set(before) == {
        "imagenet-weights.npz",
        *(f"imagenet-{part}.npz" for part in ("train", "validation", "test")),
    }
    assert half_written(work) == []
    assert_same(one, two)
    assert one.head.labels == ("beagle", "borzoi", "pug", NOT_A_DOG)
    assert sum(len(part.labels) for part in (one.train, one.validation, one.test)) == EACH * len(COLOURS)
    assert all(set(part.labels.tolist()) == set(COLOURS) for part in (one.train, one.validation, one.test))
    answers = one.head.logits(one.test.features).argmax(axis=1)
    assert (np.array(one.head.labels)[answers] == one.test.labels).mean() >= 0.75
    assert one.l2 in FROZEN.l2


def test_only_what_is_missing_is_computed_and_gives_the_same_model(
    photos: list[LabelledPhoto], imagenet: Path, work: Path
) -> None:
    one = build(FROZEN, photos, imagenet, work)
    before = times(work)
    (work / "imagenet-test.npz").unlink()
    (work / ".imagenet-test.npz").write_bytes(b"what a killed run left")

    two = build(FROZEN, photos, imagenet, work)

    assert {name for name, time in times(work).items() if time != before[name]} == {"imagenet-test.npz"}
    assert half_written(work) == []
    assert_same(one, two)


def test_a_failed_build_leaves_whole_files_only_and_goes_on_once_it_can(
    folder: Path, imagenet: Path, work: Path, tmp_path: Path
) -> None:
    copies = read_photos(Path(shutil.copytree(folder, tmp_path / "dogs")))
    broken = build(FROZEN, copies, imagenet, work).split.test[0].path
    whole = broken.read_bytes()
    broken.write_bytes(b"no photo")
    (work / "imagenet-test.npz").unlink()

    with pytest.raises(DatasetError, match=broken.name):
        build(FROZEN, copies, imagenet, work)
    assert half_written(work) == []
    assert not (work / "imagenet-test.npz").exists()

    broken.write_bytes(whole)
    assert len(build(FROZEN, copies, imagenet, work).test.features) > 0


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (replace(FROZEN, seed=2), "split"),
        (replace(FROZEN, preprocessing=replace(FROZEN.preprocessing, rule="squash")), "preprocessing"),
    ],
)
def test_a_work_folder_of_another_plan_is_refused(
    photos: list[LabelledPhoto], imagenet: Path, work: Path, plan: Plan, reason: str
) -> None:
    with pytest.raises(DatasetError, match=f"results of another {reason}"):
        build(plan, photos, imagenet, work)


def test_a_work_folder_of_other_photos_or_weights_is_refused(
    photos: list[LabelledPhoto], imagenet: Path, work: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.weights.h5"
    other.write_bytes(b"other weights")

    with pytest.raises(DatasetError, match="another split"):
        build(FROZEN, photos[1:], imagenet, work)
    with pytest.raises(DatasetError, match="another imagenet"):
        build(FROZEN, photos, other, work)


def test_fine_tuning_changes_the_tail_only_and_is_not_repeated(
    photos: list[LabelledPhoto], imagenet: Path, work: Path
) -> None:
    frozen = build(FROZEN, photos, imagenet, work)

    tuned = build(TUNED, photos, imagenet, work)
    before = times(work)
    again = build(TUNED, photos, imagenet, work)

    changed = {name for name, conv in tuned.weights.items() if (conv.bias != frozen.weights[name].bias).any()}
    assert changed
    assert all(name.startswith("conv5_block3") for name in changed)
    assert times(work) == before
    assert {"tuned-weights.npz", "tuned-test.npz", "imagenet-train.npz"} <= set(before)
    assert [path.name for path in half_written(work)] == []
    assert_same(tuned, again)
    with pytest.raises(DatasetError, match="another fine_tuning"):
        build(replace(TUNED, fine_tuning=replace(TINY, epochs=2)), photos, imagenet, work)


def test_a_fine_tuning_that_is_killed_goes_on_to_the_very_same_weights(
    photos: list[LabelledPhoto], imagenet: Path, work: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(work, tmp_path / "other"))
    plan = replace(TUNED, fine_tuning=replace(TINY, epochs=2, learning_rate=1e-3, soften=0.5, checkpoint_every=1))
    in_one_go = build(plan, photos, imagenet, work).weights

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FreshCrops, "__getitem__", killed_at(7, FreshCrops.__getitem__))
        with pytest.raises(Killed):
            build(plan, photos, imagenet, other)
    assert (other / "fine-tuning.npz").exists()
    resumed = build(plan, photos, imagenet, other).weights

    for name, conv in in_one_go.items():
        np.testing.assert_array_equal(resumed[name].kernel, conv.kernel)
        np.testing.assert_array_equal(resumed[name].bias, conv.bias)
    assert (other / "history.csv").read_text() == (work / "history.csv").read_text()


class Killed(BaseException):
    """As a kill ends a process, nothing catches it."""


def killed_at(number: int, reads: Callable[[FreshCrops, int], object]) -> Callable[[FreshCrops, int], object]:
    def read(crops: FreshCrops, batch: int) -> object:
        if batch == number:
            raise Killed
        return reads(crops, batch)

    return read


def test_a_built_model_ships_is_promoted_and_answers(
    photos: list[LabelledPhoto], imagenet: Path, work: Path, tmp_path: Path
) -> None:
    store = ModelStore(tmp_path / "models", shipped=tmp_path / "nothing-shipped")
    built = build(FROZEN, photos, imagenet, work)

    artefact = ship(FROZEN, built, photos, "default", store)
    store.promote(artefact.id)
    champion = Champion(store, Engine.OPENVINO)

    classifier = champion()
    answers = [
        classifier.predict(classifier.preprocessing.decode(photo.path.read_bytes())[None])[0]
        for photo in built.split.test
    ]
    assert classifier.model_id == artefact.id
    np.testing.assert_allclose(
        np.stack([answer.features for answer in answers]), built.test.features, rtol=0.02, atol=0.02
    )
    assert_manifest_tells_the_whole_story(artefact, built)
    with pytest.raises(ArtefactError, match="exists already"):
        ship(FROZEN, built, photos, "default", store)
    assert [head.id for head in store.heads()] == [artefact.id]
    champion.close()


def test_a_model_of_other_photos_leaves_those_of_the_same_network_as_they_are(
    photos: list[LabelledPhoto], imagenet: Path, work: Path, tmp_path: Path
) -> None:
    shipped, store = tmp_path / "shipped", ModelStore(tmp_path / "models", shipped=tmp_path / "shipped")
    built = build(FROZEN, photos, imagenet, work)
    other = replace(
        built,
        split=Split(built.split.train, built.split.test, built.split.validation),
        validation=built.test,
        test=built.validation,
    )

    first = ship(FROZEN, built, photos, "default", ModelStore(shipped))
    second = ship(FROZEN, replace(other, head=replace(built.head, bias=built.head.bias + 1)), photos, "default", store)

    assert second.backbone_id.startswith(f"{first.backbone_id}-")
    assert store.backbone(first.backbone_id).folder.is_relative_to(shipped)
    assert {store.promote(model).model for model in (first.id, second.id)} == {first.id, second.id}


def test_two_networks_in_one_file_are_taken_as_they_are_and_credited(
    photos: list[LabelledPhoto], tmp_path: Path
) -> None:
    pair = random_pair(224)
    write_packed_weights(tmp_path / "pair.npz", pair.weights)
    store = ModelStore(tmp_path / "models", shipped=tmp_path / "nothing-shipped")

    built = build(FROZEN, photos, tmp_path / "pair.npz", tmp_path / "work")
    artefact = ship(FROZEN, built, photos, "default", store)

    assert built.is_pair
    assert built.test.features.shape[1] == 2048 + 1280
    assert artefact.backbone_id.startswith("resnet50-lite2-")
    assert "EfficientNet-Lite2" in (artefact.folder / "card.md").read_text(encoding="utf-8")
    with pytest.raises(DatasetError, match="only ResNet50 alone can be fine-tuned"):
        build(TUNED, photos, tmp_path / "pair.npz", tmp_path / "work")


def assert_manifest_tells_the_whole_story(artefact: HeadArtefact, built: BuiltModel) -> None:
    manifest = artefact.manifest
    assert {"schema", "model", "backbone", "labels", "calibration", "metrics", "dataset", "git_commit"} <= set(manifest)
    assert {"recipe", "libraries", "files", "created_at", "selfcheck"} <= set(manifest)
    assert {"head.npz", "card.md"} <= set(manifest["files"])
    assert any(name.startswith("report/") for name in manifest["files"])
    assert manifest["metrics"]["top1"]["n"] == (built.test.labels != NOT_A_DOG).sum()
    card = (artefact.folder / "card.md").read_text(encoding="utf-8")
    parts = " / ".join(str(len(part.labels)) for part in (built.train, built.validation, built.test))
    for word in (parts, "Optimistic", artefact.id, artefact.backbone_id, "Wilson"):
        assert word in card
    assert artefact.head().calibration == built.head.calibration


def test_exemplars_are_drawn_evenly_and_twice_of_what_is_many_things() -> None:
    labels = np.array(["pug"] * 9 + ["beagle"] * 2 + [NOT_A_DOG] * 9)
    train = LabelledFeatures(np.arange(20 * 2048).reshape(20, 2048).astype(np.float16), labels)

    chosen = choose_exemplars(train, 3, seed=1)

    names, counts = np.unique(chosen.labels, return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {"beagle": 2, NOT_A_DOG: 6, "pug": 3}
    assert all(any((row == source).all() for source in train.features) for row in chosen.features)
    again = choose_exemplars(train, 3, seed=1)
    np.testing.assert_array_equal(again.features, chosen.features)
