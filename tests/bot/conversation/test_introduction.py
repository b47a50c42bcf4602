"""What people read before they press Start: in their language, and set only where it is not so already."""

import pytest
from stage import Stage

from bot.texts import languages, say_plain
from sandbox.api.methods_bot import described


@pytest.mark.parametrize("language", languages())
def test_the_descriptions_have_the_size_that_telegram_takes(language: str) -> None:
    """https://core.telegram.org/bots/api#setmydescription, #setmyshortdescription."""
    assert len(say_plain(language, "bot-description")) <= 512
    assert len(say_plain(language, "bot-short-description")) <= 120


async def test_they_are_set_where_they_are_not_so_already(stage: Stage) -> None:
    asked = len(languages()) + 1  # and for apps that speak none of them, which is what apps in English show, too
    calls = stage.chat.faults.calls
    async with stage.bot():
        await stage.called("getMyShortDescription", asked)
        await stage.called("setMyShortDescription", len(languages()))
    async with stage.bot():
        await stage.called("getMyShortDescription", 2 * asked)

    assert described(stage.chat.world, "description", "fr") == say_plain("fr", "bot-description")
    assert described(stage.chat.world, "short_description", "xx") == say_plain("en", "bot-short-description")
    assert calls["setMyDescription"] == calls["setMyShortDescription"] == len(languages())
