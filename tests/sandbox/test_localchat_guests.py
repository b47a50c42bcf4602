"""Guest mode: the bot is named in a chat that it is not in, and answers there."""

import pytest
import telegram
from localchat_photos import picture
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent
from telegram.error import BadRequest, Forbidden

from sandbox import ALICE, BRUNO, DOG_WALK, LocalChat

NAMED = "@breedbot_local_bot what is it?"


def article(text: str = "A <b>Pug</b>") -> InlineQueryResultArticle:
    button = InlineKeyboardMarkup.from_button(InlineKeyboardButton("✅", callback_data="ok"))
    return InlineQueryResultArticle("1", "Pug", InputTextMessageContent(text, "HTML"), reply_markup=button)


async def asked(chat: LocalChat, bot: telegram.Bot) -> telegram.Message:
    """Alice asks about Bruno's photo."""
    theirs = await chat.send_photo(BRUNO, picture(640, 480), chat=DOG_WALK)
    await chat.send_text(ALICE, NAMED, chat=DOG_WALK, reply_to=theirs)
    (update,) = await bot.get_updates()
    assert update.guest_message is not None
    return update.guest_message


async def test_the_bot_is_told_only_of_what_names_it_and_of_the_photo_replied_to(
    chat: LocalChat, bot: telegram.Bot
) -> None:
    await chat.send_text(BRUNO, "nobody asks a bot", chat=DOG_WALK)

    message = await asked(chat, bot)

    assert message.guest_query_id
    assert (message.chat.id, message.text) == (DOG_WALK.id, NAMED)
    assert message.reply_to_message is not None
    assert message.reply_to_message.photo
    with pytest.raises(Forbidden):
        await bot.send_message(DOG_WALK.id, "hello")


async def test_the_answer_stands_in_the_chat_and_can_be_edited_by_its_id(chat: LocalChat, bot: telegram.Bot) -> None:
    message = await asked(chat, bot)
    sent = await bot.answer_guest_query(str(message.guest_query_id), article())

    answer = chat.messages(DOG_WALK)[-1]
    assert (answer.from_bot, answer.text, answer.reply_to_id) == (True, "A Pug", message.message_id)

    assert await bot.edit_message_text("A Boxer", inline_message_id=sent.inline_message_id) is True
    assert chat.message(answer).text == "A Boxer"


async def test_a_query_is_answered_once_and_by_its_id_only(chat: LocalChat, bot: telegram.Bot) -> None:
    message = await asked(chat, bot)
    await bot.answer_guest_query(str(message.guest_query_id), article())

    for query_id in (str(message.guest_query_id), "1"):
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_guest_query(query_id, article())
    with pytest.raises(BadRequest, match="(?i)message_id_invalid"):
        await bot.edit_message_text("no", inline_message_id="another")


async def test_a_press_names_the_answer_and_not_its_message(chat: LocalChat, bot: telegram.Bot) -> None:
    message = await asked(chat, bot)
    sent = await bot.answer_guest_query(str(message.guest_query_id), article())
    await chat.press(chat.messages(DOG_WALK)[-1], "✅", user=BRUNO)

    query = (await bot.get_updates(offset=-1))[0].callback_query

    assert query is not None
    assert (query.message, query.inline_message_id, query.data) == (None, sent.inline_message_id, "ok")
