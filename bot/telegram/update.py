"""One update as the handlers see it: who, where, what, which photo, and in which language to answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import PurePath

from telegram import (
    CallbackQuery,
    ChatMemberUpdated,
    Document,
    ExternalReplyInfo,
    InlineQuery,
    Message,
    MessageReactionUpdated,
    PhotoSize,
    ReactionTypeEmoji,
    Update,
)

from bot.telegram.message import Button
from db.chat.chat_records import Consent, PhotoForm, UserRecord

LIKE, DISLIKE = "👍", "👎"  # the reactions that mean something
SHORT_SIDE_PX = 448  # twice what most networks look at: enough for crops, and a fraction of a 2560 px download
Source = Message | ExternalReplyInfo  # what carries a photo: a message, or what is shown of one in another chat
MIMES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jfif": "image/jpeg",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".png": "image/png",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".avif": "image/avif",
    ".jxl": "image/jxl",
    ".dng": "image/x-adobe-dng",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
}
UNKNOWN = "application/octet-stream"
_SAYS_NOTHING = {"", UNKNOWN, "binary/octet-stream"}
_NO_NAMES = {"", ".bin", ".dat", ".tmp", ".part", ".download"}  # what programs call a file whose kind they do not know


class UpdateKind(Enum):
    """What handlers are chosen by."""

    PRESS = auto()
    COMMAND = auto()
    TEXT = auto()
    PHOTO = auto()  # or what may be taken for one
    INLINE = auto()
    GUEST = auto()  # we were named in a chat that we are not in
    REACTION = auto()  # 👍 or 👎 was put on a message, or taken away
    MEMBER = auto()  # we were added to a chat, or removed
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class ChosenPhoto:
    """A file to download. Width and height in pixels, 0 = Telegram does not say; so is an unknown size."""

    file_id: str
    mime: str
    form: PhotoForm = PhotoForm.PHOTO
    width: int = 0
    height: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatUpdate:
    """A message, a pressed button, an inline or a guest query, a reaction, or our coming to a group or leaving it.

    Handlers look at what is the same on any platform; what is Telegram's own (`message`, `query`, `inline`, `member`,
    `reaction`) is for the few that are about Telegram.

    Attributes:
        update_id: of the update; the same update never makes two jobs.
        kind: what it is.
        user_id: who wrote or pressed. Negative where a chat speaks in its own name: an anonymous admin, a channel, a
            post of one; Telegram shows one and the same user for all of those, who must not own what they send.
        chat_id: where; of a guest query the private chat of who asks, for the other one is not ours to write to.
        private: whether they are alone with the bot.
        message_id: of what was written, or of the message whose button was pressed, or that was reacted to.
        thread_id: the topic of a forum in which that is. Elsewhere a reply has such an id, too, which is none.
        guest_query_id: by which one answer may be given in a chat that we are not in; None: it is no such message.
        sent_at: when Telegram got the message.
        text: what was written; empty where nothing was.
        data: what the pressed button carries.
        buttons: those under the message that are pressed, row by row. A forged press can name any message of ours.
        photo: what there is to look at in the message; of a press: whether the message with the button is a picture.
        language: to answer in.
        asked: whether an answer is wanted; False: people talk to each other, and who they are is not noted.
        edited: whether it is an older message whose caption was changed.
        awaiting_search_for: the prediction whose breed this person was asked to type.
        reviewing: the claim whose breed this moderator was asked to type.
        consent: whether this person lets us keep their photos; None: they have not said.
        banned: a moderator wants them to get no answers.
        message: what was written, or the message whose button was pressed (None if Telegram no longer knows it).
        query: the press, if it is one.
        inline: what is typed after our name in some chat, if it is that.
        member: what became of us in a chat, if it is that.
        reaction: what became of somebody's reactions to a message, if it is that.
    """

    update_id: int
    kind: UpdateKind
    user_id: int
    chat_id: int
    private: bool
    message_id: int | None
    thread_id: int | None
    guest_query_id: str | None
    sent_at: datetime
    text: str
    data: str
    buttons: tuple[tuple[Button, ...], ...]
    photo: ChosenPhoto | None
    language: str
    asked: bool
    edited: bool
    awaiting_search_for: int | None
    reviewing: int | None
    consent: Consent | None
    banned: bool
    message: Message | None
    query: CallbackQuery | None
    inline: InlineQuery | None
    member: ChatMemberUpdated | None
    reaction: MessageReactionUpdated | None

    @property
    def words(self) -> list[str]:
        """Those that follow a command."""
        return self.text.split()[1:]

    @property
    def reactions(self) -> frozenset[str]:
        """The emojis that stand on the message now."""
        now = self.reaction.new_reaction if self.reaction is not None else ()
        return frozenset(one.emoji for one in now if isinstance(one, ReactionTypeEmoji))


def chat_update(
    update: Update,
    update_id: int,
    chat_id: int,
    user_id: int,
    user: UserRecord | None,
    language: str,
    *,
    asked: bool,
    edited: bool,
) -> ChatUpdate:
    """What handlers see of it. `user`: what is known of who it is from."""
    query, reaction = update.callback_query, update.message_reaction
    about = query.message if query is not None else update.effective_message
    message = about if isinstance(about, Message) else None
    photo = choose(message) if message is not None else None
    guest_query_id = message.guest_query_id if message is not None else None
    in_topic = message is not None and guest_query_id is None and message.is_topic_message
    chat, meant = update.effective_chat, reaction or message
    markup = message.reply_markup if message is not None else None
    rows = markup.inline_keyboard if markup is not None else ()
    return ChatUpdate(
        update_id=update_id,
        kind=_kind(update, message, photo),
        user_id=user_id,
        chat_id=chat_id,
        private=(chat is None or chat.type == "private") and update.guest_message is None,
        message_id=meant.message_id if meant is not None else None,
        thread_id=message.message_thread_id if message is not None and in_topic else None,
        guest_query_id=guest_query_id,
        sent_at=message.date if message is not None else datetime.now(UTC),
        text=(message.text if message is not None else None) or "",
        data=(query.data if query is not None else None) or "",
        buttons=tuple(
            tuple(Button(one.text, str(one.callback_data)) for one in row if one.callback_data) for row in rows
        ),
        photo=photo,
        language=language,
        asked=asked,
        edited=edited,
        awaiting_search_for=user.awaiting_search_for if user is not None else None,
        reviewing=user.reviewing if user is not None else None,
        consent=user.consent if user is not None else None,
        banned=user is not None and user.banned_at is not None,
        message=message,
        query=query,
        inline=update.inline_query,
        member=update.my_chat_member,
        reaction=reaction,
    )


def _kind(update: Update, message: Message | None, photo: ChosenPhoto | None) -> UpdateKind:  # noqa: PLR0911
    if update.inline_query is not None:
        return UpdateKind.INLINE
    if update.callback_query is not None:
        return UpdateKind.PRESS
    if update.message_reaction is not None:
        return UpdateKind.REACTION
    if message is None:
        return UpdateKind.MEMBER if update.my_chat_member is not None else UpdateKind.OTHER
    if message.guest_query_id is not None:
        return UpdateKind.GUEST
    # A file that is no picture, among others that may be: the answer to the album says so, by its number.
    in_album = message.media_group_id is not None and message.document is not None
    if photo is not None or in_album:
        return UpdateKind.PHOTO
    if message.text is None:
        return UpdateKind.OTHER
    return UpdateKind.COMMAND if message.text.startswith("/") else UpdateKind.TEXT


def choose(source: Source) -> ChosenPhoto | None:
    """The photo of a message: one of its sizes, a moving or a static picture, or a file that may be one."""
    live = source.live_photo
    if sizes := source.photo or (live.photo if live is not None else ()):
        size = just_large_enough(sizes)
        return ChosenPhoto(size.file_id, "image/jpeg", PhotoForm.PHOTO, size.width, size.height, size.file_size or 0)
    if (moving := source.animation) is not None:
        return ChosenPhoto(moving.file_id, "video/mp4", PhotoForm.ANIMATION, size_bytes=moving.file_size or 0)
    if (video := source.video or source.video_note or live) is not None:
        return ChosenPhoto(video.file_id, "video/mp4", PhotoForm.VIDEO, size_bytes=video.file_size or 0)
    if source.sticker is not None:
        drawn = source.sticker.is_animated or source.sticker.is_video
        return None if drawn else ChosenPhoto(source.sticker.file_id, "image/webp", PhotoForm.STICKER)
    if source.document is not None and (mime := image_mime(source.document)) is not None:
        return ChosenPhoto(source.document.file_id, mime, PhotoForm.FILE, size_bytes=source.document.file_size or 0)
    return None


def just_large_enough(sizes: Sequence[PhotoSize], short_side_px: int = SHORT_SIDE_PX) -> PhotoSize:
    """The smallest size whose short side is long enough, else the largest there is."""
    short_sides_px = [min(size.width, size.height) for size in sizes]
    best_px = min((px for px in short_sides_px if px >= short_side_px), default=max(short_sides_px))
    return sizes[short_sides_px.index(best_px)]


def image_mime(document: Document) -> str | None:
    """The type of a picture or video by what a file claims to be; None = surely neither. Its bytes decide."""
    mime = (document.mime_type or "").lower()
    if mime.startswith(("image/", "video/")):
        return None if mime == "image/svg+xml" else mime
    suffix = PurePath(document.file_name or "").suffix.lower()
    if suffix in MIMES:
        return MIMES[suffix]
    return UNKNOWN if mime in _SAYS_NOTHING and suffix in _NO_NAMES else None
