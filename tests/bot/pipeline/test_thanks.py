"""Whose correction became part of a model hears of it: once, if they like, and whatever is in trouble meanwhile."""

import os

import pytest
from claims import corrected
from stage import Stage, shown

from core.claim import Decision
from core.retry import Backoff
from db.learning.learning_records import RetrainStatus, RetrainTrigger
from db.unit import Unit
from sandbox import ALICE, BRUNO, DOG_PARK, ChatMessage

MODEL = "dogs84-20270101-abcdef"
SOON = {"sweep_s": 0.05, "thanks_every_s": 0.0}


@pytest.fixture(autouse=True)
def in_a_hurry(stage: Stage) -> None:
    stage.hurry(**SOON)


async def learnt(stage: Stage, model: str = MODEL) -> None:
    """Every claim so far is accepted and made this model."""
    async with stage.database.unit() as unit:
        await teach(unit, model)


async def teach(unit: Unit, model: str = MODEL) -> None:
    claims = [claim.id for claim in await unit.feedback.list()]
    for claim in claims:
        if await unit.review_queue.get(claim) is not None:
            await unit.reviews.decide(claim, Decision.ACCEPTED, reviewer="cli")
    await unit.evidence.add(model, claims)
    await unit.thanks.add(model)


async def waiting(stage: Stage) -> int:
    async with stage.database.unit(read_only=True) as unit:
        return len(await unit.thanks.due(100))


def thanks(stage: Stage, who: object = ALICE) -> list[ChatMessage]:
    return [one for one in stage.chat.messages(who) if one.from_bot and "🎓" in one.text]  # type: ignore[arg-type]


async def all_said(stage: Stage) -> None:
    await stage.until(lambda: stage.edit_database("SELECT count(*) FROM thanks WHERE sent_at IS NULL") == [(0,)])


async def test_each_hears_once_of_a_model_in_their_language(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        await corrected(stage, ALICE, shade=2)
        await corrected(stage, BRUNO, shade=3)
        await learnt(stage)
        await all_said(stage)
        await learnt(stage)

        (word,) = thanks(stage)
        assert word.text.splitlines() == [
            f"🎓 2 things that you told me were accepted and are part of model {MODEL} — thank you!",
            "Accepted by people: 2, by a rule: 0.",
        ]
        assert "Une chose que tu m’as dite a été acceptée" in thanks(stage, BRUNO)[0].text


async def test_who_was_put_right_is_not_thanked_for_what_the_reviewer_taught(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        await corrected(stage, ALICE, shade=2)
        await corrected(stage, BRUNO, shade=3)
        first, _, third = [claim.id for claim in await stage.claims()]
        async with stage.database.unit() as unit:
            for claim in (first, third):
                await unit.reviews.decide(claim, Decision.ACCEPTED, reviewer="cli", breed="pug")
        await learnt(stage)
        await all_said(stage)

        assert ["Something that you told me" in one.text for one in thanks(stage)] == [True]
        assert thanks(stage, BRUNO) == []


async def test_what_a_rule_accepted_is_not_said_to_be_reviewed_and_a_model_taken_back_is_not_thanked_for(
    stage: Stage,
) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        (claim,) = await stage.claims()
        async with stage.database.unit() as unit:
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer="policy")
        await learnt(stage)
        await all_said(stage)
        await corrected(stage, BRUNO, shade=2)
        async with stage.database.unit() as unit:
            made = await unit.retrains.start(RetrainTrigger.COMMAND, MODEL, os.getpid())
            for status in (RetrainStatus.PROMOTED, RetrainStatus.ROLLED_BACK):
                await unit.retrains.finish(made.id, status, model_id="bad-model")
        await learnt(stage, "bad-model")
        await all_said(stage)

        assert [one.text.splitlines()[1] for one in thanks(stage)] == ["Accepted by people: 0, by a rule: 1."]
        assert thanks(stage, BRUNO) == []


async def test_a_later_model_thanks_for_what_is_new_only(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        await learnt(stage)
        await all_said(stage)
        await learnt(stage, "another-model")
        await corrected(stage, ALICE, shade=2)
        await learnt(stage, "a-third-model")
        await all_said(stage)

        assert [MODEL in one.text or "a-third-model" in one.text for one in thanks(stage)] == [True, True]


async def test_who_does_not_want_to_hear_is_left_alone_until_they_do(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        await learnt(stage)
        await all_said(stage)
        (first,) = thanks(stage)
        await (await stage.chat.press(first, "🔕")).answer()
        off = await stage.chat.wait_for(lambda one: one.has_button("🔔"), chat=ALICE)
        await corrected(stage, ALICE, shade=2)
        await learnt(stage, "unheard-of")
        unheard = await waiting(stage)
        await (await stage.chat.press(off, "🔔")).answer()
        on = await stage.chat.wait_for(lambda one: one.has_button("🔕"), chat=ALICE)

        assert shown("en", "thanks-switched-off") in off.text
        assert shown("en", "thanks-switched-on") in on.text
        assert unheard == 0
        assert thanks(stage) == []


@pytest.mark.slow
async def test_somebody_else_s_switch_is_not_turned(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        await learnt(stage)
        await all_said(stage)
        (hers,) = thanks(stage)
        said = await stage.chat.send_text(BRUNO, "hello", chat=DOG_PARK)
        reaction = await (await stage.chat.press_data(said, hers.data_of("🔕"), user=BRUNO)).answer()

        assert reaction.text == shown("fr", "toast-not-for-you")
        assert stage.edit_database("SELECT count(*) FROM users WHERE NOT wants_thanks") == [(0,)]


async def test_what_telegram_does_not_take_now_is_said_later_and_delays_nobody_else(stage: Stage) -> None:
    stage.hurry(at_once=Backoff(0.001, 0.001))
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        await corrected(stage, BRUNO, shade=2)
        rule = stage.chat.faults.add("server_error", method="sendMessage", chat_id=ALICE.id)
        await learnt(stage)
        await stage.until(lambda: thanks(stage, BRUNO))
        assert thanks(stage) == []
        stage.chat.faults.remove(rule)
        await all_said(stage)

        assert (len(thanks(stage)), len(thanks(stage, BRUNO))) == (1, 1)


async def test_thanks_that_could_not_be_said_before_the_end_are_said_by_the_next_life(stage: Stage) -> None:
    async with stage.bot(stop=False):
        await corrected(stage)
        rule = stage.chat.faults.add("server_error", method="sendMessage")
        await learnt(stage)
        before = stage.chat.faults.calls["sendMessage"]
        await stage.called("sendMessage", before + 1)
    stage.chat.faults.remove(rule)
    for _ in range(2):
        async with stage.bot():
            await all_said(stage)

    assert len(thanks(stage)) == 1


async def test_a_bot_that_is_stopped_while_telegram_answers_does_not_say_it_twice(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        stage.chat.faults.add("slow", method="sendMessage", delay_s=0.2, times=1)
        before = stage.chat.faults.calls["sendMessage"]
        await learnt(stage)
        await stage.called("sendMessage", before + 1)
    async with stage.bot():
        await all_said(stage)

    assert len(thanks(stage)) == 1


async def test_who_has_blocked_the_bot_is_not_tried_for_ever(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        await stage.chat.block(ALICE)
        await learnt(stage)
        await all_said(stage)
        await stage.settled()

        assert await waiting(stage) == 0


async def test_a_person_forgotten_meanwhile_is_not_thanked(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        async with stage.database.unit() as unit:
            await teach(unit)
            await unit.users.forget(ALICE.id)
        await corrected(stage, BRUNO)
        await learnt(stage, "another-model")
        await all_said(stage)

        assert (len(thanks(stage)), len(thanks(stage, BRUNO))) == (0, 1)
