"""The gate on made heads: what harms is refused, each refusal says why, and chance refuses nobody."""

from dataclasses import replace

import numpy as np
import pytest
from learning_school import KNOWN, Kennel, base_head, made_claims, made_photos

from core.breeds.catalogue import NOT_A_DOG
from inference.model.head import Calibration, Head
from training.learning.gate.gate import gate
from training.learning.gate.gate_report import GateReport
from training.learning.gate.golden import Golden
from training.learning.gate.held_out_checks import HeldOut
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.gate.paired import Paired, at_least, p_fall
from training.learning.retrain.examiners import examined
from training.learning.retrain.fit import PHOTOS_LIMIT, balanced, refit, widened

NOBODY = LabelledRows(np.zeros((0, 2048), np.float32), np.zeros(0, np.str_))


class World:
    """A champion, and photos to judge by."""

    def __init__(self) -> None:
        self.kennel = Kennel()
        replay, photos = self.kennel.rows(20), self.kennel.rows(40)
        self.golden = Golden(photos, replay)
        self.champion = base_head(replay, photos)

    def verdict(self, candidate: Head, learned: LabelledRows = NOBODY, held_out: LabelledRows = NOBODY) -> GateReport:
        others = HeldOut(held_out, np.ones(len(held_out), np.bool_), self.champion, candidate)
        return gate(self.champion, replace(candidate, model="candidate"), self.golden, others, learned, self.champion)

    def odd(self, label: str, count: int) -> LabelledRows:
        return LabelledRows(self.kennel.photos(label, count, odd=True), np.array([label] * count))


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def failures(verdict: GateReport) -> set[str]:
    return {check.name for check in verdict.failures}


def test_the_champion_itself_passes_where_nothing_is_new(world: World) -> None:
    verdict = world.verdict(world.champion)

    assert verdict.passed
    assert all(check.sentence.endswith(".") and check.numbers for check in verdict.checks)


def test_a_verdict_is_the_same_after_being_written_down(world: World) -> None:
    verdict = world.verdict(world.champion)

    assert GateReport.from_json(verdict.to_json()) == verdict


def test_who_learned_nothing_of_new_photos_is_refused(world: World) -> None:
    verdict = world.verdict(world.champion, learned=world.odd("pug", 10))

    assert failures(verdict) == {"gain"}


def test_a_breed_that_is_forgotten_is_named(world: World) -> None:
    bias = world.champion.bias.copy()
    bias[KNOWN.index("borzoi")] -= 100

    verdict = world.verdict(replace(world.champion, bias=bias))

    assert {"golden", "breeds"} <= failures(verdict)
    breeds = next(check for check in verdict.checks if check.name == "breeds")
    assert list(breeds.numbers["worse"]) == ["borzoi"]
    assert "borzoi" in breeds.sentence


def test_boasting_is_refused(world: World) -> None:
    calm = world.champion.calibrated(Calibration(8.0))
    wrong = gate(world.champion, calm, world.golden, HeldOut(NOBODY, np.zeros(0, np.bool_), calm, calm), NOBODY, None)

    assert "calibration" in failures(wrong)


def test_calling_dogs_no_dogs_and_the_reverse_is_refused(world: World) -> None:
    eager = world.champion.calibrated(replace(world.champion.calibration, not_a_dog_above=0.0))
    blind = world.champion.calibrated(replace(world.champion.calibration, not_a_dog_above=1.0))

    assert failures(world.verdict(eager)) == {"dogs_rejected"}
    assert failures(world.verdict(blind)) == {"not_a_dog_rejected"}


@pytest.mark.slow
def test_losing_the_photos_of_people_it_did_not_meet_is_refused(world: World) -> None:
    odd = world.odd("pug", 12)
    worse = refit(world.champion, world.golden.replayed, LabelledRows(odd.features, np.array(["borzoi"] * 12)), KNOWN)
    better = refit(world.champion, world.golden.replayed, odd, KNOWN)
    others = HeldOut(odd, np.ones(12, np.bool_), better, worse)

    verdict = gate(world.champion, world.champion, world.golden, others, NOBODY)

    assert failures(verdict) == {"held_out"}


def test_halves_are_frozen_disjoint_and_have_every_label(world: World) -> None:
    order = np.random.default_rng(1).permutation(len(world.golden.photos))
    shuffled = Golden(world.golden.photos.chosen(order), world.golden.replayed)

    judging = {row.tobytes() for row in world.golden.judging.features}
    assert judging == {row.tobytes() for row in shuffled.judging.features}
    assert not judging & {row.tobytes() for row in world.golden.calibration.features}
    assert set(world.golden.judging.labels) == set(world.golden.calibration.labels) == {*KNOWN}


def test_exact_tests_agree_with_counting() -> None:
    pair = Paired.of(np.array([True] * 3 + [False] * 5), np.array([False] * 3 + [True] * 4 + [False]))

    assert (pair.gained, pair.lost, pair.after) == (4, 3, 4)
    assert pair.p_gain == pytest.approx(0.5)
    assert at_least(5, 5) == pytest.approx(1 / 32)
    assert at_least(0, 0) == 1.0
    assert p_fall(np.array([0.1, 0.2, 0.15])) == pytest.approx(0.0184, abs=1e-3)
    assert p_fall(np.array([-0.1, 0.05])) == 1.0


def test_a_head_fitted_anew_without_photos_is_the_base(world: World) -> None:
    head = refit(world.champion, world.golden.replayed, NOBODY, KNOWN)

    np.testing.assert_array_equal(head.weights, world.champion.weights)


def test_thousands_of_photos_of_one_breed_weigh_no_more_than_its_exemplars() -> None:
    weights = balanced(np.array([0] * 900 + [1] * 9))

    assert weights[:900].sum() == pytest.approx(PHOTOS_LIMIT)
    assert weights[900:].sum() == 9


def test_a_head_that_learns_a_new_word_still_says_the_same(world: World) -> None:
    wide = widened(world.champion, ("beagle", "borzoi", "pug", "saluki", NOT_A_DOG))
    photos = world.golden.photos.features

    assert (np.array(wide.labels)[wide.logits(photos).argmax(axis=1)] != "saluki").all()
    np.testing.assert_allclose(wide.logits(photos)[:, 4], world.champion.logits(photos)[:, 3], rtol=1e-6)


def test_who_examines_goes_on_examining_whatever_else_there_is(world: World) -> None:
    photos = world.kennel.photos("pug", 30, odd=True)
    few = made_photos(made_claims(photos, "pug", list(range(100, 110))))
    more = made_photos(
        made_claims(photos, "pug", list(range(100, 110))),
        made_claims(world.kennel.photos("beagle", 40, odd=True), "beagle", list(range(200, 220)), 100),
    )

    one, other = examined(few), examined(more)

    assert one.any()
    assert not one.all()
    np.testing.assert_array_equal(one, other[:30])


def test_of_one_person_alone_some_photos_teach_and_some_examine(world: World) -> None:
    accepted = made_photos(made_claims(world.kennel.photos("pug", 30, odd=True), "pug", [100]))

    assert 0 < examined(accepted).sum() < 30
