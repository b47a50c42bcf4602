"""A head's answers: probabilities, their order, and how specific they may be."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_models import LABELS, features_of, straight_head
from shipped_engines import shipped_head

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import Kind, Prediction
from inference.model.head import TOP, UNTYPICAL_AT_MOST, Calibration, Head, read_head, softmax, write_head

SHARE = st.floats(0, 1)
LOGITS = arrays(np.float32, st.integers(2, 12), elements=st.floats(-50, 50, width=32))


def head_of(logits: np.ndarray[tuple[int, ...], np.dtype[np.float32]], calibration: Calibration) -> Head:
    """Answers these logits to features that are one at the first place and zero elsewhere."""
    labels = (*(f"breed_{number}" for number in range(1, len(logits))), NOT_A_DOG)
    weights = np.zeros((2048, len(logits)), np.float32)
    weights[0] = logits
    return Head("made", "bones", labels, weights, np.zeros(len(logits), np.float32), calibration)


def answer(head: Head) -> Prediction:
    features = np.zeros((1, 2048), np.float32)
    features[0, 0] = 1
    return head.predictions(features)[0]


@given(logits=LOGITS, temperature=st.floats(0.05, 20), unsure=SHARE, rejected=SHARE)
def test_every_answer_is_ordered_complete_and_as_specific_as_its_thresholds_allow(
    logits: np.ndarray[tuple[int, ...], np.dtype[np.float32]], temperature: float, unsure: float, rejected: float
) -> None:
    head = head_of(logits, Calibration(temperature, unsure, rejected))

    prediction = answer(head)

    breeds = [score.breed for score in prediction.top]
    confidences = [score.confidence for score in prediction.top]
    assert len(breeds) == len(set(breeds)) == min(TOP, len(logits) - 1)
    assert NOT_A_DOG not in breeds
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) + prediction.not_a_dog <= 1 + 1e-5
    if len(logits) <= TOP + 1:
        assert sum(confidences) + prediction.not_a_dog == pytest.approx(1, abs=1e-5)
    if prediction.not_a_dog > rejected:
        assert prediction.kind is Kind.NOT_A_DOG
    elif confidences[0] < unsure:
        assert prediction.kind is Kind.UNSURE
    else:
        assert prediction.kind is Kind.BREED
    assert (prediction.model, prediction.backbone) == ("made", "bones")


@given(logits=LOGITS)
def test_exactly_at_a_threshold_the_more_specific_answer_is_given(
    logits: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> None:
    plain = answer(head_of(logits, Calibration(1, 0, 1)))
    best = plain.top[0].confidence

    at_both = answer(head_of(logits, Calibration(1, unsure_below=best, not_a_dog_above=plain.not_a_dog)))

    assert at_both.kind is Kind.BREED
    assume(best < 0.999)
    just_above = float(np.nextafter(np.float32(best), np.float32(1)))
    assert answer(head_of(logits, Calibration(1, just_above, plain.not_a_dog))).kind is Kind.UNSURE


@given(logits=LOGITS, typical_from=st.floats(-100, 100))
def test_a_dog_that_is_not_typical_gets_the_same_breeds_and_no_sure_answer(
    logits: np.ndarray[tuple[int, ...], np.dtype[np.float32]], typical_from: float
) -> None:
    plain = head_of(logits, Calibration())
    wary = head_of(logits, Calibration(typical_from=typical_from))
    features = np.eye(1, 2048, dtype=np.float32)

    before, after = answer(plain), answer(wary)

    assert [score.breed for score in after.top] == [score.breed for score in before.top]
    assert after.not_a_dog == before.not_a_dog
    if plain.evidence(features)[0] >= typical_from or before.top[0].confidence <= UNTYPICAL_AT_MOST:
        assert after.top == before.top
    else:
        assert after.top[0].confidence == pytest.approx(UNTYPICAL_AT_MOST)
        np.testing.assert_array_equal(wary.probabilities(features), plain.probabilities(features))


def test_evidence_is_what_speaks_for_a_breed_at_all_and_against_the_others() -> None:
    head = head_of(np.array([3, 1, 0, 2], np.float32), Calibration(temperature=0.5))

    [evidence] = head.evidence(np.eye(1, 2048, dtype=np.float32))

    others = np.log(np.exp([2.0, 0.0, 4.0]).sum())
    assert evidence == pytest.approx(6 + (6 - others), abs=1e-4)


def test_doubles_count_among_the_others_for_their_own_breed_alone() -> None:
    head = head_of(np.array([3, 1, 0, 2], np.float32), Calibration(temperature=0.5, doubles=(0.5, 9.0, 9.0, 0.0)))
    features = np.eye(1, 2048, dtype=np.float32)

    [typicality] = head.typicality(features)

    others = np.log(np.exp([2.0, 0.0, 4.0]).sum() + 0.5 * np.exp(6.0))
    assert typicality == pytest.approx(6 + (6 - others), abs=1e-4)
    without = head.calibrated(Calibration(temperature=0.5, doubles=(0.0, 9.0, 9.0, 9.0)))
    assert without.typicality(features) == pytest.approx(head.evidence(features), abs=1e-4)


def test_a_breed_that_has_doubles_needs_more_to_be_told_as_certain() -> None:
    features = np.eye(1, 2048, dtype=np.float32)
    alone = head_of(np.array([9, 1, 0, 2], np.float32), Calibration(typical_from=12.0, doubles=(0.0,) * 4))
    doubled = alone.calibrated(Calibration(typical_from=12.0, doubles=(1.0, 0.0, 0.0, 0.0)))

    assert answer(alone).top[0].confidence > 0.99
    assert answer(doubled).top[0].confidence == pytest.approx(UNTYPICAL_AT_MOST)
    np.testing.assert_array_equal(doubled.probabilities(features), alone.probabilities(features))


@given(logits=arrays(np.float32, (3, 7), elements=st.floats(-1e4, 1e4, width=32)), temperature=st.floats(0.05, 20))
def test_probabilities_sum_to_one_for_any_logits(
    logits: np.ndarray[tuple[int, ...], np.dtype[np.float32]], temperature: float
) -> None:
    probabilities = softmax(logits / temperature)

    assert probabilities.dtype == np.float32
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_temperature_changes_confidence_and_not_the_order() -> None:
    head = straight_head("made", "bones")
    features = features_of("borzoi")[None]

    cold, hot = (head.calibrated(Calibration(t)).predictions(features)[0] for t in (0.5, 2.0))

    assert [score.breed for score in cold.top] == [score.breed for score in hot.top]
    assert cold.top[0].confidence > hot.top[0].confidence


def test_an_answer_carries_the_features_that_the_head_saw() -> None:
    features = np.stack([features_of("pug"), features_of(NOT_A_DOG)])

    dog, cat = straight_head("made", "bones").predictions(features)

    assert (dog.top[0].breed, dog.kind, cat.kind) == ("pug", Kind.BREED, Kind.NOT_A_DOG)
    assert cat.features.dtype == np.float16
    np.testing.assert_allclose(cat.features, features[1], rtol=1e-3)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_mean_of_the_map_plus_the_bias_is_the_logit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(2048, 4)).astype(np.float32)
    head = Head("made", "bones", LABELS, weights, rng.normal(size=4).astype(np.float32), Calibration(1.7))
    positions = rng.gamma(1, size=(7, 7, 2048)).astype(np.float32)
    logits = head.logits(positions.mean(axis=(0, 1))[None])[0]

    for column, label in enumerate(LABELS):
        evidence = head.activation_map(positions, label)
        assert evidence.shape == (7, 7)
        assert evidence.mean() + head.bias[column] == pytest.approx(logits[column], abs=1e-3)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_what_speaks_for_one_label_rather_than_another_adds_up_to_the_difference_of_their_logits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights, bias = rng.normal(size=(2048, 4)).astype(np.float32), rng.normal(size=4).astype(np.float32)
    head = Head("made", "bones", LABELS, weights, bias, Calibration(1.7))
    positions = rng.gamma(1, size=(7, 7, 2048)).astype(np.float32)
    logits = head.logits(positions.mean(axis=(0, 1))[None])[0]

    evidence = head.contrast_map(positions, LABELS[1], LABELS[0])

    assert evidence.mean() + bias[1] - bias[0] == pytest.approx(logits[1] - logits[0], abs=1e-3)
    np.testing.assert_allclose(evidence, -head.contrast_map(positions, LABELS[0], LABELS[1]))


@pytest.mark.parametrize(
    ("labels", "weights", "bias", "reason"),
    [
        (("beagle", "pug"), (2048, 2), (2,), "contain not_a_dog"),
        (("beagle", "beagle", NOT_A_DOG), (2048, 3), (3,), "unique"),
        ((NOT_A_DOG,), (2048, 1), (1,), "and a breed"),
        (("beagle", NOT_A_DOG), (2048, 3), (2,), "2 labels, but weights"),
        (("beagle", NOT_A_DOG), (2048, 2), (2, 1), "bias"),
    ],
)
def test_weights_and_labels_must_fit(
    labels: tuple[str, ...], weights: tuple[int, ...], bias: tuple[int, ...], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        Head("made", "bones", labels, np.zeros(weights, np.float32), np.zeros(bias, np.float32), Calibration())


@pytest.mark.parametrize(
    "values",
    [
        (0, 0, 0.5), (-1, 0, 0.5), (np.nan, 0, 0.5), (np.inf, 0, 0.5), (1, -0.1, 0.5), (1, 0, 1.1), (1, np.nan, 0),
        (1, 0, 0.5, np.nan),
    ],
)  # fmt: skip
def test_an_impossible_calibration_is_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="impossible calibration"):
        Calibration(*values)  # type: ignore[arg-type]


@pytest.mark.parametrize("doubles", [(-0.1, 0.0), (np.nan, 0.0), (0.0, np.inf)])
def test_impossible_doubles_are_refused(doubles: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="impossible calibration"):
        Calibration(doubles=doubles)


def test_every_label_has_its_doubles_or_none_has() -> None:
    with pytest.raises(ValueError, match="4 labels, but 3 doubles"):
        head_of(np.zeros(4, np.float32), Calibration(doubles=(0.0, 1.0, 2.0)))


def test_a_head_reads_back_as_written(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("head") / "head.npz"
    head = straight_head("made", "bones")

    write_head(path, head)
    found = read_head(path, "made", "bones", LABELS, Calibration())

    np.testing.assert_array_equal(found.weights, head.weights)
    np.testing.assert_array_equal(found.bias, head.bias)
    assert found.weights.dtype == np.float32


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 32, 33])
def test_logits_are_the_same_for_any_number_of_photos(count: int) -> None:
    head = shipped_head()
    features = np.random.default_rng(1).random((count, head.weights.shape[0]), np.float32)

    assert head.logits(features) == pytest.approx(features @ head.weights + head.bias, abs=1e-4)
