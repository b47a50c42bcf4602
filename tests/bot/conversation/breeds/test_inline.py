"""Inline mode: a breed's name, typed in any chat, becomes its card."""

import pytest
from stage import Stage

from bot.conversation.breeds.inline_view import POPULAR
from sandbox import ALICE, BRUNO, DAN


async def test_a_typed_name_offers_breeds_and_a_choice_is_shared(stage: Stage) -> None:
    async with stage.bot():
        typed = await stage.chat.type_inline(ALICE, "afgan hund", chat="group")
        answer = await typed.answer()
        shared = typed.choose("afghan_hound")
        await stage.settled()

    assert answer.results[0]["title"] == "Afghan Hound"
    assert answer.results[0]["description"] == "Sighthounds · Afghanistan"
    assert "63–74\u00a0cm" in shared.text
    assert shared.sender_id == ALICE.id


async def test_before_anything_is_typed_popular_breeds_are_offered(stage: Stage) -> None:
    async with stage.bot():
        answer = await (await stage.chat.type_inline(BRUNO, "")).answer()

    assert [one["id"] for one in answer.results] == list(POPULAR)
    assert answer.results[3]["title"] == "Berger allemand"


@pytest.mark.parametrize("query", ["qqqqzzzz", "🐶" * 100, "<>&\u202e"])
async def test_nonsense_offers_nothing_but_the_way_to_the_list(stage: Stage, query: str) -> None:
    async with stage.bot():
        answer = await (await stage.chat.type_inline(ALICE, query)).answer()
        assert answer.button is not None
        start = await stage.chat.send_text(ALICE, f"/start {answer.button['start_parameter']}")
        groups = await stage.chat.wait_for_reply(start)

    assert answer.results == []
    assert groups.has_button("Terriers")


async def test_a_card_that_somebody_shared_with_us_is_not_answered(stage: Stage) -> None:
    async with stage.bot():
        typed = await stage.chat.type_inline(ALICE, "beagle")
        await typed.answer()
        typed.choose("beagle")
        await stage.settled()

        assert [one.from_bot for one in stage.chat.messages(ALICE)] == [False]


async def test_who_only_looks_breeds_up_stays_unknown(stage: Stage) -> None:
    async with stage.bot():
        await (await stage.chat.type_inline(DAN, "pug")).answer()
        await stage.settled()

    assert stage.edit_database("SELECT COUNT(*) FROM users") == [(0,)]
    assert stage.edit_database("SELECT COUNT(*) FROM inbox WHERE payload IS NOT NULL") == [(0,)]


async def test_the_language_that_somebody_chose_counts_in_other_chats_too(stage: Stage) -> None:
    async with stage.bot():
        menu = await stage.chat.wait_for_reply(await stage.chat.send_text(ALICE, "/language"))
        await (await stage.chat.press(menu, "Français")).answer()
        await stage.settled()
        answer = await (await stage.chat.type_inline(ALICE, "german shepherd")).answer()

    assert answer.results[0]["title"] == "Berger allemand"


async def test_a_query_that_is_too_old_is_let_be(stage: Stage) -> None:
    async with stage.bot(work=False):
        stage.deliver_raw(
            {"inline_query": {"id": "1", "from": ALICE.to_user(), "query": "pug", "offset": "", "chat_type": "sender"}}
        )
        await stage.called("answerInlineQuery")
        await stage.settled()

    assert stage.edit_database("SELECT COUNT(*) FROM inbox WHERE error IS NOT NULL") == [(0,)]
