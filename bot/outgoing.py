"""Everything the bot says goes out here: with retries, and with pauses that Telegram asks for kept per chat."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
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

from bot.lanes import Later
from bot.metrics import Metrics
from bot.pace import Pace
from bot.telegram_bot import TelegramBot
from bot.views.view import View

PAUSES_KEPT = 10_000
TOKEN_TROUBLE_S = 30.0

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
log = logging.getLogger(__name__)

T = TypeVar("T")


class Refused(Exception):
    """Telegram will not do this, however often it is asked: blocked, chat or message gone, bad request."""


class Outgoing:
    """Calls on behalf of a chat. All raise `Later` when the chat cannot be reached now, and `Refused` when never."""

    def __init__(self, bot: TelegramBot, pace: Pace, metrics: Metrics) -> None:
        self._bot = bot
        self._pace = pace
        self._metrics = metrics
        self._paused_until: dict[int, float] = {}

    async def send(self, chat_id: int, view: View, reply_to: int | None = None, *, tries: int | None = None) -> int:
        """Send a message. Returns: its id. ``reply_to`` may have been deleted meanwhile."""
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to is not None else None

        async def request(text: str, mode: str | None) -> int:
            sent = await self._bot.send_message(
                chat_id,
                text,
                parse_mode=mode,
                reply_markup=_keyboard(view),
                reply_parameters=reply,
                link_preview_options=_NO_PREVIEW,
            )
            return sent.message_id

        try:
            return await self._formatted(chat_id, view, request, tries)
        except Refused as refusal:
            if not isinstance(refusal.__cause__, ChatMigrated):
                raise
            # The group became a supergroup: same people, new id, and other message ids, so no reply.
            return await self.send(refusal.__cause__.new_chat_id, view, tries=tries)

    async def edit(self, chat_id: int, message_id: int, view: View, *, tries: int | None = None) -> None:
        """Change a message of ours; one that looks like that already is fine."""

        async def request(text: str, mode: str | None) -> None:
            await self._bot.edit_message_text(
                text,
                chat_id,
                message_id,
                parse_mode=mode,
                reply_markup=_keyboard(view),
                link_preview_options=_NO_PREVIEW,
            )

        try:
            await self._formatted(chat_id, view, request, tries)
        except Refused as refusal:
            if "not modified" not in str(refusal).lower():
                raise

    async def tidy(self, chat_id: int, message_id: int) -> None:
        """Take a message of ours away. If that fails it stays: not worth troubling anybody."""
        try:
            await self.call(chat_id, lambda: self._bot.delete_message(chat_id, message_id))
        except (Refused, Later) as trouble:
            log.info("message %s in chat %s stays: %s", message_id, chat_id, trouble)

    async def typing(self, chat_id: int) -> None:
        """Show "typing…" for five seconds."""
        await self.call(chat_id, lambda: self._bot.send_chat_action(chat_id, ChatAction.TYPING), tries=1)

    async def answer_press(self, chat_id: int, query_id: str, text: str = "", *, alert: bool = False) -> None:
        """End the spinner on a button, perhaps with words. One that was pressed too long ago is let be."""
        try:
            await self.call(chat_id, lambda: self._bot.answer_callback_query(query_id, text or None, show_alert=alert))
        except Refused as refusal:
            log.info("a press in chat %s was not answered: %s", chat_id, refusal)

    async def call(self, chat_id: int, request: Callable[[], Awaitable[T]], *, tries: int | None = None) -> T:
        """Any other call for this chat, repeated while it fails for a passing reason."""
        tried = 0
        while True:
            await self._sit_out(chat_id)
            tried += 1
            try:
                with self._metrics.send_seconds.time():
                    return await request()
            except TelegramError as error:
                trouble = self._trouble(chat_id, error, tried)
            if tried >= (tries or self._pace.tries_at_once) or _longer(trouble.delay_s, self._pace.patience_s):
                raise trouble
            if not isinstance(trouble.__cause__, RetryAfter):  # that pause is the chat's, and sat out above
                await asyncio.sleep(self._pace.at_once.delay_s(tried))

    async def _formatted(
        self, chat_id: int, view: View, request: Callable[[str, str | None], Awaitable[T]], tries: int | None
    ) -> T:
        try:
            return await self.call(chat_id, lambda: request(view.text, ParseMode.HTML), tries=tries)
        except Refused as refusal:
            if "can't parse entities" not in str(refusal).lower():
                raise
            log.exception("Telegram refuses the HTML of %r", view.text[:200])
            return await self.call(chat_id, lambda: request(view.plain, None), tries=tries)

    def _trouble(self, chat_id: int, error: TelegramError, tried: int) -> Later:
        """What to make of an error: `Later`, or raise `Refused`."""
        if isinstance(error, Forbidden | BadRequest | ChatMigrated):
            raise Refused(error.message) from error
        delay_s = None
        if isinstance(error, RetryAfter):
            delay_s = seconds(error)
            self._pause(chat_id, delay_s)
        elif isinstance(error, InvalidToken):  # revoked while we run: nothing to do but wait for the operator
            log.error("Telegram rejects the token: %s", error.message)
            delay_s = TOKEN_TROUBLE_S
        self._metrics.retries.labels(_reason(error)).inc()
        log.info("chat %s, try %s: %s", chat_id, tried, error.message)
        trouble = Later(error.message, delay_s)
        trouble.__cause__ = error
        return trouble

    def _pause(self, chat_id: int, delay_s: float) -> None:
        now = time.monotonic()
        if len(self._paused_until) >= PAUSES_KEPT:
            self._paused_until = {chat: until for chat, until in self._paused_until.items() if until > now}
        self._paused_until[chat_id] = max(now + delay_s, self._paused_until.get(chat_id, 0.0))

    async def _sit_out(self, chat_id: int) -> None:
        """Wait until the chat may be written to again. Raises: `Later` if that is far off."""
        while (until := self._paused_until.get(chat_id)) is not None:
            left_s = until - time.monotonic()
            if left_s > self._pace.patience_s:
                raise Later("Telegram asked for a pause", left_s)
            if left_s <= 0:
                del self._paused_until[chat_id]
            else:
                await asyncio.sleep(left_s)


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _keyboard(view: View) -> InlineKeyboardMarkup | None:
    if not view.keyboard:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(button.text, callback_data=button.data) for button in row] for row in view.keyboard]
    )


def _longer(delay_s: float | None, patience_s: float) -> bool:
    return delay_s is not None and delay_s > patience_s


def _reason(error: TelegramError) -> str:
    if isinstance(error, RetryAfter):
        return "too_many_requests"
    return "timeout" if isinstance(error, TimedOut) else "network"
