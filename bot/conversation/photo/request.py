"""Something to be looked at: what a message carries, or the earlier one that it replies to, of whomever that is."""

from dataclasses import dataclass, replace

from bot.telegram.update import ChatUpdate, ChosenPhoto, choose


@dataclass(frozen=True, slots=True)
class Request:
    """One photo, or video.

    Attributes:
        photo: the file; None: it is no picture, and stands among others that may be.
        message_id: of the message that the answer replies to; 0 where we are a guest.
        album: Telegram's media_group_id, if it is part of an album that is answered as a whole.
        caption: what was written beside it.
    """

    photo: ChosenPhoto | None
    message_id: int
    album: str | None = None
    caption: str | None = None


def guests_photo(update: ChatUpdate) -> Request | None:
    """What somebody asks about where we are a guest: their own photo, or the one that they reply to."""
    if update.message is not None and update.photo is not None:
        return Request(update.photo, 0, caption=update.message.caption)
    asked = replied_photo(update)
    return replace(asked, message_id=0) if asked is not None else None


def replied_photo(update: ChatUpdate) -> Request | None:
    """The photo that a message replies to, also one in another chat (which Telegram shows as an external reply)."""
    message = update.message
    if message is None:
        return None
    replied, elsewhere = message.reply_to_message, message.external_reply
    if replied is not None and (photo := choose(replied)) is not None:
        return Request(photo, replied.message_id, caption=replied.caption)
    if elsewhere is not None and (photo := choose(elsewhere)) is not None:
        return Request(photo, message.message_id)
    return None
