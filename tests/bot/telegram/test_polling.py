"""A server that does not wait is not asked without a pause, and what people send is heard all the same."""

import asyncio
from typing import Any, cast

import pytest
from stage import TIMING, Stage

from bot.metrics import Metrics
from bot.pipeline.inbox import Intake
from bot.telegram.client import TelegramBot
from bot.telegram.polling import Polling
from sandbox import ALICE

WATCHED_S = 1.0


class Forgetful:
    """A server that confirms nothing."""

    asked = 0

    async def delete_webhook(self, **_: object) -> bool:
        return True

    async def raw_updates(self, *_: object) -> list[dict[str, Any]]:
        self.asked += 1
        await asyncio.sleep(0)
        return [{"update_id": 1}]


class KnowsAll:
    """An inbox to which nothing is new."""

    async def full(self) -> bool:
        return False

    async def accept(self, _: object) -> int:
        return 0


@pytest.mark.slow
async def test_a_server_that_does_not_wait_is_asked_a_few_times_a_second(stage: Stage) -> None:
    stage.chat.faults.add("hasty")
    polls = stage.chat.faults.calls

    async with stage.bot():
        await stage.called("getUpdates", 3)
        before = polls["getUpdates"]
        await asyncio.sleep(WATCHED_S)
        asked = polls["getUpdates"] - before
        await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "hello"), timeout_s=5)

    assert 0 < asked <= WATCHED_S / stage.timing.hasty_s + 1


@pytest.mark.slow
async def test_a_server_that_sends_the_same_again_and_again_is_too() -> None:
    server = Forgetful()
    polling = Polling(cast("TelegramBot", server), cast("Intake", KnowsAll()), TIMING, Metrics())

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(polling.run(), WATCHED_S)

    assert 0 < server.asked <= WATCHED_S / TIMING.hasty_s + 2
