"""Attacks on a model, by the code that the bot uses: who attacks gains nothing, and honest people are learned."""

import pytest
from learning_school import Kennel, base_head

from training.data.read.labelled_photo import DatasetError
from training.learning.gate.golden import Golden
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.simulation.siege.attacks import AttackKind
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


def test_the_same_seed_is_the_same_siege(ground: Ground) -> None:
    assert Siege(ground, AttackKind.DRIP).play() == Siege(ground, AttackKind.DRIP).play()


def test_nobody_can_send_golden_photos_alone() -> None:
    rows = Kennel().rows(6)

    with pytest.raises(DatasetError, match="no photos but those"):
        Ground.of(base_head(rows, rows), Golden(rows, rows), LabelledRows(rows.features, rows.labels), width=8)
