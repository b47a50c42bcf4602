"""PCA keeps the variance it was asked to keep, and a head on it needs no PCA when it serves."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.features.feature_reduction import reduce_features


def features(count: int, dim: int, seed: int = 1) -> NDArray[np.float16]:
    """Three directions with nearly all of the variance, and a little noise."""
    rng = np.random.default_rng(seed)
    directions = np.random.default_rng(0).normal(size=(3, dim))
    strong = rng.normal(size=(count, 3)) * [5, 3, 2]
    return (strong @ directions + rng.normal(scale=0.01, size=(count, dim)) + 4).astype(np.float16)


@pytest.mark.parametrize(("count", "dim"), [(200, 40), (30, 300)])
def test_the_fewest_directions_with_that_variance_are_kept(count: int, dim: int) -> None:
    train = features(count, dim)

    most, all_but_noise = reduce_features(train, keep=0.6), reduce_features(train, keep=0.99)

    assert all_but_noise.directions.shape == (dim, 3)
    assert all_but_noise.variance_kept >= 0.99
    assert most.directions.shape[1] < 3
    assert most.variance_kept >= 0.6
    np.testing.assert_allclose(all_but_noise.directions.T @ all_but_noise.directions, np.eye(3), atol=1e-4)


def test_other_features_are_reduced_as_the_training_features_were() -> None:
    reduction = reduce_features(features(200, 40), keep=0.99)
    others = features(50, 40, seed=2)

    reduced = reduction(others)

    assert reduced.shape == (50, 3)
    assert reduced.dtype == np.float32
    restored = reduced @ reduction.directions.T + reduction.mean
    np.testing.assert_allclose(restored, others, atol=0.2)


def test_a_head_on_reduced_features_becomes_one_on_whole_features() -> None:
    rng = np.random.default_rng(3)
    reduction = reduce_features(features(200, 40), keep=0.99)
    weights, bias = rng.normal(size=(3, 5)).astype(np.float32), rng.normal(size=5).astype(np.float32)

    whole, whole_bias = reduction.unfold(weights, bias)

    others = features(50, 40, seed=2)
    expected = reduction(others) @ weights + bias
    np.testing.assert_allclose(others.astype(np.float32) @ whole + whole_bias, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("keep", [0, 1, -0.5, 95, float("nan")])
def test_a_share_that_is_none_is_refused(keep: float) -> None:
    with pytest.raises(ValueError, match=f"keep={keep}: expected a share of the variance between 0 and 1"):
        reduce_features(features(10, 4), keep)


def test_one_photo_has_no_variance() -> None:
    with pytest.raises(ValueError, match="1 photo: variance takes at least two"):
        reduce_features(features(1, 4))
