"""The Keras model for other programs tells people what ours does: also of dogs that are not typical of their breed."""

import numpy as np
import pytest

from core.breeds.catalogue import NOT_A_DOG
from inference.model.head import Calibration, Head

pytestmark = [pytest.mark.keras, pytest.mark.slow]

LABELS = ("beagle", "borzoi", "pug", NOT_A_DOG)
TEMPERATURE = 1.5


def a_head(typical_from: float | None, doubles: tuple[float, ...]) -> Head:
    calibration = Calibration(TEMPERATURE, typical_from=typical_from, doubles=doubles)
    return Head("head", "bones", LABELS, np.eye(4, dtype=np.float32), np.zeros(4, np.float32), calibration)


@pytest.mark.parametrize("scale", [1.0, 5.0, 40.0])
@pytest.mark.parametrize("doubles", [(), (0.0, 0.3, 6.0, 0.0)])
@pytest.mark.parametrize("typical_from", [None, 8.0])
def test_what_is_told_is_told_alike(typical_from: float | None, doubles: tuple[float, ...], scale: float) -> None:
    import keras  # noqa: PLC0415 - slow to import

    from training.networks.whole_model import told  # noqa: PLC0415 - imports Keras

    head = a_head(typical_from, doubles)
    logits = np.random.default_rng(1).normal(scale=scale, size=(2000, 4)).astype(np.float32)

    ours = head.told(logits)
    theirs = keras.ops.convert_to_numpy(told(keras.ops.convert_to_tensor(logits / TEMPERATURE), head))

    np.testing.assert_allclose(theirs, ours, atol=1e-5)
    assert (ours.sum(axis=1) < 0.99).any() == (typical_from is not None and scale > 1)
