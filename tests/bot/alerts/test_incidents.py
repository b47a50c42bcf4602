"""When a trouble begins and when it is over, however it flickers."""

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.incidents import AlertRules, Incidents, News, Trouble, Values, from_json, to_json

RULES = AlertRules(look_s=30, looks=2, over_after_s=300)
FULL: dict[Trouble, Values] = {Trouble.DISK: {"free": 900}}


def told(troubles: Incidents, looks: list[bool], start: float = 0.0, every_s: float = 30.0) -> list[tuple[int, bool]]:
    """Numbers of the looks with news, and whether they say that it is over."""
    news = []
    for number, full in enumerate(looks):
        found = troubles.look(FULL if full else {}, start + number * every_s)
        news += [(number, one.over) for one in found]
    return news


def test_it_begins_when_it_was_seen_twice_and_is_told_once() -> None:
    assert told(Incidents(RULES, {}, 0), [True] * 100) == [(1, False)]


def test_what_is_seen_once_is_nothing() -> None:
    assert told(Incidents(RULES, {}, 0), [True, False] * 50) == []


def test_it_is_over_when_it_was_not_seen_for_five_minutes_and_that_is_told_once() -> None:
    assert told(Incidents(RULES, {}, 0), [True] * 3 + [False] * 60) == [(1, False), (12, True)]


def test_one_that_comes_back_again_and_again_is_told_less_and_less() -> None:
    day = [True] * 4 + [False] * 11
    news = told(Incidents(RULES, {}, 0), day * 192)  # 24 hours of seven and a half minutes each

    assert len(news) <= 4


def test_what_an_earlier_life_told_is_not_told_again_but_its_end_is() -> None:
    troubles = Incidents(RULES, from_json(to_json(FULL)), 1000)

    assert told(troubles, [True] * 5 + [False] * 20, start=1000) == [(14, True)]


def test_what_is_stored_and_cannot_be_understood_is_left_out() -> None:
    assert from_json({"disk": {"free": 1}, "unheard of": {}, "model": 3}) == {Trouble.DISK: {"free": 1}}
    assert from_json([1]) == {}


@given(st.lists(st.sets(st.sampled_from(list(Trouble))), max_size=80))
def test_beginnings_and_ends_take_turns(looks: list[set[Trouble]]) -> None:
    troubles = Incidents(RULES, {}, 0)
    news: list[News] = []
    for number, found in enumerate(looks):
        news += troubles.look({one: {} for one in found}, number * 200.0)

    for trouble in Trouble:
        ends = [one.over for one in news if one.trouble is trouble]
        assert ends == [bool(number % 2) for number in range(len(ends))]
