"""Attacks on a model, by the code that the bot uses: who attacks gains nothing, and honest people are learned."""

from dataclasses import replace

import numpy as np
import pytest
from learning_school import Kennel, base_head

from core.breeds.catalogue import NOT_A_DOG
from training.data.read.labelled_photo import DatasetError
from training.learning.gate.golden import Golden
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.simulation.siege.attacks import AttackKind
from training.learning.simulation.siege.made_photos import MadePhotos
from training.learning.simulation.siege.siege import Ground, Siege
from training.learning.simulation.siege.siege_listing import siege_table


@pytest.fixture(scope="module")
def ground() -> Ground:
    kennel = Kennel()
    replay, photos, sent = kennel.rows(20), kennel.rows(24), kennel.rows(60)
    return Ground.of(base_head(replay, photos), Golden(photos, replay), sent, width=64)


@pytest.mark.slow
def test_pugs_that_are_called_no_dogs_teach_nothing_and_hold_nobody_up(ground: Ground) -> None:
    quiet, attacked = (Siege(ground, kind).play() for kind in (AttackKind.NONE, AttackKind.NOT_A_DOG))

    assert (quiet.hostile, quiet.honest_set_aside) == (0, 0)
    assert attacked.hostile > 50
    assert attacked.passed == quiet.passed
    assert attacked.hostile_accepted - attacked.hostile_set_aside <= 3
    assert attacked.victim_after > attacked.victim_before - 0.03
    assert siege_table([quiet, attacked]).row_count == 2


def test_copies_of_golden_photos_teach_nothing(ground: Ground) -> None:
    golden = ground.start.golden.photos.chosen(ground.start.golden.photos.labels == "beagle")
    leaked = MadePhotos(golden, np.ones(len(golden), np.bool_))
    kind = AttackKind.DRIP_COPIES

    known = Siege(replace(ground, made={kind: leaked}), kind).play()
    unknown = Siege(replace(ground, made={kind: replace(leaked, known=~leaked.known)}), kind).play()

    assert known.hostile_known == known.hostile_accepted > 5, "each of them, for there are no basset hounds to call"
    assert unknown.hostile_known == 0
    assert unknown.hostile_accepted > 5


def test_blurred_dogs_are_called_no_dogs_by_accounts_that_are_known(ground: Ground) -> None:
    dogs = ground.sent.chosen(ground.sent.labels != NOT_A_DOG)
    kind = AttackKind.BLURRED
    blurred = MadePhotos(dogs, np.zeros(len(dogs), np.bool_))

    quiet = Siege(ground, AttackKind.NONE).play()
    attacked = Siege(replace(ground, made={kind: blurred}), kind).play()

    assert attacked.hostile > 100
    assert attacked.passed == quiet.passed
    assert attacked.hostile_accepted - attacked.hostile_set_aside <= 3


def test_the_same_seed_is_the_same_siege(ground: Ground) -> None:
    assert Siege(ground, AttackKind.DRIP).play() == Siege(ground, AttackKind.DRIP).play()


def test_nobody_can_send_golden_photos_alone() -> None:
    rows = Kennel().rows(6)

    with pytest.raises(DatasetError, match="no photos but those"):
        Ground.of(base_head(rows, rows), Golden(rows, rows), LabelledRows(rows.features, rows.labels), width=8)
