"""The simulation on drawn features: people, what they say, and what each way to review makes of it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.breeds.catalogue import NOT_A_DOG, catalogue
from training.data.read.labelled_photo import DatasetError, LabelledPhoto
from training.learning.simulation.claims import Attack, ClaimSource, SimulatedClaim
from training.learning.simulation.crowd import Character, Crowd, Mix, WrongMix
from training.learning.simulation.first_head import attack_on, first_head
from training.learning.simulation.gap import estimate, estimate_of_means
from training.learning.simulation.listing import simulation_table
from training.learning.simulation.photo_pool import EACH, PhotoPool, Photos
from training.learning.simulation.plots import write_simulation
from training.learning.simulation.rounds import simulated_photos
from training.learning.simulation.rules import Review, Rules
from training.learning.simulation.simulate import Simulation, simulate

LABELS = (*sorted(catalogue())[:7], NOT_A_DOG)
TWINS = (0, 1)
WIDTH, COUNT = 24, 100


def made_photos(count: int = COUNT) -> tuple[list[LabelledPhoto], NDArray[np.float16]]:
    """Clouds that overlap a little; those of the twins overlap much."""
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(len(LABELS), WIDTH)) * 1.1
    centres[TWINS[1]] = centres[TWINS[0]] + rng.normal(size=WIDTH) * 0.35
    photos = [
        LabelledPhoto(Path(f"{label}/{number}.jpg"), label, f"{label} {number}")
        for label in LABELS
        for number in range(count)
    ]
    return photos, (np.repeat(centres, count, axis=0) + rng.normal(size=(len(photos), WIDTH))).astype(np.float16)


@pytest.fixture(scope="module")
def photos() -> Photos:
    return Photos(*made_photos())


@pytest.fixture(scope="module")
def pool(photos: Photos) -> PhotoPool:
    return photos.deal(seed=1)


@pytest.fixture(scope="module")
def played(photos: Photos) -> Simulation:
    rules = Rules(rounds=3, corrections=25, confirmations=25, users=10, mix=Mix.parse("honest=.7,malicious=.3"))
    return simulate(photos, rules, seeds=range(1, 7))


def round_of(pool: PhotoPool, seed: int = 1) -> tuple[ClaimSource, NDArray[np.bool_]]:
    free = np.ones(len(pool.sent), np.bool_)
    probabilities = first_head(pool).base.probabilities(pool.sent.features)
    attack = Attack(LABELS[0], LABELS[1])
    return ClaimSource(pool, probabilities, free, attack, np.random.default_rng(seed)), free


def said_by(pool: PhotoPool, kind: Character, *, confirming: bool = False) -> list[SimulatedClaim]:
    people = Crowd(5, Mix({Character.HONEST: 1.0})).colluders(20, np.random.default_rng(1))
    people = [replace(person, kind=kind) for person in people]
    source, _ = round_of(pool)
    return source.claims([] if confirming else people, people if confirming else [], 1)


def test_parts_share_no_photo_and_the_first_head_knows_few(pool: PhotoPool) -> None:
    parts = (pool.known, pool.sent, pool.golden, pool.test)

    assert sum(map(len, parts)) == len(LABELS) * COUNT
    assert len(pool.known) == EACH * len(LABELS)
    assert len(pool.golden) == len(pool.test) == len(LABELS) * COUNT // 10


def test_each_repeat_begins_with_other_photos_and_is_measured_on_the_same(photos: Photos, pool: PhotoPool) -> None:
    other = photos.deal(seed=2)

    assert not np.array_equal(other.known.features, pool.known.features)
    assert np.array_equal(other.golden.features, pool.golden.features)
    assert np.array_equal(photos.deal(seed=1).known.features, pool.known.features)


def test_too_few_photos_are_refused_with_the_breed() -> None:
    with pytest.raises(DatasetError, match=f"too few photos of {LABELS[0]}"):
        Photos(*made_photos(6))


def test_honest_people_correct_what_is_wrong_and_confirm_what_is_right(pool: PhotoPool) -> None:
    corrections, confirmations = said_by(pool, Character.HONEST), said_by(pool, Character.HONEST, confirming=True)

    assert np.mean([claim.right for claim in corrections]) > 0.8
    assert all(claim.right for claim in confirmations)


def test_malicious_people_are_always_wrong(pool: PhotoPool) -> None:
    said = said_by(pool, Character.MALICIOUS) + said_by(pool, Character.MALICIOUS, confirming=True)

    assert said
    assert not any(claim.right for claim in said)


def test_sloppy_people_confirm_whatever_was_answered(pool: PhotoPool) -> None:
    confirmations = said_by(pool, Character.SLOPPY, confirming=True)

    assert {claim.right for claim in confirmations} == {True, False}


def test_who_colludes_turns_one_breed_into_another(pool: PhotoPool) -> None:
    said = said_by(pool, Character.COLLUDING)

    assert {(claim.true, claim.label) for claim in said} == {(LABELS[0], LABELS[1])}


def test_nobody_speaks_about_a_photo_twice(pool: PhotoPool) -> None:
    source, free = round_of(pool)
    people = Crowd(5, Mix({Character.SLOPPY: 1.0})).draw(200, np.random.default_rng(1))

    rows = [claim.row for claim in source.claims(people, people, 1)]

    assert len(rows) == len(set(rows)) == (~free).sum()


def test_an_attack_uses_the_breed_that_its_victim_is_taken_for(pool: PhotoPool) -> None:
    one, other = (LABELS[place] for place in TWINS)

    attack = attack_on(pool, first_head(pool).base, 1, victim=one)

    assert attack == Attack(one, other)


def test_each_repeat_attacks_a_breed_of_its_own_choice(pool: PhotoPool) -> None:
    victims = [attack_on(pool, first_head(pool).base, seed).victim for seed in range(8)]

    assert len(set(victims)) > 3
    assert NOT_A_DOG not in victims


def test_a_victim_without_photos_is_refused(pool: PhotoPool) -> None:
    with pytest.raises(WrongMix, match="'unicorn'"):
        attack_on(pool, first_head(pool).base, 1, victim="unicorn")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("honest=.5", "sum to 1"),
        ("honest=1,evil=.2", "'evil=.2' is no KIND=SHARE"),
        ("honest", "'honest' is no"),
        ("honest=1,colluding=1", "below 1"),
        ("honest=2,malicious=-1", "from 0 up"),
    ],
)
def test_a_mix_that_cannot_be_is_refused(text: str, why: str) -> None:
    with pytest.raises(WrongMix, match=why):
        Mix.parse(text)


def test_a_mix_reads_as_it_is_written() -> None:
    assert str(Mix.parse("honest=.8, malicious=.2,colluding=.4")) == "honest=0.8,malicious=0.2,colluding=0.4"


def test_a_photo_that_is_called_by_two_names_teaches_nothing(pool: PhotoPool) -> None:
    people = Crowd(5, Mix({Character.HONEST: 1.0})).draw(2, np.random.default_rng(1))
    same = [
        SimulatedClaim(number + 1, person, 7, LABELS[number], LABELS[0], False) for number, person in enumerate(people)
    ]

    contradicted, agreed = simulated_photos(pool, same, true=False), simulated_photos(pool, same, true=True)

    assert len(contradicted) == 0
    assert (len(agreed), len(agreed.events)) == (1, 2)


@pytest.mark.slow
def test_without_protection_everything_is_learned_and_a_perfect_reviewer_learns_nothing_wrong(
    played: Simulation,
) -> None:
    none, perfect = played.rounds[Review.NONE][0][-1], played.rounds[Review.PERFECT][0][-1]

    assert (none.accepted, none.accepted_wrong) == (none.claims, none.wrong)
    assert perfect.accepted == perfect.claims - perfect.wrong
    assert perfect.accepted_wrong == 0


@pytest.mark.slow
def test_the_policy_keeps_most_wrong_claims_out_and_lets_most_right_ones_in(played: Simulation) -> None:
    # Over all repeats: what a single one comes to, with some forty wrong claims, depends on the last digit of a sum.
    lasts = [rounds[-1] for rounds in played.rounds[Review.POLICY]]
    wrong, accepted_wrong = sum(last.wrong for last in lasts), sum(last.accepted_wrong for last in lasts)
    right = sum(last.claims for last in lasts) - wrong
    assert accepted_wrong < 0.35 * wrong
    assert sum(last.accepted for last in lasts) - accepted_wrong > 0.5 * right


@pytest.mark.slow
def test_people_say_the_same_again_with_the_same_seed(photos: Photos, played: Simulation) -> None:
    again = simulate(photos, played.rules, seeds=[2])

    assert again.to_json()["reviews"]["truth"]["seasons"] == [played.to_json()["reviews"]["truth"]["seasons"][1]]


@pytest.mark.slow
def test_colluding_people_make_the_share_of_claims_that_was_asked_for(photos: Photos) -> None:
    rules = Rules(rounds=2, corrections=40, confirmations=40, users=10, mix=Mix.parse("honest=1,colluding=.4"))

    found = simulate(photos, rules, seeds=[1])

    last = found.rounds[Review.NONE][0][-1]
    flips = last.claims - 2 * 80
    assert flips > 0
    assert last.wrong >= flips
    assert "attacked breed’s recall" in str([column.header for column in simulation_table(found).columns])


@pytest.mark.slow
def test_with_a_moderator_at_hand_people_become_known(photos: Photos, played: Simulation) -> None:
    helped = simulate(photos, replace(played.rules, moderated=20), seeds=[1])

    with_help, alone = helped.rounds[Review.POLICY][0][-1], played.rounds[Review.POLICY][0][-1]
    assert with_help.accepted - with_help.accepted_wrong > alone.accepted - alone.accepted_wrong


def test_the_report_has_numbers_and_pictures(played: Simulation, tmp_path: Path) -> None:
    files = write_simulation(played, tmp_path)

    stated = json.loads((tmp_path / "simulation.json").read_text(encoding="utf-8"))
    assert [file.name for file in files] == ["simulation.json", "simulation-accuracy.png", "simulation-claims.png"]
    assert stated["reviews"]["truth"]["golden_behind_true_labels"] == [0.0, 0.0, 0.0]
    assert len(stated["reviews"]["policy"]["seasons"][1]) == 4
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files[1:])


def test_an_interval_holds_what_repeats_and_photos_vary() -> None:
    rng = np.random.default_rng(1)
    alike = [rng.random(400) < 0.8 for _ in range(4)]
    apart = [rng.random(400) < share for share in (0.6, 0.7, 0.9, 1.0)]

    one, other, unequal = estimate(alike), estimate(apart), estimate_of_means([alike[0], apart[0][:100]])

    assert one.low < 0.8 < one.high
    assert one.high - one.low < 0.1 < other.high - other.low
    assert unequal.low < unequal.value < unequal.high
