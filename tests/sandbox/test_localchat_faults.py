"""Each fault does what it says, once or always, here or there, and is counted."""

import pytest
import telegram
from localchat_photos import picture
from telegram.error import BadRequest, Conflict, NetworkError, RetryAfter, TimedOut

from sandbox import ALICE, BRUNO, DOWNLOAD, FaultKind, Faults, LocalChat


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_chat_is_told_to_wait_and_its_impatience_is_counted(
    chat: LocalChat, bot: telegram.Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else the library warns about its own future
    clock = chat.faults.clock = Clock()
    chat.faults.add("too_many_requests", chat_id=ALICE.id, times=1, retry_after=3)

    with pytest.raises(RetryAfter):
        await bot.send_message(ALICE.id, "one")
    await bot.send_message(BRUNO.id, "others are not concerned")
    clock.now += 1.5
    with pytest.raises(RetryAfter, match="Retry in 0:00:02"):
        await bot.send_message(ALICE.id, "too early")
    clock.now += 1.5
    await bot.send_message(ALICE.id, "in time")

    assert chat.faults.early_retries == 1
    assert chat.faults.injected[FaultKind.TOO_MANY_REQUESTS, "sendMessage"] == 2
    assert [message.text for message in chat.messages(ALICE)] == ["in time"]


async def test_server_errors_do_nothing(chat: LocalChat, bot: telegram.Bot) -> None:
    chat.faults.add("server_error", method="sendMessage", times=2, code=502)

    for _ in range(2):
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await bot.send_message(ALICE.id, "lost")
    await bot.send_message(ALICE.id, "sent")

    assert [message.text for message in chat.messages(ALICE)] == ["sent"]


@pytest.mark.parametrize(("kind", "done"), [("drop_before", []), ("drop_after", ["sent"])])
async def test_a_cut_connection_leaves_the_effect_or_not(
    chat: LocalChat, bot: telegram.Bot, kind: str, done: list[str]
) -> None:
    chat.faults.add(kind, method="sendMessage", times=1)

    with pytest.raises(NetworkError) as error:
        await bot.send_message(ALICE.id, "sent")

    assert not isinstance(error.value, BadRequest)
    assert [message.text for message in chat.messages(ALICE)] == done


async def test_a_slow_answer_outlasts_an_impatient_client_but_is_done(chat: LocalChat, bot: telegram.Bot) -> None:
    chat.faults.add("slow", method="sendMessage", delay_s=0.3)

    with pytest.raises(TimedOut):
        await bot.send_message(ALICE.id, "late", read_timeout=0.1)

    assert (await chat.wait_for(lambda message: message.text == "late")).from_bot


async def test_a_second_poller_can_be_played(chat: LocalChat, bot: telegram.Bot) -> None:
    chat.faults.add("conflict", times=1)

    with pytest.raises(Conflict):
        await bot.get_updates()
    assert await bot.get_updates() == ()


async def test_updates_come_twice(chat: LocalChat, bot: telegram.Bot) -> None:
    await chat.send_text(ALICE, "one")
    chat.faults.add("duplicate", times=1)

    twice = await bot.get_updates()
    once = await bot.get_updates()

    assert len({update.update_id for update in twice}) == 1
    assert (len(twice), len(once)) == (2, 1)


async def test_downloads_fail_and_break_in_the_middle(chat: LocalChat, bot: telegram.Bot) -> None:
    sent = await chat.send_photo(ALICE, picture(500, 500))
    file = await bot.get_file(sent.payload["photo"][-1]["file_id"])
    chat.faults.add("drop_after", method=DOWNLOAD, times=1)

    with pytest.raises(NetworkError):
        await file.download_as_bytearray()

    chat.faults.add("server_error", method=DOWNLOAD, times=1)
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    assert len(await file.download_as_bytearray()) == file.file_size


def test_the_same_seed_strikes_the_same_calls() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(seed=seed)
        faults.add("server_error", probability=0.3)
        return [bool(faults.strike("sendMessage", 1)) for _ in range(200)]

    assert struck(1) == struck(1) != struck(2)
    assert 30 < sum(struck(1)) < 90


def test_rules_that_make_no_sense_are_refused() -> None:
    faults = Faults()

    for options in ({"probability": 2}, {"code": 404}, {"delay_s": -1}):
        with pytest.raises(ValueError, match="must be"):
            faults.add("slow", **options)
    with pytest.raises(ValueError, match="nonsense"):
        faults.add("nonsense")


async def test_a_switch_can_be_taken_back(chat: LocalChat, bot: telegram.Bot) -> None:
    rule = chat.faults.add("server_error")
    chat.faults.remove(rule)
    chat.faults.add("drop_before")
    chat.faults.clear()

    await bot.send_message(ALICE.id, "fine")
