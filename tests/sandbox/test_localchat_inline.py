"""Inline mode: what is typed after the bot's name, and what is sent of what the bot offers."""

import pytest
import telegram
from telegram import InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent
from telegram.error import BadRequest

from sandbox import ALICE, BRUNO, DOG_PARK, LocalChat


def article(result_id: str = "pug", text: str = "<b>Pug</b>") -> InlineQueryResultArticle:
    return InlineQueryResultArticle(result_id, "Pug", InputTextMessageContent(text, "HTML"), description="small")


async def test_a_query_reaches_the_bot_letter_by_letter(chat: LocalChat, bot: telegram.Bot) -> None:
    await chat.type_inline(ALICE, "p")
    await chat.type_inline(ALICE, "pu", chat="group")

    alone, among_others = [update.inline_query for update in await bot.get_updates()]

    assert alone is not None
    assert among_others is not None
    assert (alone.query, alone.from_user.id, alone.chat_type) == ("p", ALICE.id, "sender")
    assert (among_others.query, among_others.chat_type) == ("pu", "supergroup")


async def test_a_result_is_sent_by_the_person_via_the_bot(chat: LocalChat, bot: telegram.Bot) -> None:
    typed = await chat.type_inline(ALICE, "pug", chat="group")
    door = InlineQueryResultsButton("Photo?", start_parameter="photo")
    await bot.answer_inline_query(typed.query_id, [article()], button=door)

    offered = await typed.answer()
    sent = typed.choose("pug")

    assert [(one["title"], one["description"]) for one in offered.results] == [("Pug", "small")]
    assert offered.button == {"text": "Photo?", "start_parameter": "photo"}
    assert (sent.chat_id, sent.sender_id, sent.text) == (DOG_PARK.id, ALICE.id, "Pug")
    assert sent.payload["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    message = (await bot.get_updates(offset=-1))[0].message
    assert message is not None
    assert message.via_bot is not None
    assert message.via_bot.id == bot.id


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ([article("x" * 65)], "RESULT_ID_INVALID"),
        ([article(), article()], "RESULT_ID_DUPLICATE"),
        ([article(str(number)) for number in range(51)], "at most 50"),
        ([article(text="<b>")], "can't parse entities"),
    ],
)
async def test_wrong_answers_are_refused(
    chat: LocalChat, bot: telegram.Bot, results: list[InlineQueryResultArticle], why: str
) -> None:
    typed = await chat.type_inline(ALICE, "pug")

    with pytest.raises(BadRequest, match=f"(?i){why}"):
        await bot.answer_inline_query(typed.query_id, results)


async def test_a_query_is_answered_once_and_by_its_id(chat: LocalChat, bot: telegram.Bot) -> None:
    typed = await chat.type_inline(ALICE, "pug")
    await bot.answer_inline_query(typed.query_id, [])

    for query_id in (typed.query_id, "12345"):
        with pytest.raises(BadRequest, match="(?i)query is too old"):
            await bot.answer_inline_query(query_id, [article()])


async def test_what_was_not_offered_cannot_be_sent(chat: LocalChat, bot: telegram.Bot) -> None:
    typed = await chat.type_inline(BRUNO, "pug")
    with pytest.raises(LookupError):
        typed.choose("pug")
    await bot.answer_inline_query(typed.query_id, [article()])

    with pytest.raises(LookupError):
        typed.choose("beagle")


async def test_the_server_says_that_inline_mode_is_on(bot: telegram.Bot) -> None:
    assert (await bot.get_me()).supports_inline_queries
