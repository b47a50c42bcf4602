"""/breed, or our name, as a reply to an earlier photo, of whomever it is: a look at that one, for the one who asks."""

from bot.conversation.context import Context
from bot.conversation.personal.notice import Notice, notice
from bot.conversation.photo.handler import Request, look_at
from bot.conversation.photo.select import Source, choose
from bot.conversation.reply import reply
from bot.telegram.update import ChatUpdate


async def breed(update: ChatUpdate, context: Context) -> None:
    """Answer the photo that is replied to, or say how it is meant."""
    found = replied_photo(update)
    if found is None:
        await reply(update, context, notice(Notice.BREED_OF_WHAT, update.language))
    else:
        await look_at(found, update, context)


def replied_photo(update: ChatUpdate) -> Request | None:
    """The photo that a message replies to, also one in another chat (which Telegram shows as an external reply)."""
    message = update.message
    if message is None:
        return None
    replied, elsewhere = message.reply_to_message, message.external_reply
    if replied is not None and _has_photo(replied):
        return Request(replied, replied.message_id, caption=replied.caption)
    if elsewhere is not None and _has_photo(elsewhere):
        return Request(elsewhere, message.message_id)
    return None


def _has_photo(source: Source) -> bool:
    return choose(source) is not None
