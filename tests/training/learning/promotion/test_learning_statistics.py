"""The numbers behind promotions and roll-backs: right, and hard to deceive."""

from datetime import UTC, datetime, timedelta
from math import comb

import numpy as np
import pytest

from core.claim import Verdict
from db.learning.answer_opinions import SaidOfAnswer
from db.learning.learning_records import ShadowAgreement
from training.learning.promotion.rollback_rule import Opinion, WatchRules, find_setback
from training.learning.promotion.rollback_watch import opinions
from training.learning.promotion.trial import Course, TrialRules, rule

DAY = timedelta(days=1)
RULES = TrialRules()
WATCH = WatchRules()
MAY = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def seen(photos: int, same: int, judged: int = 0, candidate: int = 0, champion: int = 0) -> ShadowAgreement:
    return ShadowAgreement(photos, same, judged, candidate, champion)


@pytest.mark.parametrize(
    ("agreement", "age", "course"),
    [
        (seen(49, 49), DAY, Course.WAIT),
        (seen(50, 47), DAY, Course.PROMOTE),
        (seen(50, 28), DAY, Course.PROMOTE),  # low, and within chance of 70 %
        (seen(50, 26), DAY, Course.DROP),
        (seen(50, 1), DAY, Course.DROP),
        (seen(200, 124), DAY, Course.DROP),
        (seen(200, 125), DAY, Course.PROMOTE),
        (seen(50, 45, judged=5, candidate=0, champion=5), DAY, Course.DROP),  # chance: 1/32
        (seen(50, 46, judged=4, candidate=0, champion=4), DAY, Course.PROMOTE),  # 1/16
        (seen(50, 26, judged=9, candidate=8, champion=0), DAY, Course.PROMOTE),  # it differs because it is right
        (seen(50, 40, judged=9, candidate=1, champion=8), DAY, Course.DROP),
        (seen(50, 49, judged=9, candidate=8, champion=9), DAY, Course.PROMOTE),
        (seen(12, 11), 8 * DAY, Course.PROMOTE),  # a quiet bot
        (seen(9, 9), 80 * DAY, Course.WAIT),
        (seen(10, 2), 8 * DAY, Course.DROP),
        (seen(20, 8), 8 * DAY, Course.DROP),
        (seen(20, 9), 8 * DAY, Course.PROMOTE),
    ],
)
def test_a_candidate_is_ruled_on(agreement: ShadowAgreement, age: timedelta, course: Course) -> None:
    assert rule(agreement, age, RULES).course is course


def test_without_photos_to_wait_for_it_is_promoted_at_once() -> None:
    assert rule(seen(0, 0), timedelta(0), TrialRules(photos=0)).course is Course.PROMOTE


def test_the_ruling_says_how_low() -> None:
    reason = rule(seen(50, 10, judged=3, candidate=1, champion=2), DAY, RULES).reason

    assert "10 of 50" in reason
    assert "70%" in reason
    assert "3 judged" in reason


def people(wrong: list[bool], *, first: int = 0) -> list[Opinion]:
    return [Opinion(first + number, one) for number, one in enumerate(wrong)]


BEFORE = people([True] * 6 + [False] * 54)


@pytest.mark.parametrize(
    ("wrong", "opinions_needed"),
    [([True] * 15, 15), ([False] * 10 + [True] * 30, 25), ([True, False] * 20, 40)],
)
def test_a_bad_champion_is_found_at_the_first_look_that_shows_it(wrong: list[bool], opinions_needed: int) -> None:
    found = find_setback(people(wrong), BEFORE, WATCH)

    assert found is not None
    assert found.opinions == opinions_needed
    assert found.chance <= WATCH.level


def test_the_chance_is_that_of_fishers_exact_test() -> None:
    found = find_setback(people([True] * 15), BEFORE, WATCH)

    assert found is not None
    # Without the five who disagree most 16 of 70 opinions are ❌, and 10 came together.
    assert found.chance == pytest.approx(comb(16, 10) / comb(70, 10))


@pytest.mark.parametrize(
    ("since", "before"),
    [
        (people([True] * 14), BEFORE),  # too few
        (people([True] * 300), BEFORE[:19]),
        (people([True] + [False] * 9) * 30, BEFORE),
        ([Opinion(number % 5, wrong=True) for number in range(300)], BEFORE),  # too few people
        ([Opinion(number, wrong=True, reliability=0.4) for number in range(300)], BEFORE),  # nobody to be believed
        ([], BEFORE),
        (people([False] * 300), BEFORE),
    ],
)
def test_nothing_is_found_where_there_is_nothing(since: list[Opinion], before: list[Opinion]) -> None:
    assert find_setback(since, before, WATCH) is None


def test_five_hostile_accounts_do_not_undo_a_good_model_however_often_they_speak() -> None:
    rng = np.random.default_rng(5)
    honest = [Opinion(100 + number, wrong=bool(rng.random() < 0.1)) for number in range(150)]
    hostile = [Opinion(number % 5, wrong=True) for number in range(150)]
    mixed = [honest[number // 2] if number % 2 else hostile[number // 2] for number in range(300)]

    assert find_setback(mixed, BEFORE, WATCH) is None


def test_asking_again_and_again_is_asking_once() -> None:
    wrong = [bool(one) for one in np.random.default_rng(3).random(300) < 0.25]
    found = [find_setback(people(wrong[:count]), BEFORE, WATCH) for count in range(301)]

    looks = [one.opinions for one in found if one is not None]
    assert looks == sorted(looks)
    assert len(set(looks)) <= 1, "what was found once is found ever after, and nothing was found between two looks"


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_false_alarms_are_rarer_than_promised_over_all_looks_together(share: float) -> None:
    random, trials, alarms = np.random.default_rng(11), 400, 0
    for _ in range(trials):
        before = people(list(random.random(200) < share))
        since = people(list(random.random(300) < share))
        alarms += find_setback(since, before, WATCH) is not None

    assert alarms / trials <= WATCH.false_alarms


def said(event: int, user: int, verdict: Verdict, *, photo: int | None = None, day: int = 0) -> SaidOfAnswer:
    return SaidOfAnswer(event, photo or event, user, verdict, MAY + day * DAY)


def test_a_person_has_one_voice_a_day() -> None:
    angry = [said(number, 7, Verdict.NOT_A_DOG) for number in range(1, 100)]
    others = [said(200, 8, Verdict.CONFIRM), said(201, 7, Verdict.CONFIRM, day=1)]

    assert opinions([*angry, *others]) == [Opinion(7, wrong=True), Opinion(8, wrong=False), Opinion(7, wrong=False)]


def test_of_one_answer_the_last_word_counts() -> None:
    events = [
        said(1, 7, Verdict.CORRECT, photo=1),
        said(2, 7, Verdict.CONFIRM, photo=1),
        said(3, 8, Verdict.CONFIRM, photo=2),
        said(4, 8, Verdict.WITHDRAWN, photo=2),
        said(5, 8, Verdict.OTHER, photo=3),
    ]

    assert opinions(events) == [Opinion(7, wrong=False), Opinion(8, wrong=True)]
