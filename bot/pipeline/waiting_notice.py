"""Keeps people company until their answer comes: "typing…", and after a while their place in the queue."""

import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from bot.conversation.photo.view import queue_position
from bot.errors import Later, Refused
from bot.pipeline.jobs import Submitter
from bot.telegram.message import View
from bot.telegram.sender import Sender
from bot.timing import Timing
from core.supervisor import Supervisor
from db.chat.chat_records import JobRecord
from db.database import Database
from db.errors import DatabaseError

CHATS_AT_ONCE = 32
CHATS_A_SECOND = 10  # a third of what Telegram allows: the rest is for answers
NOTICE_EVERY_S = 10.0  # at most one new word about the queue per chat in this time

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Guest:
    message_id: int  # of the photo
    language: str
    since: float
    thread_id: int | None


@dataclass(slots=True)
class _Chat:
    guests: dict[int, _Guest] = field(default_factory=dict)  # by job id, oldest first
    typed_at: float = -1e9
    noticed_at: float = -1e9
    notice: tuple[int, int, View] | None = None  # job id, message id, what it says
    busy: bool = False


class WaitingNotices:
    """All chats that wait for an answer. Everything here is a courtesy: one try, and trouble is nobody's business."""

    def __init__(
        self,
        sender: Sender,
        submitter: Submitter,
        database: Database,
        supervisor: Supervisor,
        timing: Timing,
    ) -> None:
        self._sender = sender
        self._submitter = submitter
        self._database = database
        self._supervisor = supervisor
        self._timing = timing
        self._chats: dict[int, _Chat] = {}
        self._busy = 0
        self._entered = asyncio.Event()

    def enter(self, job: JobRecord, language: str) -> None:
        """From now on this photo's sender waits."""
        chat = self._chats.setdefault(job.chat_id, _Chat())
        chat.guests.setdefault(job.id, _Guest(job.message_id, language, monotonic(), job.thread_id))
        self._entered.set()

    def see_off(self, jobs: Sequence[JobRecord]) -> None:
        """Their answer is out, one for all of a chat; messages about the queue that it replaces are taken away."""
        notices: set[tuple[int, int | None]] = set()
        for job in jobs:
            notice_id, chat = job.progress_message_id, self._chats.get(job.chat_id)
            if chat is not None and chat.guests.pop(job.id, None) is not None:
                if chat.notice is not None and chat.notice[0] == job.id:
                    notice_id, chat.notice = chat.notice[1], None
                if not chat.guests:
                    del self._chats[job.chat_id]
            notices.add((job.chat_id, notice_id))
        for chat_id, notice_id in notices:
            if notice_id is not None:
                self._supervisor.start(self._sender.tidy(chat_id, notice_id), f"notice in chat {chat_id}")

    async def run(self) -> None:
        """Attend to everybody until cancelled."""
        tick_s = min(self._timing.typing_every_s, self._timing.notice_after_s) / 3
        chats_a_tick = math.ceil(CHATS_A_SECOND * tick_s)
        while True:
            while not self._chats:
                self._entered.clear()
                await self._entered.wait()
            await asyncio.sleep(tick_s)  # whose answer comes in a moment needs no company
            # Whose answer does not come may have been forgotten meanwhile, and never gets one.
            too_early = monotonic() - self._timing.company_s
            for chat in self._chats.values():
                chat.guests = {job_id: guest for job_id, guest in chat.guests.items() if guest.since >= too_early}
            self._chats = {chat_id: chat for chat_id, chat in self._chats.items() if chat.guests}
            idle = [(chat_id, chat) for chat_id, chat in self._chats.items() if not chat.busy]
            due = [(chat.typed_at, chat_id) for chat_id, chat in idle if any(self._due(chat))]
            for _, chat_id in sorted(due)[: min(CHATS_AT_ONCE - self._busy, chats_a_tick)]:  # the longest alone first
                self._chats[chat_id].busy = True
                self._busy += 1
                self._supervisor.start(self._attend(chat_id, self._chats[chat_id]), f"company for chat {chat_id}")

    def _due(self, chat: _Chat) -> tuple[bool, bool]:
        """Whether "typing…" is to be shown there, and whether they are to be told of the queue."""
        oldest, now = next(iter(chat.guests.values()), None), monotonic()
        if oldest is None:
            return False, False
        waits = now - oldest.since >= self._timing.notice_after_s
        return now - chat.typed_at >= self._timing.typing_every_s, waits and now - chat.noticed_at >= NOTICE_EVERY_S

    async def _attend(self, chat_id: int, chat: _Chat) -> None:
        types, tells = self._due(chat)
        try:
            async with asyncio.timeout(self._timing.request_s):
                if types:
                    chat.typed_at = monotonic()
                    await self._sender.typing(chat_id, next(iter(chat.guests.values())).thread_id)
                if tells:
                    chat.noticed_at = monotonic()
                    await self._tell(chat_id, chat)
        except (Later, Refused, TimeoutError, DatabaseError) as trouble:
            log.debug("chat %s waits without company: %s", chat_id, trouble)
        finally:
            chat.busy = False
            self._busy -= 1

    async def _tell(self, chat_id: int, chat: _Chat) -> None:
        if not chat.guests:
            return
        job_id, guest = next(iter(chat.guests.items()))
        position = self._submitter.position(job_id)
        view = queue_position(position, self._submitter.throughput.wait_s(position), guest.language)
        if chat.notice is not None and chat.notice[0] == job_id:
            _, message_id, shown = chat.notice
            if shown != view:
                chat.notice = (job_id, message_id, view)
                await self._sender.edit(chat_id, message_id, view, tries=1)
            return
        message_id = await self._sender.send(chat_id, view, guest.message_id, thread_id=guest.thread_id, tries=1)
        if job_id not in chat.guests:  # answered while this was under way
            await self._sender.tidy(chat_id, message_id)
            return
        chat.notice = (job_id, message_id, view)
        await self._database.write(lambda unit: unit.jobs.set_progress_message(job_id, message_id))
