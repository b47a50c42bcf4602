"""Stored updates on their way to the handlers: in order within a chat, chats in parallel, and none lost.

What brings a file is in order among its like only: fetching it does not hold up commands and presses that come later.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from time import monotonic
from typing import Any

from telegram import User

from bot.conversation.callback import Toast
from bot.conversation.context import Context
from bot.conversation.photo.view import failure, something_wrong
from bot.conversation.replies import alert, reply
from bot.conversation.router import Router
from bot.errors import Later, Refused
from bot.pipeline.stage import Mark, Stage
from bot.telegram.client import FileGone
from bot.telegram.raw_update import Malformed, cleaned, incoming, kind_of, parse, update_id_of
from bot.telegram.update import ChatUpdate, UpdateKind, chat_update
from bot.texts import pick
from bot.timing import Timing
from core.clock import utc_now
from core.out_of_files import out_of_files
from core.supervisor import Supervisor
from core.trace import trace_of, traced
from db.chat.inbox import InboxRecord, IncomingUpdate
from db.database import Database
from db.errors import DatabaseError, DatabaseUnavailable, PhotoStoreError, PhotoStoreUnavailable
from db.unit import Unit
from inference.queue.protocol import Failure

LIVES = 10  # an update in whose handling the process died that often is not tried again
TRIES_IN_TROUBLE = 12  # with the network, the database, the disk: about seven minutes
TRIES_WITHOUT_STORE = float("inf")  # neither photo nor apology could be noted: the update waits until it can be
TRIES_IN_ERROR = 3  # of ours: trying again seldom helps
SEEN_EVERY = timedelta(hours=1)  # it is noted that often that somebody is here
COUNTED_FOR_S = 0.5  # how long it is believed that there is room
HARD_LIMIT = 10  # times the limit of what is due: the bound on what sleeps behind chats in trouble

log = logging.getLogger(__name__)


class Intake:
    """Commits raw updates to the inbox: what `accept` has taken will be handled, by whichever bot leads."""

    def __init__(self, database: Database, limit: int, look: Callable[[], None]) -> None:
        """`limit`: of updates that are due; so many times more may be asleep. `look`: tells whoever handles them."""
        self._database = database
        self._limit = limit
        self._look = look
        self._counted_at = -COUNTED_FOR_S
        self._full = False

    async def accept(self, payloads: Sequence[Mapping[str, Any]]) -> int:
        """Commit raw updates to the inbox and have the new ones handled. Returns: how many were new.

        Raises: DatabaseError - nothing was stored.
        """
        updates: list[IncomingUpdate] = []
        for payload in map(cleaned, payloads):
            if (update := incoming(payload)) is not None:
                updates.append(update)
            elif update_id_of(payload) is None:
                log.error("an update without an id was dropped; it has %s", sorted(payload))
        try:
            new = await self._database.write(lambda unit: unit.inbox.add(updates))
        except DatabaseError:
            raise
        except Exception:  # noqa: BLE001 - logged below
            new = await self._store_each(updates)
        kinds = {one.update_id: kind_of(one.payload) for one in updates}
        if not kinds.keys() >= set(new):  # some are stored under another id
            kinds |= {one.other_id: kind_of(one.payload) for one in updates}
        for update_id in new:
            with traced(trace_of(update_id)):
                log.info("update taken", extra={"kind": kinds[update_id]})
        if new:
            self._look()
        return len(new)

    async def full(self) -> bool:
        """Whether there are so many that Telegram shall keep further ones. Raises DatabaseError."""
        if monotonic() - self._counted_at >= COUNTED_FOR_S:
            async with self._database.unit(read_only=True) as unit:
                due = await unit.inbox.count_pending(self._limit, due=True)
                pending = await unit.inbox.count_pending(self._limit * HARD_LIMIT) if due < self._limit else 0
            self._full = due >= self._limit or pending >= self._limit * HARD_LIMIT
            self._counted_at = monotonic()
        return self._full

    async def _store_each(self, updates: Sequence[IncomingUpdate]) -> list[int]:
        """One of them cannot be stored at all; the others must not suffer. Raises DatabaseError."""
        new: list[int] = []
        for update in updates:
            try:
                new += await self._database.write(partial(_add, update))
            except DatabaseError:
                raise
            except Exception:
                log.exception("update %s cannot be stored and was dropped", update.update_id)
        return new


async def _add(update: IncomingUpdate, unit: Unit) -> list[int]:
    return await unit.inbox.add([update])


class InboxStage:
    """Hands stored updates to the handlers; the error edge."""

    def __init__(
        self, context: Context, router: Router, saves: Supervisor, *, places: int, language: str, timing: Timing
    ) -> None:
        self._context = context
        self._router = router
        self._language = language
        self._suspect_before: datetime | None = None
        self.stage = Stage[InboxRecord](
            "inbox",
            attrgetter("inbox"),
            attrgetter("update_id"),
            self._handle,
            context.database,
            saves,
            places=places,
            backoff=timing.in_trouble,
        )

    def suspect(self, before: datetime) -> None:
        """Whoever led before was cut off: an update that had come by then may be what the process died of."""
        self._suspect_before = before

    async def _handle(self, row: InboxRecord) -> Mark | None:
        """Whatever happens to one update, its chat gets a word and the next update its turn."""
        update: ChatUpdate | None = None
        with traced(trace_of(row.update_id)):
            if not row.tries:
                self._context.metrics.updates.labels(kind_of(row.payload or {})).inc()
            try:
                update, noted = await self._read(row), False
                if update is not None:
                    if self._suspect_before is not None and row.received_at < self._suspect_before:
                        await self._begin(row, update)
                    noted = await self._router.handle(update, self._context)
            except Refused as refusal:
                return self._end(row, "refused", str(refusal))
            except Malformed as error:
                log.warning("%s", error)
                return self._end(row, "malformed", str(error))
            except _GivenUp as end:
                return self._end(row, "failed", str(end))
            except Exception as trouble:  # noqa: BLE001 - logged where it is one of ours
                return await self._put_off(row, update, trouble)
            return self._end(row, "done", noted=noted)

    async def _read(self, row: InboxRecord) -> ChatUpdate | None:
        """None: it is not for us, or nobody's. Raises: Malformed, DatabaseError."""
        parsed = parse(row.payload or {})
        if parsed is None or row.chat_id is None:
            return None
        # A reaction of an anonymous admin is nobody's.
        sender = parsed.effective_user if parsed.message_reaction is not None else parsed.effective_sender
        if sender is None:
            return None
        user_id, language_code = sender.id, sender.language_code if isinstance(sender, User) else None
        written = None if parsed.callback_query is not None else parsed.effective_message
        edited = parsed.edited_message is not None or parsed.edited_channel_post is not None
        private = written is not None and written.chat.type == "private" and written.guest_query_id is None
        asked = written is None or (private and not edited) or await self._context.groups.asked(written, edited=edited)
        async with self._context.database.unit(read_only=True) as unit:
            user = await unit.users.get(user_id)
        # It is noted now and then that somebody is here. Who only looks breeds up in other chats stays unknown, and so
        # does who talks, or reacts, to others in a group.
        nobody = parsed.inline_query is not None or parsed.message_reaction is not None or not asked
        if not nobody and (
            user is None
            or user.language_code != (language_code or user.language_code)
            or utc_now() - user.seen_at > SEEN_EVERY
        ):
            user = await self._context.database.write(lambda unit: unit.users.seen(user_id, language_code))
        language = pick(user.language if user else None, language_code, self._language)
        return chat_update(parsed, row.update_id, row.chat_id, user_id, user, language, asked=asked, edited=edited)

    async def _begin(self, row: InboxRecord, update: ChatUpdate) -> None:
        """Note it before it is handled, as the process may have died of it. Raises: _GivenUp, DatabaseError."""
        times = await self._context.database.write(lambda unit: unit.inbox.begin(row.update_id))
        if times > LIVES:
            reason = f"the process ended {times - 1} times while handling it"
            await self._give_up(row, update, reason)
            raise _GivenUp(reason)

    async def _put_off(self, row: InboxRecord, update: ChatUpdate | None, trouble: Exception) -> Mark | None:
        """It is tried again, so many times. Raises: Later."""
        if isinstance(trouble, DatabaseUnavailable | PhotoStoreUnavailable) or out_of_files(trouble):
            tries = TRIES_WITHOUT_STORE
        elif isinstance(trouble, Later | DatabaseError | PhotoStoreError):
            tries = TRIES_IN_TROUBLE
        else:
            log.error("update %s: the handler failed, try %s", row.update_id, row.tries + 1, exc_info=trouble)
            tries = TRIES_IN_ERROR
        if row.tries + 1 >= tries:
            reason = await self._give_up(row, update, f"{type(trouble).__name__}: {trouble}", trouble)
            return self._end(row, "refused" if isinstance(trouble, FileGone) else "failed", reason)
        if isinstance(trouble, Later):
            raise trouble
        raise Later(f"{type(trouble).__name__}: {trouble}") from trouble

    async def _give_up(
        self, row: InboxRecord, update: ChatUpdate | None, reason: str, trouble: Exception | None = None
    ) -> str:
        """Tell the sender; as long as that cannot be done either, the update stays, to be tried again."""
        level = logging.WARNING if isinstance(trouble, FileGone) else logging.ERROR
        log.log(level, "update %s is given up after %s tries: %s", row.update_id, row.tries + 1, reason)
        try:
            if update is not None:
                await self._apologise(update, Failure.MISSING if isinstance(trouble, FileGone) else Failure.INTERNAL)
        except Refused as refusal:
            reason = f"{reason}; {refusal}"
        return reason

    def _end(self, row: InboxRecord, outcome: str, error: str | None = None, *, noted: bool = False) -> Mark | None:
        """`noted`: in the transaction that stored what came of it."""
        self._context.metrics.handled.labels(outcome).inc()
        self._context.metrics.outcomes.note(failed=outcome == "failed")

        async def mark(unit: Unit) -> int | None:
            return await unit.inbox.finish(row.update_id, None if error is None else error[:500])

        return None if noted else mark

    async def _apologise(self, update: ChatUpdate, reason: Failure) -> None:
        if update.query is not None:
            await alert(update, self._context, Toast.TRY_AGAIN)
        elif update.message is not None:
            is_photo = update.kind in {UpdateKind.PHOTO, UpdateKind.GUEST}
            if (is_photo and update.asked) or update.private:  # in groups nobody expects an answer to anything else
                view = failure(reason, update.language) if is_photo else something_wrong(update.language)
                await reply(update, self._context, view)


class _GivenUp(Exception):
    """It is not handled, and its sender knows."""
