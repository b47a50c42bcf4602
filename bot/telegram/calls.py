"""A call to Telegram for a chat: when it may be made, and what becomes of it where it fails.

Telegram's limits are kept before they are hit, and the pauses that it asks for.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: one message a second in a chat with one
person, where short bursts may go over it; 20 messages a minute in a group; 30 messages a second overall. A pause that
Telegram asks for (429, retry_after) is that of one chat; all others are written to meanwhile.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError, TimedOut

from bot.errors import Later, Refused
from bot.metrics import Metrics
from bot.moving_window import MovingWindow
from bot.telegram.client import seconds
from bot.term import Term
from bot.timing import Timing

PRIVATE_S, PRIVATE_BURST = 1.0, 5
GROUP_MESSAGES, GROUP_S = 20, 62.0  # what counts is when Telegram gets them: some are on their way for longer
OVERALL_CALLS, OVERALL_S = 30, 1.05
NO_WAIT_S = 0.001
LONGEST_PAUSE_S = 300.0  # however long Telegram asks for: then it is tried once more
TOKEN_TROUBLE_S = 30.0
CHATS_KEPT = 10_000  # at 30 messages a second at most 1800 chats have been written to within a minute

log = logging.getLogger(__name__)

T = TypeVar("T")


class Turn(StrEnum):
    """What a call costs."""

    MESSAGE = "message"
    """A message, or an edit of one: counts in its chat, and overall."""
    OTHER = "other"
    """Telegram names no limit for it; it shares one of its own: a flood of presses shall not become one of calls."""
    COURTESY = "courtesy"
    """As `OTHER`, but not worth any waiting: it is left out."""


class Calls:
    """Calls on behalf of a chat. All raise `Later` when the chat cannot be reached now, and `Refused` when never.

    Nothing is said but within a term: while it is over, calls wait for its renewal, or for us being ended.
    """

    def __init__(self, term: Term, timing: Timing, metrics: Metrics) -> None:
        self._term = term
        self._timing = timing
        self._metrics = metrics
        self._limits = Limits(timing.patience_s, timing.limits_hurry, metrics)

    async def call(
        self, chat_id: int, request: Callable[[], Awaitable[T]], *, turn: Turn = Turn.OTHER, tries: int | None = None
    ) -> T:
        """Any call for this chat, when it is its turn, repeated while it fails for a passing reason."""
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
            if tried >= (tries or self._timing.tries_at_once) or (trouble.delay_s or 0.0) > self._timing.patience_s:
                raise trouble
            if not isinstance(trouble.__cause__, RetryAfter):  # that pause is the chat's, and sat out above
                await asyncio.sleep(self._timing.at_once.delay_s(tried))

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
        reason = "timeout" if isinstance(error, TimedOut) else "network"
        self._metrics.retries.labels("too_many_requests" if isinstance(error, RetryAfter) else reason).inc()
        log.info("chat %s, try %s: %s", chat_id, tried, error.message)
        trouble = Later(error.message, delay_s)
        trouble.__cause__ = error
        return trouble


class Limits:
    """Hands out turns. A turn that is far off is not waited for: `Later` says when to come back.

    A turn counts from the moment it is used, not from the one it was planned for: when the event loop stands still for
    a while, what was due meanwhile goes out one after the other at the usual pace, not all at once.

    Args:
        patience_s: how long a caller waits for its turn here.
        hurry: how many times faster than real time these limits are; tests hurry.
        metrics: get the waits.
    """

    def __init__(self, patience_s: float, hurry: float, metrics: Metrics) -> None:
        self._patience_s = patience_s
        self._metrics = metrics
        self._overall = [MovingWindow(OVERALL_CALLS, OVERALL_S / hurry) for _ in range(2)]
        self._messages, self._others = (_Gate("overall", window) for window in self._overall)
        self._chats = _Chats(hurry)

    def pause(self, chat_id: int, delay_s: float) -> None:
        """Telegram asks that this chat is left alone for so long."""
        chat = self._chats[chat_id]
        chat.paused_until = max(chat.paused_until, time.monotonic() + delay_s)

    async def turn(self, chat_id: int, turn: Turn = Turn.OTHER) -> None:
        """Wait until the call may be made, first come, first served. Raises: `Later` if that is too far off."""
        patience_s = 0.0 if turn is Turn.COURTESY else self._patience_s
        is_message = turn is Turn.MESSAGE
        chat, overall = self._chats[chat_id], self._messages if is_message else self._others
        chat.used_at = now = time.monotonic()
        waits_s = {"pause": chat.paused_until - now}
        for gate in (overall, chat.gate) if is_message else (overall,):
            waits_s[gate.name] = gate.rate.free_at(now, gate.waiting) - now
        for name, wait_s in waits_s.items():
            if wait_s > patience_s:
                raise self._later(name, wait_s)
        async with self._next(chat.gate) if is_message else nullcontext():
            await self._pass(chat, overall, patience_s)
            if is_message:
                chat.gate.rate.take(time.monotonic())

    async def _pass(self, chat: "_Chat", overall: "_Gate", patience_s: float) -> None:
        """Through the gate that all chats share. Nobody waits out a pause of their chat's inside it."""
        while True:
            while (left_s := chat.paused_until - time.monotonic()) > 0:
                if left_s > patience_s:
                    raise self._later("pause", left_s)
                with self._metrics.limiter_seconds.labels("pause").time():
                    await asyncio.sleep(left_s)
            async with self._next(overall):
                if (now := time.monotonic()) >= chat.paused_until:
                    overall.rate.take(now)
                    return

    @asynccontextmanager
    async def _next(self, gate: "_Gate") -> AsyncIterator[None]:
        """Come to the head of the line, and wait there until one more is within the limit: whoever is inside."""
        began = time.monotonic()
        gate.waiting += 1
        try:
            async with gate.head:
                while (left_s := gate.rate.free_at(now := time.monotonic()) - now) > 0:  # noqa: ASYNC110 - time is it
                    await asyncio.sleep(left_s)
                if now > began + NO_WAIT_S:
                    self._metrics.limiter_seconds.labels(gate.name).observe(now - began)
                yield
        finally:
            gate.waiting -= 1

    def _later(self, name: str, wait_s: float) -> Later:
        self._metrics.put_off.labels(name).inc()
        return Later("Telegram asked for a pause" if name == "pause" else f"Telegram's limit ({name})", wait_s)


class _Rate(Protocol):
    def free_at(self, now: float, ahead: int = 0) -> float:
        """From when on one more is within the limit, if so many others go first, each as soon as it may."""

    def take(self, at: float) -> None:
        """One more, then: not before `free_at`."""


@dataclass(slots=True)
class _Gate:
    """A limit, and how many wait for it; the lock serves them in the order in which they came."""

    name: str
    rate: _Rate
    waiting: int = 0
    head: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class _Chat:
    gate: _Gate
    paused_until: float = 0.0
    used_at: float = 0.0

    def idle(self, now: float) -> bool:
        """Whether it can be forgotten: by now it is as free as one that was never written to."""
        return not self.gate.waiting and self.paused_until <= now and self.used_at <= now - GROUP_S


class _Chats(dict[int, _Chat]):
    """Those that are, or were lately, written to."""

    def __init__(self, hurry: float) -> None:
        super().__init__()
        self._hurry = hurry

    def __missing__(self, chat_id: int) -> _Chat:
        now = time.monotonic()
        if len(self) >= CHATS_KEPT:
            for key in [key for key, chat in self.items() if chat.idle(now)]:
                del self[key]
        if chat_id > 0:
            gate = _Gate("chat", _Bursts(PRIVATE_BURST, PRIVATE_S / self._hurry))
        else:
            gate = _Gate("group", MovingWindow(GROUP_MESSAGES, GROUP_S / self._hurry))
        chat = self[chat_id] = _Chat(gate, used_at=now)
        return chat


@dataclass(slots=True)
class _Bursts:
    """One in `every_s`, and `count` at once after a rest (the generic cell rate algorithm, ITU-T I.371)."""

    count: int
    every_s: float
    due: float = 0.0

    def free_at(self, now: float, ahead: int = 0) -> float:
        return max(now, max(now, self.due) + (ahead - self.count + 1) * self.every_s)

    def take(self, at: float) -> None:
        self.due = max(at, self.due) + self.every_s
