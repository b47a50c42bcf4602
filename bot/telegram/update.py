"""One update as the handlers see it: who, where, what, and in which language to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from telegram import (
    CallbackQuery,
    ChatMemberUpdated,
    InlineQuery,
    Message,
    MessageReactionUpdated,
    ReactionTypeEmoji,
    Update,
)

from bot.telegram.chosen_photo import ChosenPhoto, choose
from bot.telegram.message import Button
from bot.telegram.update_schema import flaw
from db.chat.chat_records import Consent
from db.chat.inbox import IncomingUpdate

ALBUM_LETTERS = 64  # of a media_group_id; the database holds no more
LIKE, DISLIKE = "👍", "👎"  # the reactions that mean something

_INT64 = range(-(2**63), 2**63)
_FILES = ("photo", "document", "video", "animation", "sticker", "video_note", "live_photo")  # may have to be fetched
_EDITED = ("edited_message", "edited_channel_post")
_GUEST = "guest_message"
_REACTION = "message_reaction"
_MESSAGES = ("message", "channel_post", _GUEST, *_EDITED)
_HANDLED = (*_MESSAGES, "callback_query", "inline_query", "my_chat_member", _REACTION)


class Malformed(ValueError):
    """The update cannot be understood."""


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
class Person:
    """Whose update it is.

    Attributes:
        id: a person's; negative where a chat speaks in its own name: an anonymous admin, a channel, a post of one.
            Telegram shows one and the same user for all of those, who must not own what they send.
        language_code: what Telegram says of a person.
    """

    id: int
    language_code: str | None = None


@dataclass(frozen=True, slots=True)
class ChatUpdate:
    """A message, a pressed button, an inline or a guest query, a reaction, or our coming to a group or leaving it.

    Handlers look at the properties, which are the same on any platform; what is Telegram's own (`message`, `query`,
    `inline`, `member`, `reaction`) is for the few that are about Telegram.

    Attributes:
        update_id: of the update; the same update never makes two jobs.
        user_id: who wrote or pressed; negative: a chat in its own name, see `Person`.
        chat_id: where; of a guest query the private chat of who asks, for the other one is not ours to write to.
        private: whether they are alone with the bot.
        message: what was written, or the message whose button was pressed (None if Telegram no longer knows it).
        query: the press, if it is one.
        language: to answer in.
        awaiting_search_for: the prediction whose breed this person was asked to type.
        reviewing: the claim whose breed this moderator was asked to type.
        consent: whether this person lets us keep their photos; None: they have not said.
        banned: a moderator wants them to get no answers.
        inline: what is typed after our name in some chat, if it is that.
        asked: whether an answer is wanted; False: people talk to each other, and who they are is not noted.
        edited: whether it is an older message whose caption was changed.
        member: what became of us in a chat, if it is that.
        reaction: what became of somebody's reactions to a message, if it is that.
    """

    update_id: int
    user_id: int
    chat_id: int
    private: bool
    message: Message | None
    query: CallbackQuery | None
    language: str
    awaiting_search_for: int | None = None
    reviewing: int | None = None
    consent: Consent | None = None
    banned: bool = False
    inline: InlineQuery | None = None
    asked: bool = True
    edited: bool = False
    member: ChatMemberUpdated | None = None
    reaction: MessageReactionUpdated | None = None

    @property
    def kind(self) -> UpdateKind:
        """What it is."""
        if self.inline is not None:
            return UpdateKind.INLINE
        if self.query is not None:
            return UpdateKind.PRESS
        if self.reaction is not None:
            return UpdateKind.REACTION
        if self.message is None:
            return UpdateKind.MEMBER if self.member is not None else UpdateKind.OTHER
        return UpdateKind.GUEST if self.guest_query_id is not None else self._kind_of(self.message)

    @property
    def text(self) -> str:
        """What was written; empty where nothing was."""
        return (self.message.text if self.message is not None else None) or ""

    @property
    def words(self) -> list[str]:
        """Those that follow a command."""
        return self.text.split()[1:]

    @property
    def photo(self) -> ChosenPhoto | None:
        """What there is to look at in the message; of a press: whether the message with the button is a picture."""
        return choose(self.message) if self.message is not None else None

    @property
    def message_id(self) -> int | None:
        """Of what was written, or of the message whose button was pressed, or that was reacted to."""
        if self.reaction is not None:
            return self.reaction.message_id
        return self.message.message_id if self.message is not None else None

    @property
    def thread_id(self) -> int | None:
        """The topic of a forum in which that message is. Elsewhere a reply has such an id, too, which is none."""
        if self.message is None or self.guest_query_id is not None or not self.message.is_topic_message:
            return None
        return self.message.message_thread_id

    @property
    def guest_query_id(self) -> str | None:
        """By which one answer may be given in a chat that we are not in; None: it is no such message."""
        return self.message.guest_query_id if self.message is not None else None

    @property
    def sent_at(self) -> datetime:
        """When Telegram got the message."""
        return self.message.date if self.message is not None else datetime.now(UTC)

    @property
    def reactions(self) -> frozenset[str]:
        """The emojis that stand on the message now."""
        now = self.reaction.new_reaction if self.reaction is not None else ()
        return frozenset(one.emoji for one in now if isinstance(one, ReactionTypeEmoji))

    @property
    def data(self) -> str:
        """What the pressed button carries."""
        return (self.query.data if self.query is not None else None) or ""

    @property
    def buttons(self) -> tuple[tuple[Button, ...], ...]:
        """Those under the message that are pressed, row by row. A forged press can name any message of ours."""
        markup = self.message.reply_markup if self.message is not None else None
        rows = markup.inline_keyboard if markup is not None else ()
        return tuple(
            tuple(Button(one.text, str(one.callback_data)) for one in row if one.callback_data) for row in rows
        )

    def _kind_of(self, message: Message) -> UpdateKind:
        # A file that is no picture, among others that may be: the answer to the album says so, by its number.
        in_album = message.media_group_id is not None and message.document is not None
        if self.photo is not None or in_album:
            return UpdateKind.PHOTO
        if message.text is None:
            return UpdateKind.OTHER
        return UpdateKind.COMMAND if self.text.startswith("/") else UpdateKind.TEXT


def parse(payload: Mapping[str, Any]) -> Update | None:
    """The update, or None if it is of a kind that we do not handle. Raises: Malformed."""
    if not any(kind in payload for kind in _HANDLED):
        return None
    if (wrong := flaw(payload)) is not None:
        raise Malformed(f"update {payload.get('update_id')}: {wrong}")
    try:
        update = Update.de_json(dict(payload), None)
    except Exception as error:
        # The message may quote what somebody wrote.
        raise Malformed(f"update {payload.get('update_id')}: {type(error).__name__}") from error
    if sender_of(update) is None or chat_id_of(payload) is None or not wanted(payload):
        return None
    return update


def wanted(payload: Mapping[str, Any]) -> bool:
    """Whether there may be something to do.

    Of edited messages only where a file has a caption, which may ask now; of reactions where 👍 or 👎 came or went.
    """
    if (reaction := _first(payload, (_REACTION,))) is not None:
        return _opinions(reaction.get("old_reaction")) != _opinions(reaction.get("new_reaction"))
    edited = _first(payload, _EDITED)
    return edited is None or ("caption" in edited and brings_a_file(edited))


def sender_of(update: Update) -> Person | None:
    """Who sent the message, pressed the button, types, reacts, or added or removed us."""
    if (reaction := update.message_reaction) is not None:  # without a person: an anonymous admin
        return Person(reaction.user.id, reaction.user.language_code) if reaction.user is not None else None
    asking = update.inline_query or update.callback_query or update.my_chat_member
    if asking is not None:
        return Person(asking.from_user.id, asking.from_user.language_code)
    message = message_of(update)
    if message is None:
        return None
    if message.sender_chat is not None:
        return Person(message.sender_chat.id)
    return Person(message.from_user.id, message.from_user.language_code) if message.from_user is not None else None


def message_of(update: Update) -> Message | None:
    """What was written, in a chat or as a channel's post."""
    written = update.message or update.channel_post or update.guest_message
    return written or update.edited_message or update.edited_channel_post


def is_edited(update: Update) -> bool:
    """Whether it is about an older message."""
    return update.edited_message is not None or update.edited_channel_post is not None


def incoming(payload: Mapping[str, Any]) -> IncomingUpdate | None:
    """A raw update as it is stored; None: it has no id."""
    update_id, chat_id = update_id_of(payload), chat_id_of(payload)
    if update_id is None:
        return None
    message = _first(payload, _MESSAGES) or {}
    key = f"{chat_id or 0} files" if brings_a_file(message) else None
    alone = _first(payload, (*_EDITED, _GUEST)) is not None  # who asks later, or elsewhere, asks for one
    album = None if alone else message.get("media_group_id")
    in_album = isinstance(album, str) and 0 < len(album) <= ALBUM_LETTERS
    return IncomingUpdate(update_id, chat_id, payload, key, album if in_album else None)


def brings_a_file(message: Mapping[str, Any]) -> bool:
    """Whether the photo, file or film of a message may have to be fetched."""
    return any(kind in message for kind in _FILES)


def update_id_of(payload: Mapping[str, Any]) -> int | None:
    """The id of a raw update; None if there is no such number in it."""
    return _int64(payload.get("update_id"))


def chat_id_of(payload: Mapping[str, Any]) -> int | None:
    """The chat of a raw update, whatever its kind; its sender's private one where we are not in the chat.

    A guest message names a chat, too, but its id may be that of another one, which we are in.
    """
    for kind, content in payload.items():
        if kind == "update_id" or not isinstance(content, Mapping):
            continue
        message = content.get("message") if kind == "callback_query" else content
        chat = message.get("chat") if isinstance(message, Mapping) else None
        if kind == _GUEST or not isinstance(chat, Mapping):
            chat = content.get("sender_chat") or content.get("from")
        return _int64(chat.get("id")) if isinstance(chat, Mapping) else None
    return None


def kind_of(payload: Mapping[str, Any]) -> str:
    """What kind of update it is, for the metrics: one of a few words."""
    return next((kind for kind in _HANDLED if kind in payload), "other")


def _opinions(reactions: object) -> set[str]:
    listed = reactions if isinstance(reactions, list) else []
    return {emoji for one in listed if isinstance(one, Mapping) and (emoji := one.get("emoji")) in {LIKE, DISLIKE}}


def _first(payload: Mapping[str, Any], kinds: tuple[str, ...]) -> Mapping[str, Any] | None:
    return next((content for kind in kinds if isinstance(content := payload.get(kind), Mapping)), None)


def _int64(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in _INT64 else None
