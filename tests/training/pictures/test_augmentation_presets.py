"""Presets are found by name and called alike."""

import random

import numpy as np
import pytest

from inference.photo.preprocess import Preprocessing
from training.pictures.augment import Augmentation
from training.pictures.augmentation_presets import PRESETS, PresetUnknown, preset
from training.pictures.study_augmentation import StudyAugmentation

PHOTO = np.random.default_rng(1).integers(0, 256, (50, 70, 3), np.uint8)


@pytest.mark.parametrize("name", PRESETS)
def test_each_makes_an_input_of_the_size_asked_for(name: str) -> None:
    varied = preset(name)(PHOTO, 32, random.Random(1))

    assert varied.shape == (32, 32, 3)
    assert varied.dtype == np.uint8


def test_the_names_mean_what_they_say() -> None:
    assert preset("study") == StudyAugmentation()
    assert preset("modern") == Augmentation()
    expected = Preprocessing(32, rule="squash")(PHOTO)
    np.testing.assert_array_equal(preset("none")(PHOTO, 32, random.Random(1)), expected)


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(PresetUnknown, match="unknown augmentation 'old'; there are: study, modern, none"):
        preset("old")
