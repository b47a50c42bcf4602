"""/review: what people say is decided by moderators, one card after the other, and by nobody else."""

import pytest
from claims import answered, became, confirmed, corrected, decisions, labels, typed
from stage import Stage, photo, shown

from bot.conversation.moderation.press import ReviewAction, ReviewPress
from core.claim import Decision, Verdict
from core.prediction import Box
from sandbox import ALICE, BRUNO, DAN, DOG_PARK, ChatMessage, Persona

MINE = f"moderator:{DAN.id}"


@pytest.fixture(autouse=True)
def dan_moderates(stage: Stage) -> None:
    stage.moderators.add(DAN.id)


async def first_card(stage: Stage, who: Persona = DAN) -> ChatMessage:
    asked = await stage.chat.send_text(who, "/review")
    card = await stage.chat.wait_for_reply(asked)
    await stage.settled()
    return card


async def pressed(stage: Stage, card: ChatMessage, button: str, *, user: Persona = DAN) -> ChatMessage:
    """The card after this button."""
    press = await stage.chat.press(stage.chat.message(card), button, user=user)
    await press.answer()
    await stage.settled()
    return stage.chat.message(card)


def words(card: ChatMessage) -> str:
    return " ".join(card.text.split())


async def test_a_correction_is_accepted(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        after = await pressed(stage, card, "✅")

        assert card.kind == "photo"
        assert "🤖 I said: Beagle" in card.text
        assert "70% Beagle" in card.text
        assert "👤 They say: Bloodhound" in card.text
        assert card.buttons[0] == ("✅ Accept", "❌ Reject")
        assert "✅ Accepted: Bloodhound" in after.text
        assert shown("en", "review-nothing") in words(after)
        assert await decisions(stage) == [("accepted", None, MINE)]
        assert await labels(stage) == ["bloodhound"]


async def test_one_card_follows_the_other_in_the_same_message_most_informative_first(stage: Stage) -> None:
    async with stage.bot():
        await confirmed(stage, BRUNO, 1)
        await corrected(stage, ALICE, "basset_hound", 2)
        first = await first_card(stage)
        second = await pressed(stage, first, "❌")

        assert "They say: Basset Hound" in first.text
        assert "📥 2 to review" in first.text
        assert "❌ Rejected" in second.text
        assert "They agree: Beagle" in second.text
        assert second.message_id == first.message_id
        assert second.payload["photo"] != first.payload["photo"]
        assert await decisions(stage) == [("rejected", None, MINE)]


async def test_what_was_said_before_by_the_same_person_is_told(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        await pressed(stage, await first_card(stage), "✅")
        await corrected(stage, ALICE, shade=2)
        card = await first_card(stage)

        assert "So far from them: 1 accepted, 0 rejected or put right." in card.text


async def test_others_get_the_ordinary_word_for_an_unknown_command(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        for command in ("/review", "/models", "/retrain"):
            reply = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, command))

            assert words(reply) == shown("en", "notice-unknown-command")


@pytest.mark.slow
async def test_in_a_group_no_photo_of_anybody_is_shown(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        reply = await stage.chat.wait_for_reply(await stage.chat.send_text(DAN, "/review", chat=DOG_PARK))

        assert words(reply) == shown("en", "notice-review-private")
        assert reply.kind == "text"


@pytest.mark.parametrize("action", [one for one in ReviewAction if one not in {ReviewAction.PICK, ReviewAction.HEAT}])
async def test_a_forged_press_of_somebody_else_changes_nothing(stage: Stage, action: ReviewAction) -> None:
    async with stage.bot():
        answer = await corrected(stage)
        claim = 0 if action in {ReviewAction.NEXT, ReviewAction.CONSOLE} else 1
        press = await stage.chat.press_data(answer, ReviewPress(action, claim).data, user=ALICE)
        reaction = await press.answer()

        assert (reaction.text, reaction.show_alert) == (shown("en", "toast-moderators-only"), True)
        assert await decisions(stage) == []
        assert stage.chat.message(answer).text == (await became(stage, answer, "↩️")).text


async def test_nor_does_a_moderator_s_press_in_a_group(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        said = await stage.chat.send_text(DAN, "hello", chat=DOG_PARK)
        press = await stage.chat.press_data(said, ReviewPress(ReviewAction.ACCEPT, 1).data, user=DAN)

        assert (await press.answer()).show_alert
        assert await decisions(stage) == []


async def test_who_is_a_moderator_is_asked_at_each_press(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        stage.moderators.remove(DAN.id)
        reaction = await (await stage.chat.press(card, "✅")).answer()
        reply = await stage.chat.wait_for_reply(await stage.chat.send_text(DAN, "/review"))

        assert reaction.text == shown("en", "toast-moderators-only")
        assert await decisions(stage) == []
        assert words(reply) == shown("en", "notice-unknown-command")


async def test_two_moderators_get_different_claims(stage: Stage) -> None:
    eve = stage.chat.add_person("Eve")
    stage.moderators.add(eve.id)
    async with stage.bot():
        await corrected(stage, ALICE, "bloodhound", 1)
        await corrected(stage, BRUNO, "basset_hound", 2)
        cards = [await first_card(stage, DAN), await first_card(stage, eve)]

        assert len({card.data_of("✅") for card in cards}) == 2


async def test_of_two_who_decide_the_same_claim_the_second_is_told_and_goes_on(stage: Stage) -> None:
    eve = stage.chat.add_person("Eve")
    stage.moderators.add(eve.id)
    async with stage.bot():
        await corrected(stage)
        hers, his = await first_card(stage, DAN), await first_card(stage, eve)
        await pressed(stage, hers, "✅")
        reaction = await (await stage.chat.press(his, "❌")).answer()
        await stage.settled()

        assert (reaction.text, reaction.show_alert) == (shown("en", "toast-decided-already"), True)
        assert shown("en", "review-nothing") in words(stage.chat.message(his))
        assert await decisions(stage) == [("accepted", None, MINE)]


async def test_a_double_tap_is_one_decision_and_no_complaint(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        reactions = [await (await stage.chat.press_data(card, card.data_of("✅"))).answer() for _ in range(3)]

        assert [reaction.show_alert for reaction in reactions] == [False] * 3
        assert await decisions(stage) == [("accepted", None, MINE)]


async def test_a_card_of_an_earlier_life_is_still_good(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        await corrected(stage, BRUNO, shade=2)
        card = await first_card(stage)
    async with stage.bot():
        after = await pressed(stage, card, "✅")

        assert "They say: Bloodhound" in after.text
        assert after.has_button("↩️")
        assert await decisions(stage) == [("accepted", None, MINE)]


async def test_a_bot_cut_off_between_decision_and_next_card_brings_the_card_in_its_next_life(stage: Stage) -> None:
    async with stage.bot(stop=False):
        await corrected(stage)
        card = await first_card(stage)
        rule = stage.chat.faults.add("server_error", method="editMessageCaption")
        await stage.chat.press(card, "✅")
        await stage.called("editMessageCaption", 2)
    stage.chat.faults.remove(rule)
    async with stage.bot():
        await stage.chat.wait_for(lambda one: shown("en", "review-nothing") in words(one), chat=DAN)

        assert await decisions(stage) == [("accepted", None, MINE)]


async def test_a_decision_is_taken_back_and_its_claim_waits_again(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        await pressed(stage, card := await first_card(stage), "✅")
        again = await pressed(stage, card, "↩️")
        taught = await labels(stage)
        after = await pressed(stage, card, "❌")

        assert "↩️ Taken back" in again.text
        assert "They say: Bloodhound" in again.text
        assert not again.has_button("Undo")
        assert taught == []
        assert "❌ Rejected" in after.text
        assert [decision for decision, *_ in await decisions(stage)] == ["accepted", "reopened", "rejected"]


async def test_what_another_moderator_decided_since_is_not_taken_back(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        after = await pressed(stage, await first_card(stage), "✅")
        async with stage.database.unit() as unit:
            await unit.reviews.add(feedback_event_id=1, decision=Decision.REJECTED, reviewer="cli")
        reaction = await (await stage.chat.press(after, "↩️")).answer()

        assert reaction.text == shown("en", "toast-not-undone")
        assert [reviewer for *_, reviewer in await decisions(stage)] == [MINE, "cli"]


async def test_a_claim_that_is_withdrawn_meanwhile_is_gone(stage: Stage) -> None:
    async with stage.bot():
        answer = await corrected(stage)
        card = await first_card(stage)
        await stage.chat.press(stage.chat.message(answer), "↩️")
        await became(stage, answer, "❌")
        reaction = await (await stage.chat.press(card, "✅")).answer()

        assert reaction.text == shown("en", "toast-claim-gone")
        assert await decisions(stage) == []


@pytest.mark.parametrize("button", ["✅", "❌", "🔎", "⏭", "🔥"])
async def test_a_photo_that_is_forgotten_while_its_card_is_shown_is_gone_whatever_is_pressed(
    stage: Stage, button: str
) -> None:
    async def heatmap(*_: object) -> bytes | None:
        return photo(3)

    stage.heatmap = heatmap
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        async with stage.database.unit() as unit:
            await unit.users.forget(ALICE.id)
        reaction = await (await stage.chat.press(card, button)).answer()
        await stage.settled()

        assert reaction.text == shown("en", "toast-claim-gone")
        assert "Nothing waits" in stage.chat.message(card).text
        assert await decisions(stage) == []


@pytest.mark.slow
async def test_what_is_skipped_is_for_tomorrow(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        after = await pressed(stage, await first_card(stage), "⏭")
        again = await pressed(stage, after, "🔄")

        assert "⏭ Put off until tomorrow" in after.text
        assert "One was put off and comes back." in again.text
        assert await decisions(stage) == []


async def test_another_breed_is_chosen_from_the_next_best(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        menu = await pressed(stage, card, "🔎 Other breed")
        after = await pressed(stage, menu, "Basset Hound")

        assert not menu.has_button("Bloodhound")
        assert menu.has_button("🚫")
        assert "✅ Accepted: Basset Hound" in after.text
        assert await decisions(stage) == [("accepted", "basset_hound", MINE)]
        assert await labels(stage) == ["basset_hound"]


async def test_the_menu_leads_back_to_the_card(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        await pressed(stage, card, "🔎 Other breed")
        back = await pressed(stage, card, "⬅")

        assert (back.text, back.buttons) == (card.text, card.buttons)


@pytest.mark.parametrize("restart", [False, True])
async def test_another_breed_is_found_by_its_name_even_after_a_restart(stage: Stage, restart: bool) -> None:
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        await pressed(stage, card, "🔎 Other breed")
        asking = await pressed(stage, card, "🔎 Search")
        assert shown("en", "review-type") in words(asking)
        if not restart:
            before = await stage.chat.wait_for_reply(await stage.chat.send_text(DAN, "hund"))
            results = await stage.chat.wait_for_reply(await stage.chat.send_text(DAN, "afgan hund"))
            after = await pressed_and_gone(stage, results, "Afghan Hound")
            assert after.message_id == card.message_id
            assert await decisions(stage) == [("accepted", "afghan_hound", MINE)]
            assert before.message_id not in [one.message_id for one in stage.chat.messages(DAN)]
            return
    async with stage.bot():
        results = await stage.chat.wait_for_reply(await stage.chat.send_text(DAN, "afgan hund"))
        await pressed_and_gone(stage, results, "Afghan Hound")

        assert await decisions(stage) == [("accepted", "afghan_hound", MINE)]
        hint = await stage.chat.wait_for_reply(await stage.chat.send_text(DAN, "poodle"))
        assert words(hint) == shown("en", "breeds-named")


async def pressed_and_gone(stage: Stage, results: ChatMessage, button: str) -> ChatMessage:
    """The card after a breed was chosen from a list, which then goes."""
    await (await stage.chat.press(results, button)).answer()
    after = await stage.chat.wait_for(lambda one: shown("en", "review-nothing") in words(one), chat=DAN)
    await stage.settled()
    assert results.message_id not in [one.message_id for one in stage.chat.messages(DAN)]
    return after


async def test_a_name_that_the_catalogue_lacks_is_suggested_and_mapped(stage: Stage) -> None:
    async with stage.bot():
        results = await typed(stage, "Waeller \u202e of\nmy  grandmother")
        await stage.chat.press(results, "suggest it")
        thanks = await stage.chat.wait_for(lambda one: "a breed I don’t know yet" in one.text, chat=ALICE)
        await stage.settled()
        claim = (await stage.claims())[-1]
        card = await first_card(stage)
        forged = await stage.chat.press_data(card, ReviewPress(ReviewAction.ACCEPT, claim.id).data)
        reaction = await forged.answer()
        nothing = await decisions(stage)
        await pressed(stage, card, "🔎 Which breed?")
        after = await pressed(stage, card, "Bloodhound")

        assert (claim.verdict, claim.suggestion) == (Verdict.OTHER, "Waeller of my grandmother")
        assert "“Waeller of my grandmother”" in thanks.text
        assert "“Waeller of my grandmother”" in card.text
        assert not card.has_button("✅")
        assert (reaction.text, nothing) == (shown("en", "toast-which-breed"), [])
        assert "✅ Accepted: Bloodhound" in after.text
        assert await decisions(stage) == [("accepted", "bloodhound", MINE)]


async def test_a_suggestion_whose_words_are_gone_is_asked_for_again(stage: Stage) -> None:
    async with stage.bot():
        results = await typed(stage, "Waeller of Wonderland")
        answer = next(one for one in stage.chat.messages(ALICE) if one.from_bot)
        reaction = await (await stage.chat.press_data(answer, results.data_of("suggest"))).answer()

        assert reaction.text == shown("en", "toast-type-it-again")
        assert await stage.claims() == []


async def test_a_heat_map_takes_the_photo_s_place_and_goes_again(stage: Stage) -> None:
    asked = []

    async def heatmap(sha256: str, breed: str, box: Box, against: str | None = None) -> bytes | None:
        asked.append((sha256, breed))
        return photo(3) if breed == "beagle" else None

    stage.heatmap = heatmap
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        hot = await pressed(stage, card, "🔥 Heat map")
        none = await (await stage.chat.press(hot, "🔥 Bloodhound")).answer()
        cool = await pressed(stage, hot, "🖼")

        assert "🔥 What speaks for: Beagle" in hot.text
        assert [breed for _, breed in asked] == ["beagle", "bloodhound"]
        assert none.text == shown("en", "toast-no-heat")
        assert (cool.text, cool.buttons) == (card.text, card.buttons)


async def test_without_heat_maps_and_a_console_there_are_no_buttons_for_them(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        reaction = await (await stage.chat.press_data(card, ReviewPress(ReviewAction.CONSOLE).data)).answer()

        assert not card.has_button("🔥")
        assert not card.has_button("🖥")
        assert reaction.text == shown("en", "toast-no-console")


async def test_the_way_into_the_console_is_sent_to_the_moderator_who_asks(stage: Stage) -> None:
    async def link(moderator_id: int) -> str:
        return f"https://dogs.example.org/console/login/{moderator_id}?a&b"

    stage.console_link = link
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        await (await stage.chat.press(card, "🖥")).answer()
        sent = await stage.chat.wait_for(lambda one: "/console/login/" in one.text, chat=DAN)

        assert f"https://dogs.example.org/console/login/{DAN.id}?a&b" in sent.text.split()


async def test_a_card_that_was_deleted_is_followed_by_a_new_message(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage, ALICE, shade=1)
        await corrected(stage, BRUNO, shade=2)
        card = await first_card(stage)
        await stage.app.parts.bot.delete_message(DAN.id, card.message_id)
        await (await stage.chat.press(card, "✅")).answer()
        after = await stage.chat.wait_for(lambda one: "✅ Accepted" in one.text, chat=DAN)

        assert after.kind == "photo"
        assert after.message_id != card.message_id


async def test_a_second_review_takes_the_first_card_away(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        first, second = await first_card(stage), await first_card(stage)
        cards = [one.message_id for one in stage.chat.messages(DAN) if one.kind == "photo"]

        assert cards == [second.message_id]
        assert first.data_of("✅") == second.data_of("✅")


async def test_a_photo_that_is_gone_can_still_be_decided_about(stage: Stage) -> None:
    async with stage.bot():
        await corrected(stage)
        for file in (stage.folder / "photos").rglob("*"):
            if file.is_file():
                file.unlink()
        card = await first_card(stage)
        await pressed(stage, card, "❌")

        assert card.kind == "photo"
        assert await decisions(stage) == [("rejected", None, MINE)]


async def test_when_nothing_waits_one_may_look_again(stage: Stage) -> None:
    async with stage.bot():
        nothing = await first_card(stage)
        await corrected(stage)
        await (await stage.chat.press(nothing, "🔄")).answer()
        card = await stage.chat.wait_for(lambda one: one.has_button("✅ Accept"), chat=DAN)
        await stage.settled()

        assert shown("en", "review-nothing") in words(nothing)
        assert card.kind == "photo"
        assert nothing.message_id not in [one.message_id for one in stage.chat.messages(DAN)]


async def test_moderators_review_in_their_language(stage: Stage) -> None:
    french = stage.chat.add_person("Dora", "fr")
    stage.moderators.add(french.id)
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage, french)

        assert card.buttons[0] == ("✅ Accepter", "❌ Refuser")
        assert "On me dit" in card.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "data", ["1:r:", "1:r:ok", "1:r:ok:999999", "1:r:pick:1:unicorn", "1:r:undo:77", "1:r:heat:5:beagle"]
)
async def test_a_moderator_s_button_that_means_nothing_is_answered_and_changes_nothing(stage: Stage, data: str) -> None:
    async with stage.bot():
        await corrected(stage)
        card = await first_card(stage)
        reaction = await (await stage.chat.press_data(card, data)).answer()

        assert reaction.show_alert
        assert await decisions(stage) == []


async def test_an_answer_s_own_buttons_still_work_for_a_moderator(stage: Stage) -> None:
    async with stage.bot():
        answer = await answered(stage, DAN)
        await stage.chat.press(answer, "✅")
        await became(stage, answer, "↩️")
        await stage.settled()

        assert [claim.verdict for claim in await stage.claims()] == [Verdict.CONFIRM]
