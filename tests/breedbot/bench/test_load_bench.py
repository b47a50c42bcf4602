"""The load bench loses nothing, counts what came twice and why, and measures what it says; in small."""

from pathlib import Path

import pytest
from stage import photo

from bot.conversation.photo.view import queue_position, slow_down, try_later
from bot.telegram.message import View
from breedbot.bench.load.crowd import distinct
from breedbot.bench.load.ledger import Duplicates, Ledger
from breedbot.bench.load.life import Life, LifeEnded
from breedbot.bench.load.load_bench import QUICK, LoadPlan, NoSuchPart, run_load_bench
from breedbot.bench.load.load_listing import load_tables
from breedbot.bench.load.replies import Reply, kind_of
from sandbox import ChatMessage

PHOTO = 7, 1
NO_BOT = ("false",)  # a program that ends at once


class Clock:
    """Stands where it is put."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def message(message_id: int, *, text: str = "Beagle", buttons: bool = True, from_bot: bool = True) -> ChatMessage:
    rows = (("✅", "❌"),) if buttons else ()
    reply_to = PHOTO[1] if from_bot else None
    return ChatMessage(PHOTO[0], message_id, 1, from_bot, "text", text, rows, reply_to, False, (), {})


def ledger_with(*answers_at_s: float, killed_at_s: float | None = None) -> Ledger:
    clock = Clock()
    ledger = Ledger(clock)
    ledger.sends(message(PHOTO[1], from_bot=False))
    for number, clock.now in enumerate(answers_at_s):
        ledger.hears(message(100 + number))
    if killed_at_s is not None:
        clock.now = killed_at_s
        ledger.killed()
    return ledger


@pytest.mark.parametrize(
    ("view", "kind"),
    [
        (queue_position(1, 5, "en"), Reply.WAITING),
        (queue_position(30, 50, "en"), Reply.WAITING),
        (try_later(10, "en"), Reply.LATER),
        (try_later(600, "en"), Reply.LATER),
        (slow_down("user", 20, 30, "en"), Reply.SLOWER),
    ],
)
def test_what_the_bot_says_is_told_apart(view: View, kind: Reply) -> None:
    assert kind_of(message(2, text=view.plain, buttons=False)) is kind


@pytest.mark.parametrize(
    ("killed_at_s", "unheard", "why"),
    [
        (None, {(7, 100)}, Duplicates(cut=1)),
        (10.5, set(), Duplicates(killed=1)),
        (19.0, set(), Duplicates(unexplained=1)),
        (None, {(7, 101)}, Duplicates(unexplained=1)),
    ],
)
def test_a_second_answer_has_a_reason_or_is_a_fault(
    killed_at_s: float | None, unheard: set[tuple[int, int]], why: Duplicates
) -> None:
    assert ledger_with(10.0, 20.0, killed_at_s=killed_at_s).duplicates(unheard) == why


def test_a_photo_without_a_final_reply_is_silent() -> None:
    ledger = ledger_with()
    ledger.hears(message(2, text=queue_position(1, 5, "en").plain, buttons=False))

    assert ledger.silent == 1


def test_photos_to_send_differ_in_their_bytes() -> None:
    assert len({distinct([photo(1), photo(2)], number) for number in range(50)}) == 50


async def test_a_bot_that_ends_by_itself_is_noticed_with_what_it_said(tmp_path: Path) -> None:
    life = Life(("sh", "-c", "echo no model; exit 3"), {}, tmp_path)
    await life.start()

    await life.ended(timeout_s=60)

    with pytest.raises(LifeEnded, match=r"exit code 3.*no model"):
        life.check()


def test_only_parts_that_there_are_can_be_asked_for() -> None:
    assert LoadPlan().only(["inbox"]).parts == {"inbox"}
    with pytest.raises(NoSuchPart, match="weather"):
        LoadPlan().only(["weather"])


@pytest.mark.slow
async def test_photos_survive_weather_and_kills_and_the_table_says_so() -> None:
    steps: list[float] = []
    measured = await run_load_bench(QUICK.only(["faults"]), NO_BOT, progress=steps.append)
    found = measured.faults

    assert found is not None
    assert (found.silent, found.duplicates.unexplained, measured.holds) == (0, 0, True)
    assert found.kills > 0
    assert found.replies["answer"] == found.photos
    assert sum(found.injected.values()) > 0
    assert [table.row_count for table in load_tables(measured)] == [9]
    assert 0 <= max(steps) <= 1


@pytest.mark.slow
async def test_ten_times_too_many_photos_are_told_so_and_it_is_soon_over() -> None:
    measured = await run_load_bench(QUICK.only(["overload"]), NO_BOT, progress=lambda _: None)
    found = measured.overload

    assert found is not None
    assert found.silent == 0
    assert found.answered + found.told + found.covered == found.sent
    assert found.told > 0
    assert [table.row_count for table in load_tables(measured)] == [11]


@pytest.mark.slow
async def test_photos_survive_each_surprise_and_others_hardly_wait() -> None:
    measured = await run_load_bench(QUICK.only(["surprises"]), NO_BOT, progress=lambda _: None)
    found = measured.surprises

    assert found is not None
    assert (found.silent, found.duplicates.unexplained, measured.holds) == (0, 0, True)
    assert found.answered == found.photos
    assert [table.row_count for table in load_tables(measured)] == [len(found.waits) + 3]


@pytest.mark.slow
async def test_the_inbox_is_measured_empty_and_full() -> None:
    measured = await run_load_bench(QUICK.only(["inbox"]), NO_BOT, progress=lambda _: None)
    found = measured.to_json()["inbox"]

    assert len(found["timings"]) == 5
    assert all(one[side]["p50_s"] > 0 for one in found["timings"].values() for side in ("empty", "full"))
