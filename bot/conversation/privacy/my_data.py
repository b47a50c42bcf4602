"""/mydata: all that is stored of somebody, as one file, to them alone."""

import logging

from telegram import InputFile
from telegram.constants import ParseMode

from bot.conversation.context import Services
from bot.conversation.privacy.my_data_view import my_data as my_data_view
from bot.conversation.privacy.my_data_view import packed_just_now, sent_in_private, write_to_me
from bot.conversation.privacy.package import Package, package
from bot.conversation.reply import reply
from bot.telegram.sender import Refused
from bot.telegram.update import Incoming

AGAIN_AFTER_S = 600.0
UPLOAD_S = 300.0
NAME = "mydata.zip"

log = logging.getLogger(__name__)


async def my_data(incoming: Incoming, services: Services) -> None:
    """Into the private chat, wherever it was asked for; at most once in ten minutes, as it costs a lot."""
    person = "mydata", incoming.user_id
    if incoming.user_id < 0:  # a chat that writes in its own name
        await reply(incoming, services, write_to_me(incoming.language))
        return
    if not services.fair_use.to_be_told(*person):
        await reply(incoming, services, packed_just_now(services.fair_use.left_s(*person), incoming.language))
        return
    async with services.packing:
        packed = await package(services.database, services.photo_store, incoming.user_id)
        try:
            await _send(incoming, services, packed)
        except Refused as refusal:
            if incoming.private:
                raise
            log.info("somebody asked in a group and has no chat with us: %s", refusal)
            await reply(incoming, services, write_to_me(incoming.language))
            return
    services.fair_use.told(*person, AGAIN_AFTER_S)
    if not incoming.private:
        await reply(incoming, services, sent_in_private(incoming.language))


async def _send(incoming: Incoming, services: Services, packed: Package) -> None:
    chat_id, view = incoming.user_id, my_data_view(packed.photos, packed.left_out, incoming.language)

    async def request() -> None:
        document = InputFile(packed.data, NAME)
        await services.bot.send_document(
            chat_id, document, caption=view.text, parse_mode=ParseMode.HTML, write_timeout=UPLOAD_S
        )

    await services.outgoing.call(chat_id, request)
