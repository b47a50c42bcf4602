"""A head is moved in few directions: heads that are there answer as ever; nothing is moved along the champion's."""

import numpy as np
import pytest
from learning_school import KNOWN, Kennel, base_head

from inference.model.head import Head
from training.learning.gate.golden import Golden
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.retrain.directions import Directions
from training.learning.retrain.fit import refit

SEEN = 1e-3  # of a logit


@pytest.fixture(scope="module")
def kennel() -> Kennel:
    return Kennel()


@pytest.fixture(scope="module")
def golden(kennel: Kennel) -> Golden:
    return Golden(kennel.rows(24), kennel.rows(20))


@pytest.fixture(scope="module")
def base(golden: Golden) -> Head:
    return base_head(golden.replayed, golden.photos)


def odd(kennel: Kennel, label: str, count: int) -> LabelledRows:
    return LabelledRows(kennel.photos(label, count, odd=True), np.array([label] * count))


def test_heads_answer_from_the_coordinates_as_from_the_features(kennel: Kennel, golden: Golden, base: Head) -> None:
    champion = refit(base, golden.replayed, odd(kennel, "pug", 8), KNOWN)

    few = Directions.of((base, champion, champion), golden, odd(kennel, "borzoi", 12), count=40)

    assert few.columns.shape == (2048, 4 + 40 + 4)
    short = few.golden(golden)
    for head in (base, champion):
        logits = few.head(head).logits(short.photos.features)
        np.testing.assert_allclose(logits, head.logits(golden.photos.features), atol=SEEN)
    assert (short.judges == golden.judges).all()
    assert short.scale == golden.scale


def test_what_is_learned_depends_on_no_champion(kennel: Kennel, golden: Golden, base: Head) -> None:
    photos = odd(kennel, "borzoi", 12)
    champion = refit(base, golden.replayed, odd(kennel, "pug", 8), KNOWN)
    learned = []
    for heads in ((base,), (base, champion)):
        few = Directions.of(heads, golden, photos, count=40)
        short = few.golden(golden)
        head = refit(few.head(base), short.replayed, few.rows(photos), KNOWN, scale=golden.scale, along=few.learned)
        learned.append(few.whole(head).logits(golden.photos.features))

    np.testing.assert_allclose(learned[1], learned[0], atol=SEEN)


def test_the_corrections_are_learned_as_in_all_directions(kennel: Kennel, golden: Golden, base: Head) -> None:
    photos = odd(kennel, "borzoi", 12)
    few = Directions.of((base,), golden, photos, count=40)
    short = few.golden(golden)

    head = few.whole(refit(few.head(base), short.replayed, few.rows(photos), KNOWN, scale=golden.scale))

    everywhere = refit(base, golden.replayed, photos, KNOWN)
    for rows in (photos, golden.photos):
        assert (head.logits(rows.features).argmax(1) == everywhere.logits(rows.features).argmax(1)).mean() > 0.97
