"""Training on photos resumes after a kill as if nothing had happened, and names a photo that cannot be read."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from coloured_breeds import FIVE, coloured_breeds

from inference.photo.preprocess import Preprocessing
from training.data.read.dataset import DatasetError, read_photos
from training.data.read.split import Split, split_by_group
from training.networks import build_scratch
from training.pictures.augmentation_presets import preset
from training.pictures.image_steps import parse
from training.studies.reference.photo_training import PhotoBatches, PhotoTraining, probabilities, train_on_photos

pytestmark = [pytest.mark.keras, pytest.mark.slow]

CLASSES = tuple(sorted(FIVE))
PX = 24
PLAN = PhotoTraining(Preprocessing(PX, PX, "squash"), parse("contrast"), preset("study"), 8, 3, None, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coloured_breeds(tmp_path_factory.mktemp("photos"), 8)


@pytest.fixture(scope="module")
def split(folder: Path) -> Split:
    return split_by_group(read_photos(folder), validation=0.2, test=0.2, seed=1)


def train(split: Split, work: Path, plan: PhotoTraining = PLAN, told: Any = lambda number, epoch: None) -> Any:
    keras.utils.set_random_seed(1)
    model = build_scratch(5, PX, (16,), 0.0)
    return train_on_photos(model, keras.optimizers.Adam(3e-3), split, CLASSES, plan, work, told)


def test_every_epoch_shows_every_photo_once_in_another_order_and_another_form(split: Split) -> None:
    epochs = [PhotoBatches(split.train, CLASSES, PLAN, epoch) for epoch in (0, 0, 1)]

    shown = [[batches[number] for number in range(len(batches))] for batches in epochs]

    pixels = [np.concatenate([batch[0] for batch in batches]) for batches in shown]
    columns = [np.concatenate([batch[1] for batch in batches]) for batches in shown]
    np.testing.assert_array_equal(pixels[0], pixels[1])
    assert pixels[0].shape == (len(split.train), PX, PX, 3)
    assert columns[0].tolist() != columns[2].tolist()
    assert sorted(columns[0].tolist()) == sorted(columns[2].tolist())
    assert not {photo.tobytes() for photo in pixels[0]} & {photo.tobytes() for photo in pixels[2]}


def test_held_back_photos_are_shown_as_they_are_in_their_order(split: Split) -> None:
    batches = PhotoBatches(split.test, CLASSES, PLAN)

    columns = np.concatenate([batches[number][1] for number in range(len(batches))])

    assert columns.tolist() == [CLASSES.index(photo.breed) for photo in split.test]
    np.testing.assert_array_equal(batches[0][0], batches[0][0])


def test_a_killed_run_goes_on_as_if_nothing_had_happened(split: Split, tmp_path: Path) -> None:
    whole = train(split, tmp_path / "whole")

    def kill(number: int, _: object) -> None:
        if number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(split, tmp_path / "killed", told=kill)
    seen: list[int] = []
    resumed = train(split, tmp_path / "killed", told=lambda number, _: seen.append(number))

    assert seen == [2]
    assert len(resumed.history) == 3
    for one, other in zip(whole.history, resumed.history, strict=True):
        assert one["val_loss"] == pytest.approx(other["val_loss"], rel=1e-3)
    answers = probabilities(resumed.model, split.test, CLASSES, PLAN)
    np.testing.assert_allclose(answers, probabilities(whole.model, split.test, CLASSES, PLAN), atol=1e-3)
    assert answers.shape == (len(split.test), 5)


def test_a_finished_run_trains_no_more(split: Split, tmp_path: Path) -> None:
    train(split, tmp_path, replace(PLAN, epochs=1))
    seen: list[int] = []

    train(split, tmp_path, replace(PLAN, epochs=1), told=lambda number, _: seen.append(number))

    assert seen == []


def test_a_damaged_photo_is_named(split: Split, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(split.train[0].path.read_bytes()[:200])
    damaged = Split([*split.train, replace(split.train[0], path=broken)], split.validation, split.test)

    with pytest.raises(DatasetError, match=r"broken\.png: .*; remove or replace it"):
        train(damaged, tmp_path / "work")
