"""From polling to a webhook and back, at once or over a kill, while people go on sending: nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from ports import free_port
from pydantic import SecretStr
from stage import Stage, photo

from bot.app import BotApp
from bot.telegram.client import ALLOWED_UPDATES
from sandbox import ChatMessage

PHOTOS = 60
PEOPLE = 6


class Crowd:
    """Sends photos until all are sent, some at a time, as the bot answers."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._people = [stage.chat.add_person(f"Person {number}") for number in range(PEOPLE)]
        self.sent: list[ChatMessage] = []
        self.step = asyncio.Event()

    async def run(self) -> None:
        for number in range(PHOTOS):
            self.sent.append(await self._stage.chat.send_photo(self._people[number % PEOPLE], photo(number)))
            self.step.set()
            await asyncio.sleep(0.005)

    async def until(self, photos: int) -> None:
        async with asyncio.timeout(60):
            while len(self.sent) < photos:
                self.step.clear()
                await self.step.wait()

    def answers(self) -> int:
        return sum(one.from_bot for person in self._people for one in self._stage.chat.messages(person))


@asynccontextmanager
async def sending(stage: Stage) -> AsyncIterator[Crowd]:
    crowd = Crowd(stage)
    task = asyncio.ensure_future(crowd.run())
    try:
        yield crowd
        await task
    finally:
        task.cancel()


async def by_webhook(stage: Stage) -> None:
    port = free_port()
    stage.set(http_port=port, webhook_url=f"http://127.0.0.1:{port}", webhook_secret=SecretStr("s3cret"))


async def by_polling(stage: Stage) -> None:
    stage.set(http_port=0, webhook_url=None, webhook_secret=None)


@pytest.mark.slow
@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "cut off"])
async def test_under_load_every_photo_is_answered_whichever_way_it_came(stage: Stage, kill: bool) -> None:
    ways = [by_polling, by_webhook, by_polling, by_webhook]
    async with sending(stage) as crowd:
        for life, way in enumerate(ways, 1):
            await way(stage)
            async with stage.bot(stop=not kill):
                await crowd.until(life * PHOTOS // len(ways))
                if life > 1:
                    await stage.until(crowd.answers)
    await by_polling(stage)
    async with stage.bot():
        await stage.replies(crowd.sent, timeout_s=60)
        await stage.settled()
        async with stage.database.unit() as unit:
            stored = await unit.predictions.count()

    assert stored == PHOTOS
    assert crowd.answers() == PHOTOS if not kill else crowd.answers() >= PHOTOS
    assert stage.edit_database("SELECT count(*) FROM inbox WHERE done_at IS NULL OR error IS NOT NULL") == [(0,)]


def _hears(app: BotApp) -> bool:
    return app.parts.polling._problem is None


async def test_both_ways_ask_for_the_same_kinds_of_updates(stage: Stage) -> None:
    asked = []
    for way in (by_polling, by_webhook):
        await way(stage)
        async with stage.bot() as app:
            await stage.until(partial(_hears, app))
            asked.append(stage.chat.world.updates.allowed())

    assert asked == [list(ALLOWED_UPDATES)] * 2


async def test_a_webhook_that_somebody_took_away_is_set_again(stage: Stage) -> None:
    await by_webhook(stage)
    stage.hurry(webhook_look_s=0.05)
    person = stage.chat.add_person("Ann")
    async with stage.bot() as app:
        await stage.called("setWebhook")
        await stage.until(lambda: app.parts.polling._problem is None)
        await app.parts.bot.delete_webhook()
        sent = await stage.chat.send_photo(person, photo())

        await stage.chat.wait_for_reply(sent)
        assert stage.chat.faults.calls["setWebhook"] == 2


@pytest.mark.slow
async def test_a_webhook_that_telegram_cannot_reach_is_not_ready_until_it_can(stage: Stage) -> None:
    await by_webhook(stage)
    stage.hurry(webhook_look_s=0.05)
    person = stage.chat.add_person("Ann")
    async with stage.bot() as app:
        await stage.until(lambda: app.parts.polling._problem is None)
        path, secret, accept = stage.web._webhook or ("", "", None)
        assert accept is not None
        stage.web.close_webhook()
        sent = await stage.chat.send_photo(person, photo())
        await stage.until(lambda: "cannot deliver" in (app.parts.polling._problem or ""))
        stage.web.open_webhook(path, secret, accept)

        await stage.chat.wait_for_reply(sent)
        await stage.until(lambda: app.parts.polling._problem is None)
