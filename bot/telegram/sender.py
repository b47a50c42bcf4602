"""Everything the bot says goes out here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from cachetools import LRUCache
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import ChatMigrated, TelegramError

from bot.errors import Later, Refused
from bot.metrics import Metrics
from bot.telegram.calls import Calls, Turn
from bot.telegram.client import TelegramBot
from bot.telegram.message import View
from bot.term import Term
from bot.timing import Timing

UNNAMED = 0  # a message that is out, and Telegram did not say which it is: no edit finds it, so a new one is sent
KNOWN = 10_000  # messages of which it is known what they show

_TITLE = "breedbot"  # which Telegram wants, and shows nobody
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
log = logging.getLogger(__name__)

T = TypeVar("T")
Request = Callable[[str, str | None], Awaitable[T]]  # takes the text, and its parse mode; None = it is plain
Key = tuple[int, int | str, str]  # chat, message (a text: see `Sender.edit`), what of it is edited


class Sender(Calls):
    """Messages, and what else a chat is shown. Each method is a call, or a few: see `Calls`."""

    def __init__(self, bot: TelegramBot, term: Term, timing: Timing, metrics: Metrics) -> None:
        super().__init__(term, timing, metrics)
        self._bot = bot
        self._edits: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()  # while somebody holds one
        self._shown: LRUCache[tuple[int, int | str], int] = LRUCache(KNOWN)  # what our messages show, hashed

    async def send(
        self,
        chat_id: int,
        view: View,
        reply_to: int | None = None,
        *,
        thread_id: int | None = None,
        tries: int | None = None,
        only_as_reply: bool = False,
        quiet: bool = False,
    ) -> int:
        """Send a message. Returns: its id, or UNNAMED. ``reply_to`` and the topic may have been deleted meanwhile.

        ``only_as_reply``: then it is refused; ``quiet``: no phone rings for it.
        """
        reply = ReplyParameters(reply_to, allow_sending_without_reply=not only_as_reply) if reply_to else None

        async def request(text: str, mode: str | None) -> int:
            return await _message_id(
                self._bot.send_message(
                    chat_id,
                    text,
                    parse_mode=mode,
                    reply_markup=_keyboard(view),
                    reply_parameters=reply,
                    message_thread_id=thread_id,
                    disable_notification=quiet or None,
                    link_preview_options=_NO_PREVIEW,
                )
            )

        try:
            message_id = await self._formatted(chat_id, view, request, tries)
        except Refused as refusal:
            if thread_id is not None and _without_topic(refusal):
                return await self.send(chat_id, view, tries=tries)
            if not isinstance(refusal.__cause__, ChatMigrated):
                raise
            # The group became a supergroup: same people, new id, and other message ids, so no reply.
            return await self.send(refusal.__cause__.new_chat_id, view, tries=tries)
        if message_id != UNNAMED:
            self._shown[chat_id, message_id] = hash(view)
        return message_id

    async def answer_guest(self, chat_id: int, query_id: str, view: View, *, tries: int | None = None) -> str:
        """Say something where we are a guest. Returns: the message's id, for `edit`; empty if Telegram does not say it.

        Args:
            chat_id: the private chat of who asked, whose pauses count.
            query_id: of their message. It may be answered once, and not for long.
            view: what to say.
            tries: as elsewhere.
        """

        async def request(text: str, mode: str | None) -> str:
            content = InputTextMessageContent(text, mode, link_preview_options=_NO_PREVIEW)
            article = InlineQueryResultArticle("answer", _TITLE, content, reply_markup=_keyboard(view))
            try:
                sent = await self._bot.answer_guest_query(query_id, article)
            except (AttributeError, KeyError, TypeError, ValueError) as error:  # as `_message_id`
                log.warning("Telegram has answered a guest, and does not say where: %s", type(error).__name__)
                return ""
            return sent.inline_message_id

        inline_message_id = await self._formatted(chat_id, view, request, tries)
        if inline_message_id:
            self._shown[chat_id, inline_message_id] = hash(view)
        return inline_message_id

    async def edit(self, chat_id: int, message_id: int | str, view: View, *, tries: int | None = None) -> None:
        """Change a message of ours, unless it looks like that already.

        ``message_id``: a text where we are a guest (`answer_guest`); the chat is then that of who asked.
        """
        if isinstance(message_id, int):
            where: dict[str, Any] = {"chat_id": chat_id, "message_id": message_id}
        else:
            where = {"inline_message_id": message_id}

        async def request(text: str, mode: str | None) -> None:
            await _message_id(
                self._bot.edit_message_text(
                    text,
                    **where,
                    parse_mode=mode,
                    reply_markup=_keyboard(view),
                    link_preview_options=_NO_PREVIEW,
                )
            )

        await self._edit((chat_id, message_id, "text"), view, request, tries)

    async def send_photo(
        self,
        chat_id: int,
        photo: bytes,
        view: View,
        reply_to: int | None = None,
        thread_id: int | None = None,
        *,
        only_as_reply: bool = False,
        quiet: bool = False,
    ) -> int:
        """Send a photo (a JPEG of at most 10 MB) with a view as its caption. Everything else: as `send`."""
        reply = ReplyParameters(reply_to, allow_sending_without_reply=not only_as_reply) if reply_to else None

        async def request(text: str, mode: str | None) -> int:
            return await _message_id(
                self._bot.send_photo(
                    chat_id,
                    photo,
                    caption=text,
                    parse_mode=mode,
                    reply_markup=_keyboard(view),
                    reply_parameters=reply,
                    message_thread_id=thread_id,
                    disable_notification=quiet or None,
                )
            )

        return await self._formatted(chat_id, view, request)

    async def edit_photo(self, chat_id: int, message_id: int, photo: bytes, view: View) -> None:
        """Put another photo, with another caption, into a message of ours that has one."""

        async def request(text: str, mode: str | None) -> None:
            media = InputMediaPhoto(photo, caption=text, parse_mode=mode)
            await _message_id(self._bot.edit_message_media(media, chat_id, message_id, reply_markup=_keyboard(view)))

        await self._edit((chat_id, message_id, "photo"), view, request)

    async def edit_caption(self, chat_id: int, message_id: int, view: View) -> None:
        """Change what stands under a photo of ours, and keep the photo. Always sent: it tells whether that is there."""

        async def request(text: str, mode: str | None) -> None:
            await _message_id(
                self._bot.edit_message_caption(
                    chat_id,
                    message_id,
                    caption=text,
                    parse_mode=mode,
                    reply_markup=_keyboard(view),
                )
            )

        await self._edit((chat_id, message_id, "caption"), view, request)

    async def tidy(self, chat_id: int, message_id: int) -> None:
        """Take a message of ours away. If that fails it stays: not worth troubling anybody."""
        try:
            await self.call(chat_id, lambda: self._bot.delete_message(chat_id, message_id))
        except (Refused, Later) as trouble:
            log.info("message %s in chat %s stays: %s", message_id, chat_id, trouble)

    async def typing(self, chat_id: int, thread_id: int | None = None) -> None:
        """Show "typing…" for five seconds. Raises `Later` rather than wait for a turn."""
        show = partial(self._bot.send_chat_action, chat_id, ChatAction.TYPING, message_thread_id=thread_id)
        await self.call(chat_id, show, turn=Turn.COURTESY, tries=1)

    async def answer_press(self, chat_id: int, query_id: str, text: str = "", *, alert: bool = False) -> None:
        """End the spinner on a button, perhaps with words. One that was pressed too long ago is let be."""
        try:
            end = partial(self._bot.answer_callback_query, query_id, text or None, show_alert=alert)
            await self.call(chat_id, end)
        except Refused as refusal:
            log.info("a press in chat %s was not answered: %s", chat_id, refusal)

    async def _formatted(self, chat_id: int, view: View, request: Request[T], tries: int | None = None) -> T:
        """As HTML, or plain if Telegram cannot read that."""
        as_html = partial(request, view.text, ParseMode.HTML)
        try:
            return await self.call(chat_id, as_html, turn=Turn.MESSAGE, tries=tries)
        except Refused as refusal:
            if "can't parse entities" not in str(refusal).lower():
                raise
            log.error("Telegram cannot read our HTML: %s", refusal)  # noqa: TRY400 - the text itself is people's
            return await self.call(chat_id, partial(request, view.plain, None), turn=Turn.MESSAGE, tries=tries)

    def forget(self) -> None:
        """Another bot has spoken meanwhile: what our messages show is not known any more."""
        self._shown.clear()

    async def _edit(self, key: Key, view: View, request: Request[None], tries: int | None = None) -> None:
        """One after the other, in the order in which they are asked for.

        A text that would change nothing is not sent: in a group each edit counts among the twenty messages of a minute.
        """
        chat_id, message_id, what = key
        turn = self._edits.setdefault(key, asyncio.Lock())
        async with turn:
            if what == "text" and self._shown.get((chat_id, message_id)) == hash(view):
                self._metrics.unchanged.inc()
                return
            self._shown.pop((chat_id, message_id), None)  # until it is known again
            try:
                await self._formatted(chat_id, view, request, tries)
            except Refused as refusal:
                if "not modified" not in str(refusal).lower():
                    raise
            if what == "text":
                self._shown[chat_id, message_id] = hash(view)


def _without_topic(refusal: Refused) -> bool:
    """Whether the topic is deleted or closed: then all topics see it, rather than nobody."""
    said = str(refusal).lower()
    return "thread not found" in said or "topic_" in said


async def _message_id(done: Awaitable[Message | bool]) -> int:
    """The id of the message that Telegram says it has made, or UNNAMED. It is done in any case."""
    try:
        message = await done
    except TelegramError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        log.warning("Telegram did as we asked, and describes it in a way of its own: %s", type(error).__name__)
        return UNNAMED
    return message.message_id if hasattr(message, "message_id") else UNNAMED


def _keyboard(view: View) -> InlineKeyboardMarkup | None:
    if not view.keyboard:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    button.text,
                    callback_data=button.data or None,
                    switch_inline_query=button.share,
                    switch_inline_query_current_chat=button.find,
                )
                for button in row
            ]
            for row in view.keyboard
        ]
    )
