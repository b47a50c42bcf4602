"""Stored updates on their way to the handlers: in order within a chat, chats in parallel, and none lost.

What brings a file is in order among its like only: fetching it does not hold up commands and presses that come later.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from time import monotonic
from typing import Any

from telegram import Message, Update

from bot.conversation.context import Context
from bot.conversation.photo.view import failure, something_wrong
from bot.conversation.replies import alert, reply
from bot.conversation.router import Router
from bot.conversation.toast import Toast
from bot.errors import Later, Refused
from bot.pipeline.stage import Mark, Stage
from bot.telegram.client import FileGone
from bot.telegram.update import (
    ChatUpdate,
    Malformed,
    Person,
    UpdateKind,
    incoming,
    is_edited,
    kind_of,
    message_of,
    parse,
    sender_of,
    wanted,
)
from bot.telegram.update_schema import cleaned
from bot.texts import pick
from bot.timing import Timing
from core.clock import utc_now
from core.out_of_files import out_of_files
from core.supervisor import Supervisor
from core.trace import trace_of, traced
from db.chat.chat_records import UserRecord
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
        for payload in filter(wanted, map(cleaned, payloads)):  # of what people mend much is nobody's business
            if (update := incoming(payload)) is not None:
                updates.append(update)
            else:
                log.error("an update without an id was dropped; it has %s", sorted(payload))
        new = await self._store(updates)
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

    async def _store(self, updates: list[IncomingUpdate]) -> list[int]:
        try:
            return await self._database.write(lambda unit: unit.inbox.add(updates))
        except DatabaseError:
            raise
        except Exception:  # one of them cannot be stored at all; the others must not suffer
            if len(updates) == 1:
                log.exception("update %s cannot be stored and was dropped", updates[0].update_id)
                return []
        return [update_id for one in updates for update_id in await self._store([one])]


class InboxStage:
    """Hands stored updates to the handlers; the error edge."""

    def __init__(
        self, context: Context, router: Router, saves: Supervisor, *, places: int, language: str, timing: Timing
    ) -> None:
        self._context = context
        self._router = router
        self._language = language
        self._timing = timing
        self._suspect_before: datetime | None = None
        self.stage = Stage(
            "inbox",
            lambda unit: unit.inbox,
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
        with traced(trace_of(row.update_id)):
            kind = kind_of(row.payload or {})
            if not row.tries:
                self._context.metrics.updates.labels(kind).inc()
            return await self._handled(row)

    async def _handled(self, row: InboxRecord) -> Mark | None:  # noqa: PLR0911 - one for each way to end
        update: ChatUpdate | None = None
        try:
            parsed = parse(row.payload or {})
            if parsed is not None:
                update = await self._read(row, parsed)
                await self._begun(row, update)
                if await self._router.handle(update, self._context):
                    self._count("done")
                    return None
        except Refused as refusal:
            return self._end(row, "refused", str(refusal))
        except Malformed as error:
            log.warning("%s", error)
            return self._end(row, "malformed", str(error))
        except _GivenUp as end:
            return self._end(row, "failed", str(end))
        except (DatabaseUnavailable, PhotoStoreUnavailable) as trouble:
            return await self._put_off(row, update, trouble, TRIES_WITHOUT_STORE)
        except (Later, DatabaseError, PhotoStoreError) as trouble:
            tries = TRIES_WITHOUT_STORE if out_of_files(trouble) else TRIES_IN_TROUBLE
            return await self._put_off(row, update, trouble, tries)
        except Exception as error:
            if out_of_files(error):
                return await self._put_off(row, update, error, TRIES_WITHOUT_STORE)
            log.exception("update %s: the handler failed, try %s", row.update_id, row.tries + 1)
            return await self._put_off(row, update, error, TRIES_IN_ERROR)
        return self._end(row, "done")

    async def _begun(self, row: InboxRecord, update: ChatUpdate) -> None:
        """Note it before it is handled, if the process may have died of it. Raises _GivenUp."""
        if self._suspect_before is None or row.received_at >= self._suspect_before:
            return
        times = await self._context.database.write(lambda unit: unit.inbox.begin(row.update_id))
        if times > LIVES:
            reason = f"the process ended {times - 1} times while handling it"
            await self._give_up(row, update, reason)
            raise _GivenUp(reason)

    async def _read(self, row: InboxRecord, parsed: Update) -> ChatUpdate:
        person, chat_id = sender_of(parsed), row.chat_id
        if person is None or chat_id is None:
            raise Malformed(f"update {row.update_id} has no sender or no chat")
        query, written = parsed.callback_query, message_of(parsed)
        asked = written is None or await self._context.groups.asked(written, edited=is_edited(parsed))
        async with self._context.database.unit(read_only=True) as unit:
            user = await unit.users.get(person.id)
        # Who only looks breeds up in other chats stays unknown, and so does who talks, or reacts, to others in a group.
        known_only = parsed.inline_query is not None or parsed.message_reaction is not None
        if not known_only and asked and _is_news(user, person):
            user = await self._context.database.write(lambda unit: unit.users.seen(person.id, person.language_code))
        about = query.message if query is not None else written
        changed = parsed.my_chat_member or parsed.message_reaction
        chat = about.chat if about is not None else changed.chat if changed is not None else None
        return ChatUpdate(
            update_id=row.update_id,
            user_id=person.id,
            chat_id=chat_id,
            private=(chat is None or chat.type == "private") and parsed.guest_message is None,
            message=about if isinstance(about, Message) else None,
            query=query,
            language=pick(user.language if user else None, person.language_code, self._language),
            awaiting_search_for=user.awaiting_search_for if user else None,
            reviewing=user.reviewing if user else None,
            consent=user.consent if user else None,
            banned=user is not None and user.banned_at is not None,
            inline=parsed.inline_query,
            asked=asked,
            edited=is_edited(parsed),
            member=parsed.my_chat_member,
            reaction=parsed.message_reaction,
        )

    async def _put_off(self, row: InboxRecord, update: ChatUpdate | None, trouble: Exception, tries: float) -> Mark:
        if row.tries + 1 >= tries:
            reason = f"{type(trouble).__name__}: {trouble}"
            outcome = "refused" if isinstance(trouble, FileGone) else "failed"
            return self._end(row, outcome, await self._give_up(row, update, reason, trouble))
        raise trouble if isinstance(trouble, Later) else Later(f"{type(trouble).__name__}: {trouble}") from trouble

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

    def _end(self, row: InboxRecord, outcome: str, error: str | None = None) -> Mark:
        async def mark(unit: Unit) -> int:
            return await unit.inbox.finish(row.update_id, None if error is None else error[:500])

        self._count(outcome)
        return mark

    def _count(self, outcome: str) -> None:
        self._context.metrics.handled.labels(outcome).inc()
        self._context.metrics.outcomes.note(failed=outcome == "failed")

    async def _apologise(self, update: ChatUpdate, reason: Failure) -> None:
        if update.query is not None:
            await alert(update, self._context, Toast.TRY_AGAIN)
        elif update.message is not None:
            is_photo = update.kind in {UpdateKind.PHOTO, UpdateKind.GUEST}
            if (is_photo and update.asked) or update.private:  # in groups nobody expects an answer to anything else
                view = failure(reason, update.language) if is_photo else something_wrong(update.language)
                await reply(update, self._context, view)


def _is_news(user: UserRecord | None, person: Person) -> bool:
    """Whether it is worth a note that this person is here."""
    if user is None or user.language_code != (person.language_code or user.language_code):
        return True
    return utc_now() - user.seen_at > SEEN_EVERY


class _GivenUp(Exception):
    """It is not handled, and its sender knows."""
