"""Voice, moving stickers, locations and all else that is no photo: a clear word instead of silence."""

from telegram import Message

from bot.conversation.context import Context
from bot.conversation.notice import Notice, notice
from bot.conversation.replies import reply
from bot.telegram.update import ChatUpdate

_KINDS = (
    ("document", Notice.DOCUMENT),
    ("voice", Notice.VOICE),
    ("audio", Notice.AUDIO),
    ("sticker", Notice.STICKER),
    ("contact", Notice.CONTACT),
    ("venue", Notice.LOCATION),
    ("location", Notice.LOCATION),
    ("poll", Notice.POLL),
    ("dice", Notice.OTHER),
    ("game", Notice.OTHER),
    ("story", Notice.OTHER),
    ("paid_media", Notice.OTHER),
    ("checklist", Notice.OTHER),
    ("invoice", Notice.OTHER),
)


def notice_for(message: Message) -> Notice | None:
    """What came; None = a service message ("joined the group"), to which nobody expects an answer."""
    return next((what for kind, what in _KINDS if getattr(message, kind, None)), None)


async def other(update: ChatUpdate, context: Context) -> None:
    """Say what we cannot do with it; in groups people talk to each other, and we keep quiet."""
    message = update.message
    if message is not None and message.migrate_to_chat_id is not None:
        await context.groups.moved(update.chat_id, message.migrate_to_chat_id)
    what = notice_for(message) if message is not None else None
    if what is not None and update.private:
        await reply(update, context, notice(what, update.language))
