"""Bases have the study's parameters, are frozen, preprocess as published, and say what to do about weights."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from training.networks import BASES, UnknownNetwork, WeightsError, base, count_params, study_network

pytestmark = [pytest.mark.keras, pytest.mark.slow]


def pictures(px: int) -> Any:
    return np.random.default_rng(px).integers(0, 256, (2, px, px, 3), np.uint8)


@pytest.mark.parametrize(
    ("name", "join", "features", "counts"),
    [  # the first two rows: ../shared/REFERENCE.md
        ("vgg16", "flatten", 25_088, (14_840_133, 125_445, 14_714_688)),
        ("resnet50", "pooling", 2_048, (23_597_957, 10_245, 23_587_712)),
        ("vgg19", "pooling", 512, (20_026_949, 2_565, 20_024_384)),
        ("xception", "pooling", 2_048, (20_871_725, 10_245, 20_861_480)),
    ],
)
def test_a_head_on_a_base_has_the_studys_parameters(
    name: str, join: Any, features: int, counts: tuple[int, int, int]
) -> None:
    model = study_network(base(name, None), classes=5, join=join)

    assert count_params(model) == counts
    assert model.get_layer("head").input.shape == (None, features)
    assert model.output.shape == (None, 5)


@pytest.mark.parametrize("name", sorted(BASES))
def test_a_base_takes_photos_as_they_are_and_preprocesses_as_published(name: str) -> None:
    photos = pictures(71)
    model = base(name, None, 71)
    published = getattr(keras.applications, name).preprocess_input

    found = np.asarray(model(photos))

    expected = np.asarray(model.get_layer(name)(published(photos.astype(np.float32)), training=False))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    swapped = np.asarray(model(photos[..., ::-1]))
    assert np.abs(found - swapped).max() > 10 * np.abs(found - expected).max()


def test_training_the_head_leaves_the_base_and_its_statistics_alone() -> None:
    model = study_network(base("resnet50", None, 32), classes=2, join="pooling")
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = [weights.copy() for weights in model.get_weights()]

    model.fit(pictures(32), np.array([0, 1]), verbose=0)

    changed = [not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True)]
    assert changed == [False] * (len(before) - 2) + [True, True]


def test_a_saved_network_is_loaded_with_its_preprocessing(tmp_path: Path) -> None:
    model = study_network(base("xception", None, 71), classes=3, join="flatten", dense=(4,))
    model.save(tmp_path / "network.keras")

    loaded = keras.saving.load_model(tmp_path / "network.keras")

    np.testing.assert_allclose(np.asarray(loaded(pictures(71))), np.asarray(model(pictures(71))), rtol=1e-5)


def test_weights_come_from_a_file(tmp_path: Path) -> None:
    core = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(32, 32, 3))
    core.save_weights(tmp_path / "resnet50.weights.h5")

    loaded = base("resnet50", tmp_path / "resnet50.weights.h5", 64)

    for old, new in zip(core.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_file_that_is_none_or_of_another_base_is_named(tmp_path: Path) -> None:
    missing, text, other = (tmp_path / name for name in ("none.h5", "text.weights.h5", "vgg16.weights.h5"))
    text.write_text("no weights")
    keras.applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 3)).save_weights(other)

    with pytest.raises(WeightsError, match=r"none\.h5: no such file; expected Keras weights of resnet50"):
        base("resnet50", missing, 32)
    for file in (text, other):
        with pytest.raises(WeightsError, match=rf"{file.name}: not Keras weights of resnet50 without its top .*: \S+"):
            base("resnet50", file, 32)


@pytest.mark.parametrize(
    ("name", "input_px", "reason"),
    [
        ("alexnet", 224, "unknown base 'alexnet'; there are: resnet50, vgg16, vgg19, xception"),
        ("xception", 70, "input_px=70: xception needs at least 71"),
    ],
)
def test_a_base_that_there_is_not_is_named(name: str, input_px: int, reason: str) -> None:
    with pytest.raises(UnknownNetwork, match=reason):
        base(name, None, input_px)


def test_a_failing_download_says_what_to_do_on_stderr_only(tmp_path: Path) -> None:
    code = (
        "from training.networks import WeightsError, base\n"
        "try: base('vgg16', 'imagenet')\n"
        "except WeightsError as error: raise SystemExit(f'told: {error}')"
    )
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")  # the discard port: refused
    environment = {**os.environ, **nowhere, "KERAS_HOME": str(tmp_path), "no_proxy": ""}

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False, timeout=120
    )

    assert (result.returncode, result.stdout) == (1, "")
    told = [line for line in result.stderr.splitlines() if line.startswith("told: ")]
    assert len(told) == 1
    assert "vgg16: the ImageNet weights cannot be downloaded: URL fetch failure on https://" in told[0]
    assert "give a Keras weights file of vgg16 without its top" in told[0]
