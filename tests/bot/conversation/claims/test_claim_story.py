"""A newcomer, a second person who speaks French, and a moderator: what each of them reads about the same two claims."""

import pytest
from claims import corrected
from stage import Stage, asked

from core.claim import Decision
from sandbox import ALICE, BRUNO, DAN
from training.learning.trust.policy import POLICY


@pytest.fixture(autouse=True)
def in_a_hurry(stage: Stage) -> None:
    stage.moderators.add(DAN.id)
    stage.hurry(sweep_s=0.05, thanks_every_s=0.0, decision_settled_s=0.0)


async def test_each_reads_the_truth_about_who_accepted_what(stage: Stage) -> None:
    async with stage.bot():
        first = await corrected(stage, ALICE, shade=1)
        assert "by a person who looks at it, or by a rule that believes" in stage.chat.message(first).text
        assert "⏳ waits to be accepted" in (await asked(stage, "/history")).text

        (claim,) = await stage.claims()
        async with stage.database.unit() as unit:
            await unit.reviews.decide(claim.id, Decision.ACCEPTED, reviewer=POLICY)
        await stage.until(lambda: "nobody has looked at it yet" in stage.chat.message(first).text)
        assert "accepted by a rule; nobody has looked" in (await asked(stage, "/history")).text

        second = await corrected(stage, BRUNO, shade=2)
        assert "par une personne qui regarde, ou par une règle" in stage.chat.message(second).text
        await corrected(stage, ALICE, shade=3)

        card = await asked(stage, "/review", DAN)
        assert "Nothing of theirs was reviewed before." in card.text
        assert "no record yet" in card.text
        press = await stage.chat.press(card, "❌", user=DAN)
        await press.answer()
        await stage.until(lambda: any("merci quand même" in one.text for one in stage.chat.messages(BRUNO)))
        await stage.until(lambda: "Une personne l’a regardé et ne l’a pas accepté" in stage.chat.message(second).text)

        await stage.settled()
        card = stage.chat.message(card)
        assert "So far from them: 1 accepted, 0 rejected or put right." in card.text
        assert "accepted by a rule, unseen: 1" in card.text
        stats = (await asked(stage, "/stats")).text
        assert "Accepted: 1 — corrections: 1, ✅: 0" in stats
        assert "One claim waits for a decision." in stats
