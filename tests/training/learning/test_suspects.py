"""Who attacks is found and set aside; who corrects errors is learned, on the same day."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from learning_school import BASE, Kennel, base_head, made_claims, made_photos

from training.learning.gate.golden import Golden
from training.learning.gate.golden_checks import pairs_check
from training.learning.retrain.accepted_claims import Claim
from training.learning.retrain.candidate import Candidate, Starting, make_candidate
from training.learning.suspects.suspects import SURE, SetAside, campaigns, ranges
from training.learning.trust.policy import POLICY

HONEST, HOSTILE = list(range(101, 107)), list(range(201, 204))


@pytest.fixture(scope="module")
def kennel() -> Kennel:
    return Kennel()


@pytest.fixture(scope="module")
def start(kennel: Kennel) -> Starting:
    replay, photos = kennel.rows(20), kennel.rows(24)
    base = base_head(replay, photos)
    return Starting(base, base, base, frozenset(), Golden(photos, replay))


def events(aside: tuple[SetAside, ...] | list[SetAside]) -> set[int]:
    return {event for one in aside for event in one.event_ids}


def by_policy(claims: list[Claim]) -> list[Claim]:
    return [replace(claim, reviewer=POLICY) for claim in claims]


def taught(start: Starting, *claims: list[Claim]) -> Candidate:
    return make_candidate(made_photos(*claims), start, date(2026, 5, 1))


def test_many_who_contradict_what_is_sure_are_a_campaign_however_few_claims_each_makes(
    kennel: Kennel, start: Starting
) -> None:
    hostile = by_policy(made_claims(kennel.photos("pug", 8), "borzoi", list(range(300, 308))))
    honest = by_policy(made_claims(kennel.photos("beagle", 12), "beagle", HONEST, 50))

    found = campaigns(made_photos(hostile, honest), start.base, start.golden)

    assert events(found) == {claim.event_id for claim in hostile}
    assert found[0].user_ids == tuple(range(300, 308))
    assert "pug called borzoi: 8 of 8 corrections contradict" in found[0].why


def test_the_less_bold_claims_of_a_campaign_go_with_it(kennel: Kennel, start: Starting) -> None:
    bold, other = kennel.photos("pug", 8), kennel.photos("borzoi", 8)
    between = np.concatenate([share * bold + (1 - share) * other for share in np.linspace(0.5, 0.6, 21)])
    said = start.base.probabilities(between)
    unsure = between[(said.argmax(axis=1) == start.base.labels.index("pug")) & (said.max(axis=1) < SURE)][:2]
    hostile = by_policy(made_claims(np.array([*bold, *unsure]), "borzoi", list(range(300, 310))))

    found = campaigns(made_photos(hostile), start.base, start.golden)

    assert len(unsure) == 2
    assert events(found) == {claim.event_id for claim in hostile}


def test_to_agree_with_a_champion_that_was_led_astray_is_to_contradict_the_base(
    kennel: Kennel, start: Starting
) -> None:
    said = by_policy(made_claims(kennel.photos("pug", 8), "borzoi", list(range(300, 308))))
    confirmed = [replace(claim, corrects=False) for claim in said]

    assert events(campaigns(made_photos(confirmed), start.base, start.golden)) == {claim.event_id for claim in said}


def test_what_a_person_accepted_is_no_campaign(kennel: Kennel, start: Starting) -> None:
    seen = made_claims(kennel.photos("pug", 8), "borzoi", HOSTILE)

    assert campaigns(made_photos(seen), start.base, start.golden) == []


@pytest.mark.slow
def test_who_made_the_gate_refuse_is_set_aside_and_the_others_are_learned(kennel: Kennel, start: Starting) -> None:
    hostile = made_claims(kennel.photos("pug", 30), "borzoi", HOSTILE)
    honest = made_claims(kennel.photos("borzoi", 12, odd=True), "borzoi", HONEST, 100)

    made = taught(start, hostile, honest)

    assert made.verdict.passed, [check.sentence for check in made.verdict.failures]
    assert events(made.set_aside) <= {claim.event_id for claim in hostile}
    assert set(made.set_aside[0].user_ids) <= set(HOSTILE)
    assert {claim.event_id for claim in honest} <= set(made.learned.events)
    assert all("gate's" in one.why for one in made.set_aside)


@pytest.mark.slow
def test_what_was_restored_is_not_set_aside_again(kennel: Kennel, start: Starting) -> None:
    hostile = [replace(claim, restored=True) for claim in made_claims(kennel.photos("pug", 30), "borzoi", HOSTILE)]

    made = taught(start, hostile)

    assert not made.verdict.passed
    assert made.set_aside == ()


@pytest.mark.slow
def test_where_nothing_but_an_attack_was_new_it_is_set_aside_and_nothing_is_made(
    kennel: Kennel, start: Starting
) -> None:
    hostile = made_claims(kennel.photos("pug", 30), "borzoi", HOSTILE)

    made = taught(start, hostile)

    assert not made.verdict.passed
    assert events(made.set_aside) == {claim.event_id for claim in hostile}


def test_people_are_named_to_moderators_alone() -> None:
    aside = SetAside((3, 4, 5, 9), (201, 202), "because")

    assert "user_ids" not in aside.to_json()
    assert aside.to_json(with_users=True)["user_ids"] == [201, 202]
    assert ranges(aside.event_ids) == "3-5,9"


def test_names_that_are_swapped_are_seen_on_both_breeds_together(start: Starting) -> None:
    blurred = replace(start.base, weights=start.base.weights * 0.05, bias=start.base.bias * 0.05)
    pugs, beagles = (start.base.labels.index(breed) for breed in ("pug", "beagle"))
    swapped = blurred.weights.copy()
    swapped[:, [pugs, beagles]] = blurred.weights[:, [beagles, pugs]]

    check = pairs_check("pairs", BASE, blurred, replace(blurred, weights=swapped), start.golden, 0.03)

    assert not check.passed
    assert "beagle/pug" in check.numbers["worse"]
    assert pairs_check("pairs", BASE, blurred, blurred, start.golden, 0.03).passed
    assert np.isfinite(list(check.numbers["worse"].values())).all()


def test_a_breed_that_loses_to_its_look_alike_is_seen_though_the_other_one_gains(start: Starting) -> None:
    blurred = replace(start.base, weights=start.base.weights * 0.02, bias=start.base.bias * 0.02)
    tilted = blurred.bias.copy()
    tilted[[start.base.labels.index(breed) for breed in ("pug", "beagle")]] += [-0.3, 0.3]
    candidate = replace(blurred, bias=tilted)

    check = pairs_check("pairs", BASE, blurred, candidate, start.golden, 0.03)
    unlearned = pairs_check("pairs", BASE, blurred, candidate, start.golden, 0.03, each=False)

    assert "pug" in check.numbers["worse"]
    assert "beagle/pug" not in check.numbers["worse"]
    assert "pug" not in unlearned.numbers["worse"]
