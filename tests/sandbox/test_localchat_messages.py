"""The bot's side of a conversation, through the real python-telegram-bot."""

import asyncio
from pathlib import Path

import pytest
import telegram
from localchat_photos import picture
from telegram import ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Forbidden, InvalidToken

from sandbox import ALICE, BRUNO, DOG_PARK, Limits, LocalChat
from sandbox.api import methods_bot

BUTTONS = InlineKeyboardMarkup(
    [[InlineKeyboardButton("✅ Yes", callback_data="yes"), InlineKeyboardButton("No", callback_data="no")]]
)


async def test_the_bot_knows_itself(chat: LocalChat, bot: telegram.Bot) -> None:
    me = await bot.get_me()

    assert me.is_bot
    assert me.id == int(chat.token.partition(":")[0])


async def test_addresses_and_commands_are_marked_in_html_too_but_not_in_code_or_links(bot: telegram.Bot) -> None:
    text = (
        '🐶 <b>see /help</b>, http://127.0.0.1:81/a/b_c. or <code>/breeds</code> <a href="http://x.y">/z</a> '
        "<i>http://</i>x.org/half"
    )
    sent = await bot.send_message(ALICE.id, text, "HTML")

    assert {(entity.type, text) for entity, text in sent.parse_entities().items()} == {
        ("bold", "see /help"), ("bot_command", "/help"), ("url", "http://127.0.0.1:81/a/b_c"), ("code", "/breeds"),
        ("text_link", "/z"), ("italic", "http://"), ("url", "http://x.org/half"),
    }  # fmt: skip


async def test_html_becomes_text_with_entities_counted_in_utf16(bot: telegram.Bot) -> None:
    sent = await bot.send_message(
        ALICE.id, "  🐕 <b>Beagle</b> &lt;3 <a href='https://x.org/'>why</a> ", parse_mode=ParseMode.HTML
    )

    assert sent.text == "🐕 Beagle <3 why"
    assert {(entity.type, text) for entity, text in sent.parse_entities().items()} == {
        ("bold", "Beagle"),
        ("text_link", "why"),
    }


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<x>", 'Unsupported start tag "x" at byte offset 0'),
        ("é <b>bold", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é</i>", "Unexpected end tag at byte offset 2"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ],
)
async def test_bad_html_is_refused_in_telegrams_words(bot: telegram.Bot, html: str, complaint: str) -> None:
    with pytest.raises(BadRequest, match="^Can't parse entities: ") as refused:
        await bot.send_message(ALICE.id, html, parse_mode=ParseMode.HTML)

    assert refused.value.message.lower().endswith(complaint.lower())  # the library changes the case


async def test_a_reply_carries_the_message_it_answers(chat: LocalChat, bot: telegram.Bot) -> None:
    asked = await chat.send_text(ALICE, "hello")

    await bot.send_message(ALICE.id, "hi", reply_parameters=ReplyParameters(asked.message_id))

    answer = await chat.wait_for_reply(asked)
    assert answer.reply_to_id == asked.message_id
    assert answer.text == "hi"


async def test_a_reply_to_nothing_is_refused_unless_that_is_allowed(bot: telegram.Bot) -> None:
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ALICE.id, "hi", reply_parameters=ReplyParameters(99))

    sent = await bot.send_message(
        ALICE.id, "hi", reply_parameters=ReplyParameters(99, allow_sending_without_reply=True)
    )

    assert sent.reply_to_message is None


async def test_editing_replaces_text_and_buttons(chat: LocalChat, bot: telegram.Bot) -> None:
    sent = await bot.send_message(ALICE.id, "one", reply_markup=BUTTONS)

    edited = await sent.edit_text("two")

    assert isinstance(edited, telegram.Message)
    assert (edited.text, edited.reply_markup) == ("two", None)
    assert edited.edit_date is not None
    assert [message.text for message in chat.messages(ALICE)] == ["two"]


async def test_editing_the_same_is_refused(bot: telegram.Bot) -> None:
    sent = await bot.send_message(ALICE.id, "one", reply_markup=BUTTONS)

    with pytest.raises(BadRequest, match="^Message is not modified: specified new message content"):
        await sent.edit_text("one", reply_markup=BUTTONS)
    with pytest.raises(BadRequest, match="^Message is not modified"):
        await sent.edit_reply_markup(BUTTONS)


async def test_wrong_targets_are_named(chat: LocalChat, bot: telegram.Bot) -> None:
    theirs = await chat.send_text(ALICE, "mine")

    with pytest.raises(BadRequest, match="^Message to edit not found"):
        await bot.edit_message_text("x", ALICE.id, 99)
    with pytest.raises(BadRequest, match="^Message can't be edited"):
        await bot.edit_message_text("x", ALICE.id, theirs.message_id)
    with pytest.raises(BadRequest, match="^Message to delete not found"):
        await bot.delete_message(ALICE.id, 99)
    with pytest.raises(BadRequest, match="^Chat not found"):
        await bot.send_message(7, "x")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("", "Message text is empty"), (" \n", "Message text is empty"), ("x" * 4097, "Message is too long")],
)
async def test_texts_have_bounds(bot: telegram.Bot, text: str, complaint: str) -> None:
    with pytest.raises(BadRequest, match=complaint):
        await bot.send_message(ALICE.id, text)


@pytest.mark.parametrize("data", ["x" * 65, "é" * 33])
async def test_callback_data_has_at_most_64_bytes(bot: telegram.Bot, data: str) -> None:
    with pytest.raises(BadRequest, match="(?i)button_data_invalid"):
        await bot.send_message(
            ALICE.id, "x", reply_markup=InlineKeyboardMarkup.from_button(InlineKeyboardButton("x", callback_data=data))
        )


async def test_a_pressed_button_is_asked_and_answered_once(chat: LocalChat, bot: telegram.Bot) -> None:
    await bot.send_message(ALICE.id, "sure?", reply_markup=BUTTONS)
    shown = await chat.wait_for(lambda message: message.has_button("✅"))

    press = await chat.press(shown, "✅")

    [update] = await bot.get_updates()
    query = update.callback_query
    assert query is not None
    assert query.message is not None
    assert (query.data, query.from_user.id, query.message.message_id) == ("yes", ALICE.id, shown.message_id)
    await query.answer("Noted", show_alert=True)
    answer = await press.answer()
    assert (answer.text, answer.show_alert) == ("Noted", True)
    with pytest.raises(BadRequest, match="^Query is too old and response timeout expired or query id is invalid"):
        await query.answer()


async def test_a_query_expires(tmp_path: Path) -> None:
    async with (
        LocalChat.running(tmp_path, limits=Limits(callback_expires_s=0)) as chat,
        telegram.Bot(chat.token, base_url=f"{chat.url}/bot") as bot,
    ):
        await bot.send_message(ALICE.id, "sure?", reply_markup=BUTTONS)
        press = await chat.press(chat.messages(ALICE)[-1], "No")

        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(press.query_id)


async def test_anyone_in_the_group_can_press_or_forge(chat: LocalChat, bot: telegram.Bot) -> None:
    await bot.send_message(DOG_PARK.id, "whose?", reply_markup=BUTTONS)
    shown = chat.messages("group")[-1]

    await chat.press(shown, "No", user=BRUNO)
    await chat.press_data(shown, "forged", user=ALICE)

    updates = await bot.get_updates()
    pressed = [
        (update.callback_query.from_user.id, update.callback_query.data) for update in updates if update.callback_query
    ]
    assert pressed == [(BRUNO.id, "no"), (ALICE.id, "forged")]


async def test_photos_captions_and_media_are_edited(chat: LocalChat, bot: telegram.Bot) -> None:
    sent = await bot.send_photo(ALICE.id, picture(400, 300), caption="<b>one</b>", parse_mode=ParseMode.HTML)

    await sent.edit_caption("two")
    replaced = await sent.edit_media(InputMediaPhoto(picture(100, 50), caption="three"))

    assert isinstance(replaced, telegram.Message)
    assert (replaced.caption, replaced.photo[-1].width) == ("three", 100)
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await sent.edit_text("x")
    assert chat.messages(ALICE)[0].kind == "photo"


async def test_an_album_and_a_document_are_sent_and_sent_again_by_id(bot: telegram.Bot) -> None:
    album = await bot.send_media_group(
        ALICE.id, [InputMediaPhoto(picture(300, 200)), InputMediaPhoto(picture(200, 300))], caption="two"
    )
    document = await bot.send_document(ALICE.id, b"%PDF-1.4", filename="paper.pdf")

    assert document.document is not None
    again = await bot.send_document(BRUNO.id, document.document.file_id)

    assert len({message.media_group_id for message in album}) == 1
    assert album[0].caption == "two"
    assert again.document is not None
    assert again.document.file_name == "paper.pdf"
    with pytest.raises(BadRequest, match="(?i)wrong file identifier"):
        await bot.send_photo(ALICE.id, "AgACnothing")
    with pytest.raises(BadRequest, match="(?i)image_process_failed"):
        await bot.send_photo(ALICE.id, b"no photo")


async def test_reactions_actions_commands_and_members(chat: LocalChat, bot: telegram.Bot) -> None:
    asked = await chat.send_text(ALICE, "good dog")

    await bot.set_message_reaction(ALICE.id, asked.message_id, "👍")
    await bot.send_chat_action(ALICE.id, ChatAction.TYPING)
    await bot.set_my_commands([("start", "Start")])
    await bot.set_my_commands([("start", "Commencer")], language_code="fr")
    french = await bot.get_my_commands(language_code="fr")
    await bot.delete_my_commands(language_code="fr")

    assert chat.message(asked).reactions == ("👍",)
    assert french[0].description == "Commencer"
    assert await bot.get_my_commands(language_code="fr") == ()
    assert (await bot.get_my_commands())[0].description == "Start"
    assert (await bot.get_chat(DOG_PARK.id)).title == "Dog park"
    assert (await bot.get_chat_member(DOG_PARK.id, BRUNO.id)).status == "member"
    photos = await bot.get_user_profile_photos(ALICE.id)
    assert photos is not None
    assert photos.total_count == 0


async def test_one_chat_may_have_commands_of_its_own(chat: LocalChat, bot: telegram.Bot) -> None:
    await bot.set_my_commands([("start", "Start")])
    await bot.set_my_commands([("review", "Review")], scope=telegram.BotCommandScopeChat(ALICE.id))

    hers, his = (methods_bot.commands_for(chat.world, "en", person.id) for person in (ALICE, BRUNO))
    await bot.delete_my_commands(scope=telegram.BotCommandScopeChat(ALICE.id))

    assert [one["command"] for one in (*hers, *his)] == ["review", "start"]
    assert methods_bot.commands_for(chat.world, "en", ALICE.id) == his


async def test_deleted_messages_are_gone(chat: LocalChat, bot: telegram.Bot) -> None:
    sent = await bot.send_message(ALICE.id, "oops", reply_markup=ForceReply())
    await chat.send_text(BRUNO, "mine", chat="group")

    await sent.delete()

    assert chat.messages(ALICE) == []
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(DOG_PARK.id, chat.messages("group")[0].message_id)


async def test_a_person_who_blocked_the_bot_gets_nothing(chat: LocalChat, bot: telegram.Bot) -> None:
    await chat.block(ALICE)

    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ALICE.id, "hello?")
    [update] = await bot.get_updates()
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    await chat.block(ALICE, blocked=False)
    assert (await bot.send_message(ALICE.id, "hello")).text == "hello"


async def test_a_wrong_token_is_unauthorized(chat: LocalChat) -> None:
    with pytest.raises(InvalidToken):
        async with telegram.Bot("1:wrong", base_url=f"{chat.url}/bot"):
            pass


async def test_waiting_for_a_message_says_what_came_instead(chat: LocalChat, bot: telegram.Bot) -> None:
    await bot.send_message(ALICE.id, "something else")

    with pytest.raises(TimeoutError, match="something else"):
        await chat.wait_for(lambda message: message.text == "this", timeout_s=0.01)


async def test_waiting_sees_a_later_edit(chat: LocalChat, bot: telegram.Bot) -> None:
    sent = await bot.send_message(ALICE.id, "thinking")

    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(chat.wait_for(lambda message: message.text == "Beagle", chat=ALICE))
        tasks.create_task(bot.edit_message_text("Beagle", ALICE.id, sent.message_id))

    assert waiting.result().edited
