"""What people say of an answer is stored as they said it, whoever else presses and however often."""

import pytest
from answers import answered, became
from stage import CLUSTER, LOCAL, Stage, asked

from bot.conversation.answer.press import Action, AnswerPress
from core.claim import Verdict
from sandbox import ALICE, BRUNO, DAN, DOG_PARK

LINES = (LOCAL, CLUSTER)


async def said(stage: Stage) -> list[tuple[str, str | None]]:
    await stage.settled()
    return [(claim.verdict, claim.breed) for claim in await stage.claims()]


async def test_a_confirmation_is_stored_and_thanked_for(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        press = await stage.chat.press(answer, "✅")
        reaction = await press.answer()
        thanks = await became(stage, answer, "↩️")

        assert reaction.text
        assert not reaction.show_alert
        assert thanks.message_id == answer.message_id
        assert await said(stage) == [(Verdict.CONFIRM, None)]


async def test_the_right_breed_is_picked_from_the_next_best(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "❌")
        menu = await became(stage, answer, "Bloodhound")
        await stage.chat.press(menu, "Bloodhound")
        thanks = await became(stage, answer, "↩️")

        assert not menu.has_button("Beagle")
        assert "Bloodhound" in thanks.text
        assert await said(stage) == [(Verdict.CORRECT, "bloodhound")]


@pytest.mark.parametrize(("button", "verdict"), [("🚫", Verdict.NOT_A_DOG), ("🤷", Verdict.DONT_KNOW)])
async def test_it_may_be_no_dog_or_nobody_knows(stage: Stage, button: str, verdict: Verdict) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "❌")
        await stage.chat.press(await became(stage, answer, button), button)
        await became(stage, answer, "↩️")

        assert await said(stage) == [(verdict, None)]


async def test_back_shows_the_answer_again_and_stores_nothing(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "❌")
        await stage.chat.press(await became(stage, answer, "⬅"), "⬅")
        restored = await became(stage, answer, "✅")

        # The word about privacy comes with the first answer, and does not come back.
        assert restored.text == answer.text.rpartition("\n\n")[0]
        assert restored.buttons == answer.buttons[:-1]
        assert await said(stage) == []


async def test_a_breed_is_searched_by_a_misspelt_name_and_picked(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "❌")
        await stage.chat.press(await became(stage, answer, "🔎"), "🔎")
        await stage.settled()
        results = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "afgan hund"))
        await stage.chat.press(results, "Afghan Hound")
        thanks = await became(stage, answer, "↩️")
        await stage.settled()

        assert "Afghan Hound" in thanks.text
        assert await said(stage) == [(Verdict.CORRECT, "afghan_hound")]
        here = stage.chat.message(results)
        assert here.text.startswith("✏️ You said: Afghan Hound")
        assert not here.has_button("Afghan Hound")
        assert here.has_button("🔒")  # may we learn from it? It is asked where the person is…
        assert not thanks.has_button("🔒")  # …and only there
        await stage.chat.press(here, "↩️")
        await became(stage, answer, "✅")
        await stage.settled()
        assert results.message_id not in [one.message_id for one in stage.chat.messages(ALICE)]
        hint = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "poodle"))
        assert "photo of a dog" in hint.text


@pytest.mark.parametrize("ends", ["/cancel", "a photo", "⬅"])
async def test_lists_of_a_search_go_when_it_is_over(stage: Stage, ends: str) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "❌")
        await stage.chat.press(await became(stage, answer, "🔎"), "🔎")
        await stage.settled()
        first = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "hund"))
        second = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "pug"))
        await stage.settled()
        left = {one.message_id for one in stage.chat.messages(ALICE)}
        assert first.message_id not in left
        assert second.message_id in left
        if ends == "⬅":
            await stage.chat.press(stage.chat.message(answer), ends)
        elif ends == "a photo":
            await answered(stage)
        else:
            await asked(stage, ends)
        await stage.settled()

    assert second.message_id not in {one.message_id for one in stage.chat.messages(ALICE)}


async def test_a_name_that_nothing_is_near_to_can_be_typed_again(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "❌")
        await stage.chat.press(await became(stage, answer, "🔎"), "🔎")
        await stage.settled()
        nothing = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "qqqqzzzz <b>"))
        found = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "pug"))

    assert "qqqqzzzz <b>" in nothing.text
    assert not nothing.has_button("Pug")
    assert found.has_button("Pug")


async def test_one_may_change_ones_mind(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.chat.press(answer, "✅")
        await stage.chat.press(await became(stage, answer, "↩️"), "↩️")
        await stage.chat.press(await became(stage, answer, "❌"), "❌")
        await stage.chat.press(await became(stage, answer, "Bloodhound"), "Bloodhound")
        await became(stage, answer, "↩️")

        expected = [(Verdict.CONFIRM, None), (Verdict.WITHDRAWN, None), (Verdict.CORRECT, "bloodhound")]
        assert await said(stage) == expected


async def test_a_double_tap_is_one_claim(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        presses = [await stage.chat.press(answer, "✅") for _ in range(3)]
        for press in presses:
            assert (await press.answer()).text

        assert await said(stage) == [(Verdict.CONFIRM, None)]


@pytest.mark.slow
async def test_buttons_work_after_a_restart(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
    async with stage.bot():
        await stage.chat.press(answer, "✅")
        await became(stage, answer, "↩️")

        assert await said(stage) == [(Verdict.CONFIRM, None)]


async def test_another_person_may_not_press(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, chat=DOG_PARK)
        reaction = await (await stage.chat.press(answer, "✅", user=DAN)).answer()

        assert reaction.show_alert
        assert "sent this photo" in reaction.text
        assert await said(stage) == []
        assert stage.chat.message(answer).buttons == answer.buttons


FORGED = [
    "", "x", "1:ok", "2:ok:AAAAAAAAAAAA", "1:pick:AAAAAAAAAAAA:no_breed", "1:ok:AAAAAAAAAAAA", "1:nix:AAAAAAAAAAAA",
    "'; DROP TABLE users; --", "🐶" * 16, "1:ok:../../../../", "1:pick:AAAAAAAAAAAA",
]  # fmt: skip


@pytest.mark.parametrize("data", FORGED)
async def test_a_forged_button_is_answered_and_changes_nothing(stage: Stage, data: str) -> None:
    async with stage.bot():
        answer = await answered(stage)
        reaction = await (await stage.chat.press_data(answer, data)).answer()

        assert reaction.show_alert
        assert reaction.text
        assert await said(stage) == []
        assert stage.chat.message(answer).buttons == answer.buttons


async def test_a_button_taken_from_somebody_elses_chat_is_not_obeyed(stage: Stage) -> None:
    async with stage.bot():
        hers, his = await answered(stage), await answered(stage, BRUNO)
        reaction = await (await stage.chat.press_data(his, hers.data_of("✅"), user=BRUNO)).answer()

        assert reaction.show_alert
        assert await said(stage) == []


@pytest.mark.parametrize("action", [Action.CONFIRM, Action.WRONG])
async def test_a_forged_press_on_somebody_elses_answer_leaves_that_answer_alone(stage: Stage, action: Action) -> None:
    async with stage.bot():
        hers, his = await answered(stage, chat=DOG_PARK), await answered(stage, DAN, chat=DOG_PARK)
        own_token = AnswerPress.parse(his.data_of("✅")).token
        await stage.chat.press_data(hers, AnswerPress(action, own_token).data, user=DAN)
        await became(stage, his, "↩️" if action is Action.CONFIRM else "🔎")
        await stage.settled()

    still_there = stage.chat.message(hers)
    assert (still_there.text, still_there.buttons) == (hers.text, hers.buttons)


async def test_a_button_of_a_forgotten_prediction_says_that_it_is_gone(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        async with stage.database.unit() as unit:
            await unit.users.forget(ALICE.id)
        reaction = await (await stage.chat.press(answer, "✅")).answer()

    assert reaction.show_alert


async def test_a_press_that_is_too_old_to_be_answered_still_counts(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
    await stage.chat.press(answer, "✅")
    stage.chat.world.limits = type(stage.chat.world.limits)(callback_expires_s=0.0)
    async with stage.bot():
        await became(stage, answer, "↩️")

        assert await said(stage) == [(Verdict.CONFIRM, None)]


async def test_a_deleted_answer_does_not_stop_the_claim(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.app.parts.bot.delete_message(ALICE.id, answer.message_id)
        await (await stage.chat.press(answer, "✅")).answer()

        assert await said(stage) == [(Verdict.CONFIRM, None)]


async def test_any_breed_of_the_catalogue_fits_into_a_button(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        token = AnswerPress.parse(answer.data_of("✅")).token
        await stage.chat.press_data(answer, AnswerPress(Action.PICK, token, "american_staffordshire_terrier").data)
        await became(stage, answer, "↩️")

        assert await said(stage) == [(Verdict.CORRECT, "american_staffordshire_terrier")]
