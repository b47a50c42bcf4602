"""Groups and channels: who is asked for an answer, and who may decide that everything gets one."""

import logging

from cachetools import TTLCache
from telegram import Message, MessageEntity
from telegram.constants import ChatMemberStatus

from bot.errors import Refused
from bot.telegram.client import TelegramBot
from bot.telegram.sender import Sender
from bot.telegram.update import choose
from db.chat.chat_records import PhotoForm, PredictionRecord
from db.database import Database

ADMIN_FOR_S = 60.0  # how long an answer of Telegram's about somebody is believed
KEPT = 10_000

_ADMINS = frozenset({ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR})
log = logging.getLogger(__name__)


class Groups:
    """Asks Telegram about people, and the database about groups."""

    def __init__(self, bot: TelegramBot, sender: Sender, database: Database) -> None:
        self._bot = bot
        self._sender = sender
        self._database = database
        self._admins: TTLCache[tuple[int, int], bool] = TTLCache(KEPT, ADMIN_FOR_S)

    async def asked(self, message: Message, *, edited: bool = False) -> bool:
        """Whether a message wants an answer; a new one in private, which always does, is not asked about.

        In a group one that names us or begins with a command, a reply to something of ours, and every photo if an admin
        said so; an edited one, wherever it is, if it names us. Stickers and GIFs are what people say to each other
        there: they must name us. Of an album one message is for us, the one with the caption, and the others follow it.
        Where we are a guest, what does not name us replies to something of ours: only a photo asks then.
        """
        named = self.is_named(message)
        if named or edited:
            return named
        chosen, replied = choose(message), _replies_to(message, self._bot.id)
        if message.guest_query_id is not None:
            return chosen is not None
        if chosen is not None and chosen.form in _REMARKS:
            return False
        if chosen is None or replied:
            return replied
        async with self._database.unit(read_only=True) as unit:
            if message.media_group_id and await unit.albums.get(message.chat.id, message.media_group_id):
                return True
            return await unit.chats.answers_all(message.chat.id)

    def is_named(self, message: Message) -> bool:
        """Whether it says our name, or begins with a command."""
        written = (message.text, message.entities), (message.caption, message.caption_entities)
        return any(
            self._names_us(entity, _marked(text, entity))
            for text, entities in written
            for entity in entities
            if text and entity.type in _NAMING
        )

    async def is_admin(self, chat_id: int, user_id: int) -> bool:
        """Whether somebody is an admin there. One who writes in the name of the group itself is an anonymous admin.

        Raises: Later - Telegram cannot be asked now.
        """
        if user_id == chat_id:
            return True
        if user_id < 0:  # some other channel, in whose name a member writes
            return False
        known = self._admins.get((chat_id, user_id))
        if known is None:
            known = self._admins[chat_id, user_id] = await self._ask(chat_id, user_id)
        return known

    async def may_press(self, prediction: PredictionRecord, user_id: int) -> bool:
        """The sender's buttons are the sender's; those of a photo sent in a chat's own name are its admins'."""
        if prediction.user_id == user_id:
            return True
        return prediction.user_id < 0 and await self.is_admin(prediction.chat_id, user_id)

    async def may_look(self, prediction: PredictionRecord, user_id: int, chat_id: int) -> bool:
        """Whoever is in the group where it was answered may know more of it. ``chat_id``: where they press."""
        return chat_id == prediction.chat_id < 0 or await self.may_press(prediction, user_id)

    async def sees_everything(self, chat_id: int) -> bool:
        """Whether Telegram shows us what is not for us there: with privacy mode off, or as an admin.

        https://core.telegram.org/bots/features#privacy-mode. Raises: Later.
        """
        return bool(self._bot.can_read_all_group_messages) or await self.is_admin(chat_id, self._bot.id)

    async def left(self, chat_id: int) -> None:
        """We are no longer in this group: nothing of it is remembered."""
        for key in [key for key in self._admins if key[0] == chat_id]:
            self._admins.pop(key, None)
        async with self._database.unit() as unit:
            if await unit.chats.get(chat_id) is not None:
                await unit.chats.set_answers_all(chat_id, False, set_by=None)

    async def moved(self, old_id: int, new_id: int) -> None:
        """A group became a supergroup, with another id: what an admin wanted there stays so."""
        async with self._database.unit() as unit:
            if await unit.chats.answers_all(old_id):
                await unit.chats.set_answers_all(new_id, True, set_by=None)
                await unit.chats.set_answers_all(old_id, False, set_by=None)

    async def _ask(self, chat_id: int, user_id: int) -> bool:
        try:
            member = await self._sender.call(chat_id, lambda: self._bot.get_chat_member(chat_id, user_id))
        except Refused as refusal:
            log.info("somebody in chat %s is taken for no admin: %s", chat_id, refusal)
            return False
        return member.status in _ADMINS

    def _names_us(self, entity: MessageEntity, text: str) -> bool:
        name = f"@{self._bot.username}".lower()
        if entity.type == MessageEntity.TEXT_MENTION:
            return entity.user is not None and entity.user.id == self._bot.id
        if entity.type == MessageEntity.BOT_COMMAND:
            return text.lower().endswith(name) if "@" in text else entity.offset == 0
        return text.lower() == name


def _marked(text: str, entity: MessageEntity) -> str:
    """The letters that an entity marks. It counts in UTF-16; one that ends inside a letter marks something else."""
    units = text.encode("utf-16-le", "surrogatepass")[max(0, entity.offset) * 2 :][: max(0, entity.length) * 2]
    return units.decode("utf-16-le", "replace")


def _replies_to(message: Message, bot_id: int) -> bool:
    replied = message.reply_to_message
    return replied is not None and replied.from_user is not None and replied.from_user.id == bot_id


_REMARKS = frozenset({PhotoForm.STICKER, PhotoForm.ANIMATION})
_NAMING: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION, MessageEntity.BOT_COMMAND]
