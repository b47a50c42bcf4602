"""Everything the bot says goes out here: within Telegram's limits, with retries, and each chat's pauses its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

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
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.errors import Later, Refused
from bot.metrics import Metrics
from bot.telegram.client import TelegramBot
from bot.telegram.edits import Edits, Key
from bot.telegram.message import View
from bot.telegram.rate_limits import Limits, Turn
from bot.term import Term
from bot.timing import Timing

TOKEN_TROUBLE_S = 30.0
UNNAMED = 0  # a message that is out, and Telegram did not say which it is: no edit finds it, so a new one is sent
LONGEST_PAUSE_S = 300.0  # however long Telegram asks for: then it is tried once more

_TITLE = "breedbot"  # which Telegram wants, and shows nobody
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
log = logging.getLogger(__name__)

T = TypeVar("T")
Request = Callable[[str | None], Awaitable[T]]  # takes a parse mode; None = the plain text


class Sender:
    """Calls on behalf of a chat. All raise `Later` when the chat cannot be reached now, and `Refused` when never.

    Nothing is said but within a term: while it is over, calls wait for its renewal, or for us being ended.
    """

    def __init__(self, bot: TelegramBot, term: Term, timing: Timing, metrics: Metrics) -> None:
        self._bot = bot
        self._term = term
        self._timing = timing
        self._metrics = metrics
        self._limits = Limits(timing.patience_s, timing.limits_hurry, metrics)
        self._edits = Edits(metrics.coalesced.inc)

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
        reply = _reply(reply_to, only_as_reply=only_as_reply)

        async def request(mode: str | None) -> int:
            return await _message_id(
                self._bot.send_message(
                    chat_id,
                    _text(view, mode),
                    parse_mode=mode,
                    reply_markup=_keyboard(view),
                    reply_parameters=reply,
                    message_thread_id=thread_id,
                    disable_notification=quiet or None,
                    link_preview_options=_NO_PREVIEW,
                )
            )

        try:
            message_id = await self._formatted(chat_id, request, tries)
        except Refused as refusal:
            if thread_id is not None and _without_topic(refusal):
                return await self.send(chat_id, view, tries=tries)
            if not isinstance(refusal.__cause__, ChatMigrated):
                raise
            # The group became a supergroup: same people, new id, and other message ids, so no reply.
            return await self.send(refusal.__cause__.new_chat_id, view, tries=tries)
        if message_id != UNNAMED:
            self._edits.know(chat_id, message_id, view)
        return message_id

    async def answer_guest(self, chat_id: int, query_id: str, view: View, *, tries: int | None = None) -> str:
        """Say something where we are a guest. Returns: the message's id, for `edit`; empty if Telegram does not say it.

        Args:
            chat_id: the private chat of who asked, whose pauses count.
            query_id: of their message. It may be answered once, and not for long.
            view: what to say.
            tries: as elsewhere.
        """

        async def request(mode: str | None) -> str:
            content = InputTextMessageContent(_text(view, mode), mode, link_preview_options=_NO_PREVIEW)
            article = InlineQueryResultArticle("answer", _TITLE, content, reply_markup=_keyboard(view))
            try:
                sent = await self._bot.answer_guest_query(query_id, article)
            except (AttributeError, KeyError, TypeError, ValueError) as error:  # as `_message_id`
                log.warning("Telegram has answered a guest, and does not say where: %s", type(error).__name__)
                return ""
            return sent.inline_message_id

        inline_message_id = await self._formatted(chat_id, request, tries)
        if inline_message_id:
            self._edits.know(chat_id, inline_message_id, view)
        return inline_message_id

    async def edit(self, chat_id: int, message_id: int | str, view: View, *, tries: int | None = None) -> None:
        """Change a message of ours, unless it looks like that already. Returns when this or a newer one shows.

        ``message_id``: a text where we are a guest (`answer_guest`); the chat is then that of who asked.
        """
        if isinstance(message_id, int):
            where: dict[str, Any] = {"chat_id": chat_id, "message_id": message_id}
        else:
            where = {"inline_message_id": message_id}

        async def request(mode: str | None) -> None:
            await _message_id(
                self._bot.edit_message_text(
                    _text(view, mode),
                    **where,
                    parse_mode=mode,
                    reply_markup=_keyboard(view),
                    link_preview_options=_NO_PREVIEW,
                )
            )

        await self._edit((chat_id, message_id, "text"), request, view, tries)

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
        reply = _reply(reply_to, only_as_reply=only_as_reply)

        async def request(mode: str | None) -> int:
            return await _message_id(
                self._bot.send_photo(
                    chat_id,
                    photo,
                    caption=_text(view, mode),
                    parse_mode=mode,
                    reply_markup=_keyboard(view),
                    reply_parameters=reply,
                    message_thread_id=thread_id,
                    disable_notification=quiet or None,
                )
            )

        return await self._formatted(chat_id, request, None)

    async def edit_photo(self, chat_id: int, message_id: int, photo: bytes, view: View) -> None:
        """Put another photo, with another caption, into a message of ours that has one."""

        async def request(mode: str | None) -> None:
            media = InputMediaPhoto(photo, caption=_text(view, mode), parse_mode=mode)
            await _message_id(self._bot.edit_message_media(media, chat_id, message_id, reply_markup=_keyboard(view)))

        await self._edit((chat_id, message_id, "photo"), request, None)

    async def edit_caption(self, chat_id: int, message_id: int, view: View) -> None:
        """Change what stands under a photo of ours, and keep the photo. Always sent: it tells whether that is there."""

        async def request(mode: str | None) -> None:
            await _message_id(
                self._bot.edit_message_caption(
                    chat_id, message_id, caption=_text(view, mode), parse_mode=mode, reply_markup=_keyboard(view)
                )
            )

        await self._edit((chat_id, message_id, "caption"), request, None)

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
            await self.call(chat_id, lambda: self._bot.answer_callback_query(query_id, text or None, show_alert=alert))
        except Refused as refusal:
            log.info("a press in chat %s was not answered: %s", chat_id, refusal)

    async def call(
        self, chat_id: int, request: Callable[[], Awaitable[T]], *, turn: Turn = Turn.OTHER, tries: int | None = None
    ) -> T:
        """Any other call for this chat, when it is its turn, repeated while it fails for a passing reason."""
        tried = 0
        while True:
            await self._limits.turn(chat_id, turn)
            await self._term.held()
            tried += 1
            try:
                with self._metrics.send_seconds.time():
                    return await request()
            except TelegramError as error:
                trouble = self._trouble(chat_id, error, tried)
            if tried >= (tries or self._timing.tries_at_once) or _longer(trouble.delay_s, self._timing.patience_s):
                raise trouble
            if not isinstance(trouble.__cause__, RetryAfter):  # that pause is the chat's, and sat out above
                await asyncio.sleep(self._timing.at_once.delay_s(tried))

    async def _formatted(self, chat_id: int, request: Request[T], tries: int | None) -> T:
        """As HTML, or plain if Telegram cannot read that."""
        try:
            return await self.call(chat_id, partial(request, ParseMode.HTML), turn=Turn.MESSAGE, tries=tries)
        except Refused as refusal:
            if "can't parse entities" not in str(refusal).lower():
                raise
            log.error("Telegram cannot read our HTML: %s", refusal)  # noqa: TRY400 - the text itself is people's
            return await self.call(chat_id, partial(request, None), turn=Turn.MESSAGE, tries=tries)

    def forget(self) -> None:
        """Another bot has spoken meanwhile: what our messages show is not known any more."""
        self._edits.forget()

    async def _edit(self, key: Key, request: Request[None], view: View | None, tries: int | None = None) -> None:
        async def send(newest: Callable[[], Request[None]]) -> None:
            def asked_for_at_the_last_moment(mode: str | None) -> Awaitable[None]:
                return newest()(mode)

            try:
                await self._formatted(key[0], asked_for_at_the_last_moment, tries)
            except Refused as refusal:
                if "not modified" not in str(refusal).lower():
                    raise

        await self._edits.show(key, request, send, view)

    def _trouble(self, chat_id: int, error: TelegramError, tried: int) -> Later:
        """What to make of an error: `Later`, or raise `Refused`."""
        if isinstance(error, Forbidden | BadRequest | ChatMigrated):
            raise Refused(error.message) from error
        delay_s = None
        if isinstance(error, RetryAfter):
            delay_s = min(seconds(error), LONGEST_PAUSE_S)
            self._limits.pause(chat_id, delay_s)
        elif isinstance(error, InvalidToken):  # revoked while we run: nothing to do but wait for the operator
            log.error("Telegram rejects the token: %s", error.message)
            delay_s = TOKEN_TROUBLE_S
        self._metrics.retries.labels(_reason(error)).inc()
        log.info("chat %s, try %s: %s", chat_id, tried, error.message)
        trouble = Later(error.message, delay_s)
        trouble.__cause__ = error
        return trouble


def _without_topic(refusal: Refused) -> bool:
    """Whether the topic is deleted or closed: then all topics see it, rather than nobody."""
    said = str(refusal).lower()
    return "thread not found" in said or "topic_" in said


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


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


def _reply(message_id: int | None, *, only_as_reply: bool) -> ReplyParameters | None:
    if message_id is None:
        return None
    return ReplyParameters(message_id, allow_sending_without_reply=not only_as_reply)


def _text(view: View, mode: str | None) -> str:
    return view.plain if mode is None else view.text


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


def _longer(delay_s: float | None, patience_s: float) -> bool:
    return delay_s is not None and delay_s > patience_s


def _reason(error: TelegramError) -> str:
    if isinstance(error, RetryAfter):
        return "too_many_requests"
    return "timeout" if isinstance(error, TimedOut) else "network"
