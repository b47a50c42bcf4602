"""What each refusal of Telegram means for a message: again, otherwise, elsewhere, or never."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from stage import TIMING, leading
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.errors import Later, Refused
from bot.metrics import Metrics
from bot.telegram.client import TelegramBot
from bot.telegram.message import View
from bot.telegram.sender import Sender

VIEW = View("<b>Beagle</b>")


class ScriptedBot:
    """Answers calls with the given errors, then with success, and remembers what it was asked."""

    def __init__(self, *errors: Exception) -> None:
        self._errors: Iterator[Exception] = iter(errors)
        self.asked: list[tuple[int, str, str | None]] = []

    async def send_message(self, chat_id: int, text: str, parse_mode: str | None = None, **_: Any) -> Any:
        self.asked.append((chat_id, text, parse_mode))
        for error in self._errors:
            raise error
        return SimpleNamespace(message_id=77)

    async def edit_message_text(self, text: str, chat_id: int, message_id: int, **_: Any) -> None:
        self.asked.append((chat_id, text, None))
        for error in self._errors:
            raise error


@pytest.fixture(autouse=True)
def durations_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def sender(bot: ScriptedBot) -> Sender:
    return Sender(cast("TelegramBot", bot), leading(), TIMING, Metrics())


async def test_what_passes_is_tried_again() -> None:
    bot = ScriptedBot(NetworkError("gone"), TimedOut())

    assert await sender(bot).send(1, VIEW) == 77
    assert len(bot.asked) == 3


async def test_what_does_not_pass_soon_is_left_to_the_lane() -> None:
    bot = ScriptedBot(*[NetworkError("gone")] * 9)

    with pytest.raises(Later) as caught:
        await sender(bot).send(1, VIEW)

    assert caught.value.delay_s is None
    assert len(bot.asked) == TIMING.tries_at_once


async def test_a_long_pause_is_that_of_one_chat_and_no_call_is_made_in_it() -> None:
    bot = ScriptedBot(RetryAfter(60))
    out = sender(bot)

    for _ in range(2):
        with pytest.raises(Later) as caught:
            await out.send(1, VIEW)
        assert caught.value.delay_s == pytest.approx(60, abs=1)
    assert await out.send(2, VIEW) == 77

    assert [chat for chat, *_ in bot.asked] == [1, 2]


@pytest.mark.parametrize("error", [Forbidden("bot was blocked by the user"), BadRequest("Chat not found")])
async def test_a_refusal_is_not_argued_with(error: Exception) -> None:
    bot = ScriptedBot(error)

    with pytest.raises(Refused):
        await sender(bot).send(1, VIEW)

    assert len(bot.asked) == 1


async def test_html_that_telegram_cannot_read_goes_out_as_plain_text() -> None:
    bot = ScriptedBot(BadRequest("Can't parse entities: unexpected end tag"))

    assert await sender(bot).send(1, VIEW) == 77
    assert bot.asked == [(1, "<b>Beagle</b>", "HTML"), (1, "Beagle", None)]


async def test_a_group_that_became_a_supergroup_is_written_to_under_its_new_id() -> None:
    bot = ScriptedBot(ChatMigrated(-100))

    assert await sender(bot).send(-1, VIEW) == 77
    assert [chat for chat, *_ in bot.asked] == [-1, -100]


async def test_an_edit_that_changes_nothing_is_fine() -> None:
    await sender(ScriptedBot(BadRequest("Message is not modified: specified new message content …"))).edit(1, 2, VIEW)


async def test_a_token_revoked_while_we_run_is_waited_out() -> None:
    with pytest.raises(Later) as caught:
        await sender(ScriptedBot(InvalidToken())).send(1, VIEW)

    assert caught.value.delay_s is not None
    assert caught.value.delay_s >= 10
