"""👍 and 👎 on an answer are ✅ and ❌, from the one who may press those, and on a recent answer only."""

from dataclasses import replace

import pytest
from stage import BEAGLE, NAMED, Stage, photo, turned

from core.claim import Verdict
from core.prediction import WHOLE_PHOTO, Box
from sandbox import ALICE, BRUNO, DAN, DOG_PARK, ChatMessage, Persona


async def answered(stage: Stage) -> ChatMessage:
    answer = await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo()))
    await stage.settled()
    return stage.chat.message(answer)


async def reacted(stage: Stage, answer: ChatMessage, emoji: str, who: Persona = ALICE) -> ChatMessage:
    """The message after the reaction."""
    await stage.chat.react(answer, emoji, user=who)
    await stage.settled()
    return stage.chat.message(answer)


async def verdicts(stage: Stage) -> list[Verdict]:
    return [claim.verdict for claim in await stage.claims()]


async def test_a_thumb_up_confirms_the_answer_and_says_thanks_in_its_place(stage: Stage) -> None:
    async with stage.bot():
        thanked = await reacted(stage, await answered(stage), "👍")

        assert await verdicts(stage) == [Verdict.CONFIRM]
        assert thanked.has_button("↩️")


async def test_taken_away_it_takes_the_opinion_back(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        again = await reacted(stage, await reacted(stage, answer, "👍"), "")

        assert await verdicts(stage) == [Verdict.CONFIRM, Verdict.WITHDRAWN]
        assert again.buttons[0] == answer.buttons[0]


async def test_a_thumb_down_offers_the_right_breed_and_taken_away_the_answer_again(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        menu = await reacted(stage, answer, "👎")
        again = await reacted(stage, menu, "")

        assert menu.has_button("Basset")
        assert again.buttons[0] == answer.buttons[0]
        assert await verdicts(stage) == []


async def test_a_change_of_mind_takes_the_confirmation_back_and_what_was_picked_stays(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        menu = await reacted(stage, await reacted(stage, answer, "👍"), "👎")
        picked = await turned(stage, menu, "Basset")
        await reacted(stage, picked, "")

        assert await verdicts(stage) == [Verdict.CONFIRM, Verdict.WITHDRAWN, Verdict.CORRECT]


@pytest.mark.parametrize("emoji", ["❤", "🔥"])
async def test_other_reactions_are_not_even_stored(stage: Stage, emoji: str) -> None:
    async with stage.bot():
        answer = await answered(stage)
        before = stage.edit_database("SELECT COUNT(*) FROM inbox")
        same = await reacted(stage, answer, emoji)

    assert stage.edit_database("SELECT COUNT(*) FROM inbox") == before
    assert same.text == answer.text


async def test_one_s_own_message_an_old_answer_and_several_dogs_are_let_be(stage: Stage) -> None:
    async with stage.bot():
        sent = await stage.chat.send_photo(ALICE, photo())
        old = await stage.chat.wait_for_reply(sent)
        await stage.settled()
        await stage.change_database("UPDATE predictions SET created_at = '2020-01-01 00:00:00.000000'")
        stage.say = lambda _: (replace(BEAGLE, box=Box(0.0, 0.0, 0.5, 1.0)), replace(BEAGLE, box=WHOLE_PHOTO))
        stage.worker.say = stage.say
        several = await stage.chat.wait_for_reply(await stage.chat.send_photo(ALICE, photo(2)))
        await stage.settled()
        shown = [stage.chat.message(one).text for one in (old, several)]
        for message in (sent, old, several):
            await reacted(stage, message, "👍")

        assert await verdicts(stage) == []
        assert [stage.chat.message(one).text for one in (old, several)] == shown


async def test_in_a_group_only_the_senders_counts_and_whoever_else_reacts_stays_unknown(stage: Stage) -> None:
    stage.chat.world.people.set_admin(stage.chat.world.bot_id, admin=True)  # nobody else is told of reactions there
    async with stage.bot():
        sent = await stage.chat.send_photo(BRUNO, photo(), chat=DOG_PARK, caption=NAMED)
        answer = await stage.chat.wait_for_reply(sent, lambda one: one.has_button("✅"))
        await stage.settled()
        await reacted(stage, answer, "👍", DAN)
        theirs = await verdicts(stage)
        await reacted(stage, answer, "👍", BRUNO)
        async with stage.database.unit() as unit:
            known = await unit.users.get(DAN.id)

        assert (theirs, await verdicts(stage)) == ([], [Verdict.CONFIRM])
        assert known is None


async def test_who_is_banned_says_nothing_by_reactions_and_hears_nothing(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage)
        await stage.change_database("UPDATE users SET banned_at = '2026-01-01 00:00:00.000000'")
        messages = len(stage.chat.messages(ALICE))
        await reacted(stage, answer, "👍")

        assert await verdicts(stage) == []
        assert len(stage.chat.messages(ALICE)) == messages
