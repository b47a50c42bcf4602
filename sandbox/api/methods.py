"""The Bot API methods this server knows, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.api import methods_bot, methods_chats, methods_editing, methods_sending, methods_updates
from sandbox.api.arguments import Arguments
from sandbox.state.world import World

Method = Callable[[World, Arguments], Awaitable[Any]]

METHODS: dict[str, Method] = {
    "getMe": methods_bot.get_me,
    "getFile": methods_bot.get_file,
    "setMyCommands": methods_bot.set_my_commands,
    "getMyCommands": methods_bot.get_my_commands,
    "deleteMyCommands": methods_bot.delete_my_commands,
    "logOut": methods_bot.just_true,
    "close": methods_bot.just_true,
    "setMyDescription": methods_bot.set_my_description,
    "getMyDescription": methods_bot.get_my_description,
    "setMyShortDescription": methods_bot.set_my_short_description,
    "getMyShortDescription": methods_bot.get_my_short_description,
    "getUpdates": methods_updates.get_updates,
    "setWebhook": methods_updates.set_webhook,
    "deleteWebhook": methods_updates.delete_webhook,
    "getWebhookInfo": methods_updates.get_webhook_info,
    "sendMessage": methods_sending.send_message,
    "sendPhoto": methods_sending.send_photo,
    "sendDocument": methods_sending.send_document,
    "sendMediaGroup": methods_sending.send_media_group,
    "editMessageText": methods_editing.edit_message_text,
    "editMessageCaption": methods_editing.edit_message_caption,
    "editMessageReplyMarkup": methods_editing.edit_message_reply_markup,
    "editMessageMedia": methods_editing.edit_message_media,
    "deleteMessage": methods_editing.delete_message,
    "answerCallbackQuery": methods_chats.answer_callback_query,
    "answerInlineQuery": methods_chats.answer_inline_query,
    "answerGuestQuery": methods_chats.answer_guest_query,
    "sendChatAction": methods_chats.send_chat_action,
    "setMessageReaction": methods_chats.set_message_reaction,
    "getChat": methods_chats.get_chat,
    "getChatMember": methods_chats.get_chat_member,
    "getChatAdministrators": methods_chats.get_chat_administrators,
    "getUserProfilePhotos": methods_chats.get_user_profile_photos,
}
_BY_LOWER_NAME = {name.lower(): name for name in METHODS}


def method_name(name: str) -> str | None:
    """The proper spelling; Telegram ignores case. None when there is no such method."""
    return _BY_LOWER_NAME.get(name.lower())
