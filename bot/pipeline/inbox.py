"""Stored updates on their way to the handlers: in order within a chat, chats in parallel, and none lost."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import Message, Update

from bot.conversation.context import Context
from bot.conversation.photo.failure import failure, something_wrong
from bot.conversation.router import Router
from bot.conversation.toast import Toast, toast
from bot.pipeline.keyed_queue import KeyedQueue, Later
from bot.pipeline.partitions.ownership import Alone, Ownership, Wakes
from bot.pipeline.partitions.permission import LeaseRanOut, check_permission, under
from bot.telegram.sender import Refused
from bot.telegram.update import (
    ChatUpdate,
    Malformed,
    UpdateKind,
    album_of,
    chat_id_of,
    kind_of,
    message_of,
    parse,
    sender_of,
    update_id_of,
)
from bot.telegram.update_schema import cleaned
from bot.texts import pick
from bot.timing import Timing
from core.trace import trace_of, traced
from db.chat.chat_records import InboxRecord, IncomingUpdate
from db.errors import DatabaseError, DatabaseUnavailable, PhotoStoreError, PhotoStoreUnavailable
from db.partitions import ALL, Partitions, partition_of
from inference.queue.protocol import Failure

LIVES = 10  # an update in whose handling the process died that often is not tried again
TRIES_IN_TROUBLE = 12  # with the network, the database, the disk: about seven minutes
TRIES_WITHOUT_STORE = float("inf")  # neither photo nor apology could be noted: the update waits until it can be
TRIES_IN_ERROR = 3  # of ours: trying again seldom helps
HARD_LIMIT = 10  # times the soft one: the bound on what chats in trouble may pile up

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _End:
    """How the handling of an update ended. It is not handled again, even if the database cannot take note at once."""

    outcome: str
    error: str | None = None


@dataclass(slots=True)
class _Letter:
    update_id: int
    chat_id: int | None
    payload: Mapping[str, Any]
    tries: int = 0  # in this life of the process
    update: ChatUpdate | None = None
    end: _End | None = None


class InboxStage:
    """Every update that `accept` has taken is in the database and will be handled, if not now then after a restart.

    By us if its chat is ours; else the bot whose it is has been woken, and finds it in any case.
    """

    def __init__(
        self,
        context: Context,
        router: Router,
        *,
        places: int,
        inbox_limit: int,
        language: str,
        timing: Timing,
        ownership: Ownership | None = None,
        wakes: Wakes | None = None,
    ) -> None:
        self._ownership = ownership or Alone()
        self._wakes = wakes
        self._context = context
        self._router = router
        self._inbox_limit = inbox_limit
        self._language = language
        self._timing = timing
        self._known: set[int] = set()
        self._queue: KeyedQueue[_Letter] = KeyedQueue(self._handle, places, timing.in_trouble)

    async def accept(self, payloads: Sequence[Mapping[str, Any]]) -> int:
        """Commit raw updates to the inbox and have the new ones handled. Returns: how many were new.

        Raises: DatabaseError - nothing was stored.
        """
        letters: dict[int, IncomingUpdate] = {}
        for payload in map(cleaned, payloads):
            update_id = update_id_of(payload)
            if update_id is None:
                log.error("an update without an id was dropped; it has %s", sorted(payload))
                continue
            letters.setdefault(update_id, IncomingUpdate(update_id, chat_id_of(payload), payload))
        new = [letters[update_id] for update_id in await self._store(list(letters.values()))]
        for letter in new:
            if self._ownership.owns(letter.chat_id):
                self._put(_Letter(letter.update_id, letter.chat_id, letter.payload))
        await self._wake_others(new)
        return len(new)

    async def _wake_others(self, updates: list[IncomingUpdate]) -> None:
        others: dict[int, list[int]] = {}
        for parsed in updates:
            if not self._ownership.owns(parsed.chat_id):
                others.setdefault(partition_of(parsed.chat_id), []).append(parsed.update_id)
        if self._wakes is not None:
            for partition, update_ids in others.items():
                await self._wakes.updates(partition, update_ids)

    async def _store(self, updates: list[IncomingUpdate]) -> list[int]:
        try:
            async with self._context.database.unit() as unit:
                return await unit.inbox.add(updates)
        except DatabaseError:
            raise
        except Exception:  # one of them cannot be stored at all; the others must not suffer
            if len(updates) == 1:
                log.exception("update %s cannot be stored and was dropped", updates[0].update_id)
                return []
        return [update_id for parsed in updates for update_id in await self._store([parsed])]

    async def load(self, partitions: Partitions = ALL) -> int:
        """Take up what the inbox holds and is not in hand, left by an earlier life of the process or by an accident.

        Returns: how many updates.
        """
        async with self._context.database.unit(read_only=True) as unit:
            return self._take_up(await unit.inbox.pending(self._inbox_limit * HARD_LIMIT, partitions))

    async def fetch(self, update_ids: Collection[int]) -> None:
        """Take these up: another bot has stored them. Raises: DatabaseError."""
        fresh = [update_id for update_id in update_ids if update_id not in self._known]
        if fresh:
            async with self._context.database.unit(read_only=True) as unit:
                self._take_up(await unit.inbox.pending_among(fresh))

    def _take_up(self, records: Sequence[InboxRecord]) -> int:
        ours = [record for record in records if self._ownership.owns(record.chat_id)]
        return sum(self._put(_Letter(record.update_id, record.chat_id, record.payload or {})) for record in ours)

    def lose(self, partitions: Partitions) -> None:
        """Forget what has not begun there: another bot has it, or will."""
        for letter in self._queue.drop(lambda chat_id: partition_of(chat_id) in partitions):
            self._known.discard(letter.update_id)

    def busy(self, partition: int) -> bool:
        """Whether an update of that partition is being handled."""
        return self._queue.busy(lambda chat_id: partition_of(chat_id) == partition)

    async def room(self) -> None:
        """Wait until there are few enough updates in hand to take more."""
        await self._queue.room(self._inbox_limit, self._inbox_limit * HARD_LIMIT)

    @property
    def full(self) -> bool:
        """Whether `room` would wait."""
        return self._queue.runnable >= self._inbox_limit or self._queue.waiting >= self._inbox_limit * HARD_LIMIT

    @property
    def waiting(self) -> int:
        """Updates in hand."""
        return self._queue.waiting

    async def run(self) -> None:
        """Handle until cancelled."""
        await self._queue.run()

    async def drain(self) -> None:
        """Wait until all is handled that can be handled now."""
        await self._queue.drain()

    def _put(self, letter: _Letter) -> bool:
        if letter.update_id in self._known:
            return False
        self._known.add(letter.update_id)
        kind = kind_of(letter.payload)
        self._context.metrics.updates.labels(kind).inc()
        with traced(trace_of(letter.update_id)):
            log.info("update taken", extra={"kind": kind})
        if (album := album_of(letter.payload)) is not None:
            self._context.albums.expect(letter.chat_id or 0, album, letter.update_id)
        self._queue.put(letter.chat_id or 0, letter)
        return True

    async def _handle(self, letter: _Letter) -> None:
        chat_id = letter.chat_id or 0
        with traced(trace_of(letter.update_id)), under(lambda: self._ownership.may(chat_id)):
            try:
                if letter.end is None and self._ownership.owns(chat_id):
                    letter.end = await self._end_of(letter)
                if letter.end is not None:
                    await self._close(letter.update_id, letter.end)
            except Later:
                if self._ownership.owns(chat_id):
                    raise
        self._known.discard(letter.update_id)
        if (album := album_of(letter.payload)) is not None:
            self._context.albums.handled(letter.chat_id or 0, album, letter.update_id)

    async def _end_of(self, letter: _Letter) -> _End:
        """The error edge: whatever happens to one update, its chat gets a word and the next update its turn."""
        letter.tries += 1
        try:
            check_permission()
            return await self._try(letter)
        except LeaseRanOut:
            letter.tries -= 1
            raise
        except Refused as refusal:
            return _End("refused", str(refusal))
        except Malformed as error:
            log.warning("%s", error)
            return _End("malformed", str(error))
        except (DatabaseUnavailable, PhotoStoreUnavailable) as trouble:
            return await self._put_off(letter, trouble, TRIES_WITHOUT_STORE)
        except (Later, DatabaseError, PhotoStoreError) as trouble:
            return await self._put_off(letter, trouble, TRIES_IN_TROUBLE)
        except Exception as error:
            log.exception("update %s: the handler failed, try %s", letter.update_id, letter.tries)
            return await self._put_off(letter, error, TRIES_IN_ERROR)

    async def _try(self, letter: _Letter) -> _End:
        parsed = parse(letter.payload)
        if parsed is not None:
            if letter.update is None:
                letter.update, life = await self._begin(letter, parsed)
                if life == 0:
                    return _End("done already")
                if life > LIVES:
                    return await self._give_up(letter, f"the process ended {life - 1} times while handling it")
            await self._router.handle(letter.update, self._context)
        return _End("done")

    async def _begin(self, letter: _Letter, parsed: Update) -> tuple[ChatUpdate, int]:
        person, chat_id = sender_of(parsed), chat_id_of(letter.payload)
        if person is None or chat_id is None:
            raise Malformed(f"update {letter.update_id} has no sender or no chat")
        query, written = parsed.callback_query, message_of(parsed)
        asked = written is None or await self._context.groups.asked(written)
        async with self._context.database.unit() as unit:
            life = await unit.inbox.begin(letter.update_id)
            # Who only looks breeds up in other chats stays unknown, and so does who talks to others in a group.
            users, unknown = unit.users, parsed.inline_query is not None or not asked
            user = await (users.get(person.id) if unknown else users.seen(person.id, person.language_code))
        about = query.message if query is not None else written
        member = parsed.my_chat_member
        chat = about.chat if about is not None else member.chat if member is not None else None
        update = ChatUpdate(
            update_id=letter.update_id,
            user_id=person.id,
            chat_id=chat_id,
            private=chat is None or chat.type == "private",
            message=about if isinstance(about, Message) else None,
            query=query,
            language=pick(user.language if user else None, person.language_code, self._language),
            awaiting_search_for=user.awaiting_search_for if user else None,
            reviewing=user.reviewing if user else None,
            consent=user.consent if user else None,
            banned=user is not None and user.banned_at is not None,
            inline=parsed.inline_query,
            asked=asked,
            member=member,
        )
        return update, life

    async def _put_off(self, letter: _Letter, trouble: Exception, tries: float) -> _End:
        if letter.tries >= tries:
            return await self._give_up(letter, f"{type(trouble).__name__}: {trouble}")
        delay_s = trouble.delay_s if isinstance(trouble, Later) else self._timing.fault.delay_s(letter.tries)
        raise Later(f"update {letter.update_id}: {trouble}", delay_s) from trouble

    async def _give_up(self, letter: _Letter, reason: str) -> _End:
        """Tell the sender; as long as that cannot be done either, the update stays, to be tried again."""
        log.error("update %s is given up after %s tries: %s", letter.update_id, letter.tries, reason)
        try:
            if letter.update is not None:
                await self._apologise(letter.update)
        except Refused as refusal:
            reason = f"{reason}; {refusal}"
        return _End("failed", reason)

    async def _apologise(self, update: ChatUpdate) -> None:
        sender = self._context.sender
        if update.query is not None:
            words = toast(Toast.TRY_AGAIN, update.language)
            await sender.answer_press(update.chat_id, update.query.id, words, alert=True)
        elif update.message is not None:
            is_photo = update.kind is UpdateKind.PHOTO
            if (is_photo and update.asked) or update.private:  # in groups nobody expects an answer to anything else
                view = failure(Failure.INTERNAL, update.language) if is_photo else something_wrong(update.language)
                await sender.send(update.chat_id, view, update.message.message_id)

    async def _close(self, update_id: int, end: _End) -> None:
        try:
            async with self._context.database.unit() as unit:
                if end.error is None:
                    await unit.inbox.done(update_id)
                else:
                    await unit.inbox.fail(update_id, end.error[:500])
        except Exception as trouble:
            log.warning("update %s could not be closed: %s", update_id, trouble)
            raise Later(str(trouble)) from trouble
        self._context.metrics.handled.labels(end.outcome).inc()
        self._context.metrics.outcomes.note(failed=end.outcome == "failed")
