"""A Telegram that we have not written, the npm package telegram-test-api: a photo is answered, and a press counts."""

from collections.abc import Callable

import pytest
from ports import free_port
from pydantic import SecretStr
from stage import Stage, photo
from telegram_test_api import TOKEN, has_button, install, other_telegram

from core.claim import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.servers]


def by_polling(stage: Stage) -> None:
    """As it is by itself."""


def by_webhook(stage: Stage) -> None:
    port = free_port()
    stage.set(http_port=port, webhook_url=f"http://127.0.0.1:{port}", webhook_secret=SecretStr("s3cret"))


@pytest.mark.parametrize("way", [by_polling, by_webhook], ids=lambda way: way.__name__)
async def test_a_photo_is_answered_and_a_press_counts(stage: Stage, way: Callable[[Stage], None]) -> None:
    install()
    async with other_telegram(photo()) as telegram:
        stage.set(telegram_api=telegram.url, telegram_token=SecretStr(TOKEN))
        way(stage)

        async with stage.bot():
            await telegram.asked.wait()
            await telegram.send_photo()
            answer = await telegram.said(lambda message: has_button(message, "✅"))
            await telegram.press(answer, "✅")
            await telegram.said(lambda message: message["message_id"] == answer["message_id"] and message != answer)
            claims = await stage.claims()

    assert "Beagle" in answer["text"]
    assert [claim.verdict for claim in claims] == [Verdict.CONFIRM]
