"""Every bot works out the same shares, and in a few rounds each has its own."""

from datetime import UTC, datetime

import pytest

from bot.pipeline.partitions.fair_shares import BOT, POLLER, SCHEDULER, lease_of, partitions_of, plan
from db.chat.leader_lease import LeaseRecord
from db.partitions import ALL, PARTITIONS

NOW = datetime(2026, 3, 1, tzinfo=UTC)
Held = dict[str, tuple[str, bool]]  # lease → holder, whether it is valid


def records(held: Held) -> list[LeaseRecord]:
    return [LeaseRecord(name, holder, NOW, valid) for name, (holder, valid) in sorted(held.items())]


def rounds(held: Held, bots: list[str], *, times: int = 3, calm: bool = True) -> Held:
    """Each bot in turn renews, says that it lives, takes and gives back."""
    for _ in range(times):
        for me in bots:
            held |= {name: (me, True) for name, (holder, _) in held.items() if holder == me}
            held[BOT + me] = me, True
            next_ = plan(me, records(held), calm=calm, poller=True)
            held |= dict.fromkeys(next_.take, (me, True))
            held = {name: one for name, one in held.items() if name not in map(lease_of, next_.release)}
    return held


def shares(held: Held) -> dict[str, int]:
    parts = [holder for name, (holder, _) in held.items() if partitions_of({name})]
    return {holder: parts.count(holder) for holder in parts}


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16])
def test_bots_that_come_share_everything_evenly(count: int) -> None:
    bots = [f"bot{number:02}" for number in range(count)]
    held: Held = {}
    for number in range(count):
        held = rounds(held, bots[: number + 1])

    found = shares(held)
    assert sum(found.values()) == PARTITIONS
    assert max(found.values()) - min(found.values()) <= 1
    assert len(found) == count


def test_of_more_bots_than_partitions_some_have_none() -> None:
    held = rounds({}, [f"bot{number:02}" for number in range(20)], times=5)

    assert sorted(shares(held).values()) == [1] * PARTITIONS


def test_what_a_dead_bot_had_goes_to_the_others() -> None:
    held = rounds({}, ["a", "b", "c"])
    dead = {name: (holder, holder != "b") for name, (holder, _) in held.items()}

    after = rounds(dead, ["a", "c"])

    assert shares(after) == {"a": 8, "c": 8}
    assert {after[POLLER][0], after[SCHEDULER][0]} <= {"a", "c"}


def test_after_an_outage_nothing_is_taken_from_those_who_had_no_time_to_renew() -> None:
    held = rounds({}, ["a", "b"])
    all_ran_out = {name: (holder, False) for name, (holder, _) in held.items()}

    next_ = plan("a", records(all_ran_out | {BOT + "a": ("a", True)}), calm=False, poller=True)

    assert not partitions_of(next_.take)


def test_there_is_one_poller_and_one_leader_and_no_poller_with_a_webhook() -> None:
    held = rounds({}, ["a", "b"])
    with_webhook = plan("a", [], calm=True, poller=False)

    assert {POLLER, SCHEDULER} <= held.keys()
    assert POLLER not in with_webhook.take
    assert SCHEDULER in with_webhook.take


def test_names_and_partitions_belong_together() -> None:
    assert partitions_of({lease_of(part) for part in ALL} | {POLLER, BOT + "a"}) == ALL
