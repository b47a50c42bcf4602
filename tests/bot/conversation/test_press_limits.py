"""Who presses without end gets a word for each press, and keeps nobody else waiting."""

import asyncio

import pytest
from answers import answered, became
from stage import NAMED, Stage, photo

from bot.conversation.router import GROUP_PRESSES, PRESSES
from sandbox import ALICE, BRUNO, DOG_PARK, ChatMessage

FAST_S = 15.0  # Telegram would let us write on after a minute


async def pressed(stage: Stage, answer: ChatMessage, *buttons: str, times: int) -> list[str]:
    """What is said to these buttons of the answer, pressed in turn."""
    data = [answer.data_of(button) for button in buttons]
    presses = [await stage.chat.press_data(answer, one, user=ALICE) for _ in range(times) for one in data]
    return [said.text for said in await asyncio.gather(*(press.answer() for press in presses))]


def edits(stage: Stage) -> int:
    return stage.chat.faults.calls["editMessageText"]


async def test_sixty_presses_on_ones_own_button_are_one_edit(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        said = await pressed(stage, answer, "✅", times=60)
        await stage.settled()

    assert edits(stage) == 1
    assert all(said)
    assert len([text for text in said if "seconds" in text]) == 60 - PRESSES


async def test_what_was_changed_back_is_shown_again(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "❌")
        await stage.chat.press(await became(stage, answer, "⬅"), "⬅")
        await stage.chat.press(await became(stage, answer, "❌"), "❌")
        await became(stage, answer, "⬅")

    assert edits(stage) == 3


@pytest.mark.parametrize("buttons", [("✅",), ("❌", "ℹ️")])
async def test_sixty_presses_in_a_group_do_not_keep_another_member_waiting(
    stage: Stage, buttons: tuple[str, ...]
) -> None:
    stage.hurry(limits_hurry=1.0)

    async with stage.bot():
        hers = await stage.chat.send_photo(ALICE, photo(), caption=NAMED, chat=DOG_PARK)
        (answer,) = await stage.replies([hers])
        said = asyncio.ensure_future(pressed(stage, answer, *buttons, times=60 // len(buttons)))
        his = await stage.chat.send_photo(BRUNO, photo(7), caption=NAMED, chat=DOG_PARK)
        await stage.replies([his], FAST_S)

        assert len(await said) == 60
        assert edits(stage) <= GROUP_PRESSES


async def test_a_press_that_failed_does_not_count(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, chat=DOG_PARK)
        failures = (GROUP_PRESSES + 1) * stage.timing.tries_at_once
        stage.chat.faults.add("server_error", method="editMessageText", times=failures)
        await stage.chat.press(answer, "❌")
        await became(stage, answer, "⬅")
