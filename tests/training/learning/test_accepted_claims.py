"""Accepted claims as photos to learn from: each photo once, contradictions and what is measured on left out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from learning_school import BREEDS, Kennel, base_head, made_claims, made_photos

from core.breeds.catalogue import MIXED_BREED, teachable_labels
from db.learning.answer_opinions import NewestIds
from db.learning.learning_records import RetrainRecord, RetrainStatus, RetrainTrigger
from training.learning.gate.labelled_rows import LabelledRows
from training.learning.retrain.accepted_claims import accepted_photos
from training.learning.retrain.due import Due, DueRules, Looked, RetrainFacts, due, worth_starting
from training.learning.retrain.new_breeds import OF_A_PERSON, PEOPLE, PHOTOS, new_breeds

ANNA, BEN = 1, 2
NOW = datetime(2026, 12, 1, tzinfo=UTC)
RULES, NEWEST = DueRules(timedelta(days=7), 50), NewestIds(60, 60)


@pytest.fixture
def kennel() -> Kennel:
    return Kennel(3)


def test_near_duplicates_are_one_photo_with_all_their_claims(kennel: Kennel) -> None:
    photo = kennel.photos("pug", 1)
    copy = photo * 1.1 + 0.01
    other = kennel.photos("pug", 1)

    accepted = made_photos(
        made_claims(photo, "pug", [ANNA]), made_claims(copy, "pug", [BEN], 2), made_claims(other, "pug", [BEN], 3)
    )

    assert len(accepted) == 2
    assert [[claim.event_id for claim in about] for about in accepted.claims] == [[1, 2], [3]]
    assert accepted.people[0] == {ANNA, BEN}
    np.testing.assert_allclose(accepted.rows.features[0], photo[0], rtol=1e-3)


def test_contradicted_photos_are_left_out_and_counted(kennel: Kennel) -> None:
    photo, other = kennel.photos("pug", 1), kennel.photos("beagle", 1)

    accepted = made_photos(
        made_claims(photo, "pug", [ANNA]),
        made_claims(photo, "borzoi", [BEN], 2),
        made_claims(other, "beagle", [BEN], 3),
    )

    assert accepted.rows.labels.tolist() == ["beagle"]
    assert accepted.left_out.contradicted == 2


def test_golden_photos_unknown_breeds_and_broken_features_teach_nothing(kennel: Kennel) -> None:
    golden = kennel.rows(2)
    claims = made_claims(kennel.photos("pug", 4), "pug", [ANNA])
    claims[0] = replace(claims[0], features=golden.features[0].astype(np.float16))
    claims[1] = replace(claims[1], label="moon_hound")
    claims[2] = replace(claims[2], features=np.full(2048, np.nan, np.float16))

    accepted = accepted_photos(claims, golden, set(BREEDS), no_photo=5)

    left_out = accepted.left_out
    assert len(accepted) == 1
    assert (left_out.golden, left_out.unknown_breed, left_out.damaged, left_out.no_photo) == (1, 1, 1, 5)


def test_a_mix_teaches_no_breed_and_contradicts_who_says_one(kennel: Kennel) -> None:
    mix, disputed = kennel.photos("pug", 1), kennel.photos("beagle", 1)

    accepted = made_photos(
        made_claims(mix, MIXED_BREED, [ANNA]),
        made_claims(disputed, "beagle", [ANNA], 2),
        made_claims(disputed, MIXED_BREED, [BEN], 3),
    )

    assert len(accepted) == 0
    assert (accepted.left_out.mixed, accepted.left_out.contradicted, accepted.left_out.unknown_breed) == (1, 2, 0)
    assert MIXED_BREED not in teachable_labels()


def test_no_claims_are_no_photos() -> None:
    accepted = accepted_photos([], LabelledRows(np.ones((1, 2048), np.float32), np.array(["pug"])), set(BREEDS))

    assert len(accepted) == 0
    assert accepted.events == ()


def test_a_breed_joins_with_enough_photos_of_enough_people(kennel: Kennel) -> None:
    photos = kennel.photos("saluki", PHOTOS, odd=True, like="pug")
    base = base_head(kennel.rows(20), kennel.rows(20))
    by_many = new_breeds(made_photos(made_claims(photos, "saluki", list(range(PEOPLE)))), base)
    by_few = new_breeds(made_photos(made_claims(photos, "saluki", list(range(PEOPLE - 1)))), base)
    too_few = new_breeds(made_photos(made_claims(photos[1:], "saluki", list(range(PEOPLE)))), base)

    assert by_many.joining == ("saluki",)
    assert (by_few.joining, too_few.joining) == ((), ())
    assert by_few.waiting[0].people == PEOPLE - 1


def test_a_breed_needs_different_dogs_of_different_people_and_dogs_at_all(kennel: Kennel) -> None:
    base = base_head(kennel.rows(20), kennel.rows(20))
    photos = kennel.photos("saluki", 4 * PHOTOS, odd=True, like="pug")
    one_mostly = [1] * (4 * PHOTOS - 2) + [2, 3]
    cats = kennel.photos("not_a_dog", PHOTOS)

    lopsided = new_breeds(made_photos(made_claims(photos, "saluki", one_mostly)), base)
    no_dogs = new_breeds(made_photos(made_claims(cats, "saluki", list(range(PEOPLE)))), base)

    assert (lopsided.joining, lopsided.waiting[0].photos) == ((), OF_A_PERSON + 2)
    assert (no_dogs.joining, no_dogs.waiting[0].photos) == ((), 0)


def before(status: RetrainStatus, **ago: float) -> RetrainRecord:
    began = NOW - timedelta(**ago)
    return RetrainRecord(1, began, began, RetrainTrigger.COMMAND, status, "base", "dogs-1", 1, None, None, "here", 1)


@pytest.mark.parametrize(
    ("last", "corrections", "trigger"),
    [
        (None, 0, None),
        (None, 1, RetrainTrigger.SCHEDULE),
        (None, 50, RetrainTrigger.CORRECTIONS),
        (before(RetrainStatus.PROMOTED, days=1), 49, None),
        (before(RetrainStatus.PROMOTED, days=1), 50, RetrainTrigger.CORRECTIONS),
        (before(RetrainStatus.REJECTED, days=7), 1, RetrainTrigger.SCHEDULE),
        (before(RetrainStatus.REJECTED, days=8), 0, None),
        (before(RetrainStatus.SHADOW, days=8), 60, None),
        (before(RetrainStatus.SHADOW, days=15), 60, RetrainTrigger.CORRECTIONS),
        (before(RetrainStatus.FAILED, minutes=5), 60, None),
        (before(RetrainStatus.FAILED, hours=2), 60, RetrainTrigger.CORRECTIONS),
    ],
)
def test_it_is_due_after_enough_corrections_or_enough_time(
    last: RetrainRecord | None, corrections: int, trigger: RetrainTrigger | None
) -> None:
    found = due(NOW, RetrainFacts(last, None, corrections, NEWEST), RULES)

    assert found.trigger is trigger
    assert found.reason


def test_the_first_one_waits_from_the_champions_day_on_and_zero_switches_the_schedule_off() -> None:
    fresh = due(NOW, RetrainFacts(None, NOW - timedelta(days=1), 3, NEWEST), RULES)
    old = due(NOW, RetrainFacts(None, NOW - timedelta(days=8), 3, NEWEST), RULES)
    never = due(NOW, RetrainFacts(None, None, 3, NEWEST), DueRules(timedelta(0), 50))

    assert [one.trigger for one in (fresh, old, never)] == [None, RetrainTrigger.SCHEDULE, None]
    assert isinstance(fresh, Due)
    assert fresh.to_json()["status"] == "not_due"


@pytest.mark.parametrize(
    ("last", "due_now"),
    [
        (None, True),
        (before(RetrainStatus.PROMOTED, hours=2), True),
        (before(RetrainStatus.REJECTED, hours=2), False),
        (before(RetrainStatus.REJECTED, days=2), True),
        (before(RetrainStatus.SHADOW, hours=2), False),
    ],
)
def test_it_is_due_when_somebody_who_taught_the_champion_was_forgotten(
    last: RetrainRecord | None, due_now: bool
) -> None:
    found = due(NOW, RetrainFacts(last, NOW, 0, NEWEST, forgotten=3), RULES)

    assert (found.trigger is RetrainTrigger.FORGOTTEN) is due_now


def test_the_bot_looks_again_when_somebody_was_forgotten() -> None:
    facts = RetrainFacts(None, NOW, 0, NEWEST, forgotten=3)

    assert worth_starting(NOW, facts, RULES, Looked(NOW, NEWEST)) is not None
    assert worth_starting(NOW, facts, RULES, Looked(NOW, NEWEST, 3)) is None
