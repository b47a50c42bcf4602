"""Which handler an update belongs to."""

from collections.abc import Awaitable, Callable

from telegram import Message

from bot.conversation import catalogue_press as catalogue_press_form
from bot.conversation import own_press as own_press_form
from bot.conversation import privacy_press as privacy_press_form
from bot.conversation import review_press as review_press_form
from bot.conversation.answer.handler import press
from bot.conversation.breeds.handler import catalogue_press
from bot.conversation.breeds.inline import inline
from bot.conversation.commands import command
from bot.conversation.context import Context
from bot.conversation.groups.membership import membership
from bot.conversation.moderation.review import review_press
from bot.conversation.personal.handler import own_press
from bot.conversation.personal.plain_text import text
from bot.conversation.personal.unsupported import other
from bot.conversation.photo.handler import photo
from bot.conversation.photo.select import choose
from bot.conversation.privacy.consent import privacy_press
from bot.telegram.update import ChatUpdate

Handler = Callable[[ChatUpdate, Context], Awaitable[None]]


def handler_for(update: ChatUpdate) -> Handler:
    """Pure: looks only at the update."""
    message = update.message
    if update.inline is not None:
        return inline
    if update.query is not None:
        return _handler_for_press(update.query.data or "")
    if message is None:
        return membership if update.member is not None else other
    if choose(message) is not None or _in_an_album_of_files(message):
        return photo
    if message.text is None:
        return other
    return command if message.text.startswith("/") else text


def _in_an_album_of_files(message: Message) -> bool:
    """A file that is no picture, among others that may be: the answer to the album says so, by its number."""
    return message.media_group_id is not None and message.document is not None


def _handler_for_press(data: str) -> Handler:
    if data.startswith(review_press_form.BEGIN):
        return review_press
    if data.startswith(privacy_press_form.BEGIN):
        return privacy_press
    if data.startswith(catalogue_press_form.BEGIN):
        return catalogue_press
    return own_press if data.startswith(own_press_form.BEGIN) else press
