"""/mydata: all that is stored of somebody, as one file, to them alone."""

import logging
from contextlib import AbstractAsyncContextManager

from telegram import InputFile
from telegram.constants import ParseMode

from bot.conversation.context import Context
from bot.conversation.privacy.my_data_view import my_data as my_data_view
from bot.conversation.privacy.my_data_view import packed_just_now, sent_in_private, write_to_me
from bot.conversation.privacy.package import Package, package
from bot.conversation.replies import reply
from bot.errors import Refused
from bot.telegram.update import ChatUpdate

AGAIN_AFTER_S = 600.0
UPLOAD_S = 300.0
NAME = "mydata.zip"

log = logging.getLogger(__name__)


async def my_data(update: ChatUpdate, context: Context, turn: AbstractAsyncContextManager[object]) -> None:
    """Into the private chat, wherever it was asked for; at most once in ten minutes, as it costs a lot.

    ``turn``: to pack.
    """
    person = "mydata", update.user_id
    if update.user_id < 0:  # a chat that writes in its own name
        await reply(update, context, write_to_me(update.language))
        return
    if not context.fair_use.to_be_told(*person):
        await reply(update, context, packed_just_now(context.fair_use.left_s(*person), update.language))
        return
    async with turn:
        packed = await package(context.database, context.photo_store, update.user_id)
        try:
            await _send(update, context, packed)
        except Refused as refusal:
            if update.private:
                raise
            log.info("somebody asked in a group and has no chat with us: %s", refusal)
            await reply(update, context, write_to_me(update.language))
            return
    context.fair_use.told(*person, AGAIN_AFTER_S)
    if not update.private:
        await reply(update, context, sent_in_private(update.language))


async def _send(update: ChatUpdate, context: Context, packed: Package) -> None:
    chat_id, view = update.user_id, my_data_view(packed.photos, packed.left_out, update.language)

    async def request() -> None:
        document = InputFile(packed.data, NAME)
        await context.bot.send_document(
            chat_id, document, caption=view.text, parse_mode=ParseMode.HTML, write_timeout=UPLOAD_S
        )

    await context.sender.call(chat_id, request)
