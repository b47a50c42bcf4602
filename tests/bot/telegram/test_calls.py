"""Telegram's limits are kept before they are hit, chat by chat, and nobody waits for somebody else's pause."""

import asyncio
import time
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Later
from bot.metrics import Metrics
from bot.moving_window import MovingWindow
from bot.telegram.calls import (
    CHATS_KEPT,
    GROUP_MESSAGES,
    GROUP_S,
    OVERALL_CALLS,
    OVERALL_S,
    PRIVATE_BURST,
    Limits,
    Turn,
    _Bursts,
    _Gate,
    _Rate,
)

ALICE, BOB, GROUP = 1, 2, -100
LAZY = 0.01  # windows of minutes: none ends while a slow machine goes through a test


def limits(*, patience_s: float = 2.0, hurry: float = 1.0) -> Limits:
    return Limits(patience_s, hurry, Metrics())


class Noted:
    """A rate that remembers everything it counted. Put in place of a gate's own."""

    def __init__(self, gate: _Gate) -> None:
        self._rate = gate.rate
        self.at: list[float] = []
        gate.rate = self

    def free_at(self, now: float, ahead: int = 0) -> float:
        return self._rate.free_at(now, ahead)

    def take(self, at: float) -> None:
        self.at.append(at)
        self._rate.take(at)


def schedule(rate: _Rate, asked_at: list[float]) -> list[float]:
    """When each of these may go out."""
    taken = []
    for now in asked_at:
        taken.append(rate.free_at(now))
        rate.take(taken[-1])
    return taken


@given(st.lists(st.floats(0, 2), max_size=200))
def test_no_window_of_a_minute_ever_holds_more_than_twenty(gaps: list[float]) -> None:
    asked_at = [1000 + sum(gaps[:place]) for place in range(len(gaps))]

    taken = schedule(MovingWindow(20, 60.0), asked_at)

    assert all(late >= early for early, late in zip(asked_at, taken, strict=True))
    assert all(later - earlier >= 59.999 for earlier, later in zip(taken, taken[20:], strict=False))


def test_a_full_window_is_as_fast_as_it_may_be() -> None:
    assert schedule(MovingWindow(3, 60.0), [100.0] * 7) == [100, 100, 100, 160, 160, 160, 220]


def test_in_a_private_chat_a_short_burst_goes_out_at_once_and_then_one_a_second() -> None:
    assert schedule(_Bursts(3, 1.0), [100.0] * 6) == [100, 100, 100, 101, 102, 103]
    assert schedule(_Bursts(3, 1.0), [100.0] * 3 + [110.0] * 3) == [100, 100, 100, 110, 110, 110]


async def test_the_group_that_is_full_is_put_off_and_nobody_else() -> None:
    limit = limits()
    for _ in range(GROUP_MESSAGES):
        await limit.turn(GROUP, Turn.MESSAGE)

    with pytest.raises(Later) as caught:
        await limit.turn(GROUP, Turn.MESSAGE)
    assert GROUP_S / 2 < cast("float", caught.value.delay_s) <= GROUP_S
    await limit.turn(GROUP - 1, Turn.MESSAGE)
    await limit.turn(ALICE, Turn.MESSAGE)
    await limit.turn(GROUP, Turn.OTHER)


async def test_only_the_chat_that_telegram_paused_pauses() -> None:
    limit = limits()
    limit.pause(ALICE, 0.2)
    limit.pause(BOB, 60)
    until = limit._chats[ALICE].paused_until
    await limit.turn(GROUP, Turn.MESSAGE)

    await limit.turn(ALICE, Turn.OTHER)

    assert time.monotonic() >= until
    with pytest.raises(Later, match="pause"):
        await limit.turn(BOB, Turn.OTHER)


@pytest.mark.slow
async def test_overall_those_who_came_first_go_first_and_thirty_a_second_are_never_passed() -> None:
    limit = limits(patience_s=60.0, hurry=2)
    counted, order = Noted(limit._messages), []

    async def go(chat_id: int) -> None:
        await limit.turn(chat_id, Turn.MESSAGE)
        order.append(chat_id)

    async with asyncio.TaskGroup() as group:
        for chat_id in range(1, 91):
            group.create_task(go(chat_id))

    assert [sorted(order[start : start + 30]) for start in (0, 30, 60)] == [
        list(range(start + 1, start + 31)) for start in (0, 30, 60)
    ]
    assert all(later - earlier >= OVERALL_S / 2 for earlier, later in zip(counted.at, counted.at[30:], strict=False))


@given(st.lists(st.floats(0, 2), max_size=100), st.integers(1, 30), st.integers(0, 100), st.booleans())
def test_how_long_a_wait_will_be_is_foretold(gaps: list[float], count: int, ahead: int, bursts: bool) -> None:
    rate: _Rate = _Bursts(count, 1.0) if bursts else MovingWindow(count, 60.0)
    schedule(rate, [1000 + sum(gaps[:place]) for place in range(len(gaps))])
    now = 1000 + sum(gaps) + 0.5

    foretold = rate.free_at(now, ahead)

    assert foretold == pytest.approx(schedule(rate, [now] * (ahead + 1))[-1])


@pytest.mark.slow
async def test_what_was_due_while_the_event_loop_stood_still_does_not_go_out_all_at_once() -> None:
    limit = limits(patience_s=60.0, hurry=10)
    counted = Noted(limit._messages)

    async with asyncio.TaskGroup() as group:
        for chat_id in range(1, 151):
            group.create_task(limit.turn(chat_id, Turn.MESSAGE))
        await asyncio.sleep(0.05)
        time.sleep(0.3)  # three windows long  # noqa: ASYNC251

    assert all(later - earlier >= OVERALL_S / 10 for earlier, later in zip(counted.at, counted.at[30:], strict=False))


async def test_a_chat_counts_when_its_turn_overall_comes_not_when_it_began_to_wait() -> None:
    limit = limits(patience_s=60.0, hurry=10)
    for chat_id in range(1, OVERALL_CALLS + 1):
        await limit.turn(BOB + chat_id, Turn.MESSAGE)
    overall, hers = Noted(limit._messages), Noted(limit._chats[ALICE].gate)
    free_at = overall.free_at(0)

    await limit.turn(ALICE, Turn.MESSAGE)

    assert hers.at[0] >= overall.at[0] >= free_at


async def test_those_who_wait_in_one_chat_go_in_the_order_in_which_they_came_through_a_pause_too() -> None:
    limit = limits(hurry=100)
    limit.pause(ALICE, 0.1)
    went: list[int] = []

    async def go(number: int) -> None:
        await limit.turn(ALICE, Turn.MESSAGE)
        went.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(go(number))

    assert went == list(range(20))


@pytest.mark.slow
async def test_who_gives_up_waiting_is_in_nobodys_way() -> None:
    limit = limits(patience_s=60.0)
    for _ in range(PRIVATE_BURST):
        await limit.turn(ALICE, Turn.MESSAGE)
    gate = limit._chats[ALICE].gate
    free_at = gate.rate.free_at(0)
    tired = asyncio.ensure_future(limit.turn(ALICE, Turn.MESSAGE))
    await asyncio.sleep(0)
    tired.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tired

    assert (gate.waiting, gate.rate.free_at(0)) == (0, free_at)
    await limit.turn(ALICE, Turn.MESSAGE)


async def test_a_courtesy_is_left_out_rather_than_waited_for() -> None:
    limit = limits(hurry=LAZY)
    for number in range(30):
        await limit.turn(number + 1, Turn.COURTESY)

    with pytest.raises(Later):
        await limit.turn(99, Turn.COURTESY)
    await limit.turn(99, Turn.MESSAGE)


@pytest.mark.slow
async def test_waits_are_counted() -> None:
    metrics = Metrics()
    limit = Limits(2.0, 1.0, metrics)
    for _ in range(PRIVATE_BURST + 1):
        await limit.turn(ALICE, Turn.MESSAGE)
    limit.pause(BOB, 60)
    with pytest.raises(Later):
        await limit.turn(BOB, Turn.MESSAGE)

    page = metrics.page().decode()
    assert 'breedbot_limiter_seconds_count{limit="chat"} 1.0' in page
    assert 'breedbot_put_off_total{limit="pause"} 1.0' in page


async def test_chats_that_are_quiet_again_are_forgotten() -> None:
    limit = limits(hurry=1e9)
    limit.pause(1, 60)
    for chat_id in range(1, CHATS_KEPT + 1):
        limit._chats[chat_id].used_at = 0
    await limit.turn(CHATS_KEPT + 1)

    assert set(limit._chats) == {1, CHATS_KEPT + 1}
