"""People hear what became of what they said: in its message, and kindly where it taught nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from claims import confirmed, corrected
from sqlalchemy import text
from stage import BEAGLE, Stage, asked, photo, turned

from core.breeds.catalogue import MIXED_BREED
from core.claim import Decision
from db.chat.chat_records import Consent
from db.learning.learning_records import ClaimNotice
from db.unit import Unit
from sandbox import ALICE, BRUNO, DOG_PARK, ChatMessage

MODERATOR = "moderator:77"


@pytest.fixture(autouse=True)
def in_a_hurry(stage: Stage) -> None:
    stage.hurry(sweep_s=0.05, thanks_every_s=0.0, decision_settled_s=0.0)


async def decide(stage: Stage, decision: Decision, reviewer: str = MODERATOR, breed: str | None = None) -> None:
    """About the newest claim; returns when its person was told."""
    claim = (await stage.claims())[-1].id
    async with stage.database.unit() as unit:
        await unit.reviews.decide(claim, decision, reviewer=reviewer, breed=breed)
    await stage.until(lambda: stage.edit_database("SELECT next_try_at FROM claim_notices") == [(None,)])


def words(stage: Stage, who: object = ALICE) -> list[ChatMessage]:
    return [one for one in stage.chat.messages(who) if one.from_bot and "About your photo" in one.text]  # type: ignore[arg-type]


async def test_the_message_says_who_accepted_a_correction(stage: Stage) -> None:
    async with stage.bot():
        answer = await corrected(stage)
        before = stage.chat.message(answer).text
        await decide(stage, Decision.ACCEPTED, "policy")
        by_rule = stage.chat.message(answer)
        await decide(stage, Decision.REOPENED)
        waits = stage.chat.message(answer).text
        await decide(stage, Decision.ACCEPTED)
        by_person = stage.chat.message(answer).text

        assert "I learn from it once it is accepted" in before
        assert "Accepted by a rule" in by_rule.text
        assert by_rule.has_button("↩️")
        assert "It waits" in waits
        assert "A person looked at it and accepted it" in by_person
        assert words(stage) == []


async def test_who_was_rejected_hears_of_it_once_and_kindly(stage: Stage) -> None:
    async with stage.bot():
        answer = await corrected(stage)
        await decide(stage, Decision.REJECTED)
        await decide(stage, Decision.REOPENED)
        await decide(stage, Decision.REJECTED)
        history = await asked(stage, "/history")

        (word,) = words(stage)
        assert "you said Bloodhound" in word.text
        assert "thank you for helping" in word.text
        assert "did not accept it" in stage.chat.message(answer).text
        assert "a person did not accept it" in history.text


async def test_who_was_put_right_hears_what_the_moderator_chose(stage: Stage) -> None:
    async with stage.bot():
        answer = await confirmed(stage)
        await decide(stage, Decision.ACCEPTED, breed="pug")

        (word,) = words(stage)
        assert "you said Beagle. A person looked at it and chose Pug" in word.text
        assert "A person looked at it and chose Pug" in stage.chat.message(answer).text
        assert "a person chose Pug" in (await asked(stage, "/history")).text


async def test_a_mix_that_a_moderator_chose_is_not_said_to_be_learned(stage: Stage) -> None:
    async with stage.bot():
        answer = await corrected(stage)
        await decide(stage, Decision.ACCEPTED, breed=MIXED_BREED)
        stats = (await asked(stage, "/stats")).text

        (word,) = words(stage)
        assert "you said Bloodhound. A person looked at it and took it for a mix" in word.text
        assert "that is what I learn" not in word.text
        assert "took it for a mix: no model learns a breed from it" in stage.chat.message(answer).text
        assert "a person chose Mixed breed" in (await asked(stage, "/history")).text
        assert "Breeds: 0" in stats


async def test_who_wants_to_hear_no_more_is_not_written_to(stage: Stage) -> None:
    async with stage.bot():
        answer = await corrected(stage)
        async with stage.database.unit() as unit:
            await unit.users.set_wants_thanks(ALICE.id, False)
        await decide(stage, Decision.REJECTED)

        assert words(stage) == []
        assert "did not accept it" in stage.chat.message(answer).text


async def test_what_was_said_in_a_group_is_put_right_in_private(stage: Stage) -> None:
    async with stage.bot():
        answer = await corrected(stage, BRUNO)
        async with stage.database.unit() as unit:
            await unit.connection.execute(text(f"UPDATE jobs SET chat_id = {DOG_PARK.id}"))
        await decide(stage, Decision.REJECTED)

        assert [one.reply_to_id for one in stage.chat.messages(BRUNO) if "Ta photo du" in one.text] == [None]
        assert "ne l’a pas accepté" in stage.chat.message(answer).text


async def test_a_claim_that_was_taken_back_or_forgotten_is_nobody_s_news(stage: Stage) -> None:
    stage.hurry(decision_settled_s=600.0)
    async with stage.bot():
        answer = await corrected(stage)
        (claim,) = await stage.claims()
        async with stage.database.unit() as unit:
            await unit.reviews.decide(claim.id, Decision.REJECTED, reviewer=MODERATOR)
        await stage.chat.press(stage.chat.message(answer), "↩️")
        await stage.settled()
    stage.hurry(decision_settled_s=0.0)
    async with stage.bot():
        await stage.until(lambda: stage.edit_database("SELECT next_try_at FROM claim_notices") == [(None,)])

        assert words(stage) == []
        assert stage.chat.message(answer).has_button("✅")


async def test_a_decision_that_comes_while_another_is_told_is_told_too(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        (claim,) = await stage.claims()
        async with stage.database.unit() as unit:
            await unit.claim_notices.decided(claim.id)
            (seen,) = await _due(unit)
            await asyncio.sleep(0.002)  # SQLite keeps microseconds
            await unit.claim_notices.decided(claim.id)
            await unit.claim_notices.said(seen)

            assert len(await _due(unit)) == 1


async def _due(unit: Unit) -> list[ClaimNotice]:
    return await unit.claim_notices.due(9, timedelta())


async def test_one_of_several_photos_says_what_became_of_it_when_it_is_opened_again(stage: Stage) -> None:
    stage.say = lambda _: replace(BEAGLE, features=np.ones(2048, np.float16))
    async with stage.bot():
        async with stage.database.unit() as unit:
            await unit.users.seen(ALICE.id, None)
            await unit.consents.set(ALICE.id, Consent.YES)
        sent = await stage.chat.send_album(ALICE, [photo(1), photo(2)])
        answer = await stage.chat.wait_for_reply(sent[0], lambda one: one.has_button("1"))
        await stage.settled()
        await turned(stage, await turned(stage, answer, "1"), "✅")
        await decide(stage, Decision.ACCEPTED)
        whole = await turned(stage, stage.chat.message(answer), "⬅")
        again = await turned(stage, whole, "1")
        other = await turned(stage, await turned(stage, again, "⬅"), "2")

        assert "accepted it" not in whole.text
        assert "A person looked at it and accepted it" in again.text
        assert other.has_button("✅")
