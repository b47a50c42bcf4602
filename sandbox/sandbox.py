"""The local chat as others use it: start it, point a bot at it, play the people in tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.chat_message import ChatMessage
from sandbox.faults import Faults
from sandbox.server import Server
from sandbox.state import inline_queries, user_actions
from sandbox.state.inline_queries import InlineAnswer
from sandbox.state.media import Upload
from sandbox.state.messages import Message
from sandbox.state.people import ALICE, GROUPS, Group, Persona
from sandbox.state.world import CallbackAnswer, Limits, World

User = Persona | str | int
Chat = Group | Persona | str | int | None
"""None: the person's private chat; "group": the Dog park; "walk": the Sunday walk, where the bot is not."""
_TIMEOUT_S = 60.0


class LocalChat:
    """A Bot API server on localhost with a chat page. `faults` is its switchboard; it lives as long as the object."""

    def __init__(self, *, token: str | None = None, faults: Faults | None = None, limits: Limits | None = None) -> None:
        self.faults = faults or Faults()
        self.url = ""  # http://host:port, also the root of the Bot API
        self._fixed_token = token
        self._limits = limits or Limits()
        self._world: World | None = None
        self._server: Server | None = None

    @classmethod
    @asynccontextmanager
    async def running(
        cls, state_dir: Path, *, token: str | None = None, limits: Limits | None = None
    ) -> AsyncIterator[LocalChat]:
        """On a free port of 127.0.0.1; for tests."""
        chat = cls(token=token, limits=limits)
        await chat.start("127.0.0.1", 0, state_dir)
        try:
            yield chat
        finally:
            await chat.stop()

    async def start(self, host: str, port: int, state_dir: Path) -> None:
        """Opens the state and listens; port 0 picks a free one. Raises OSError when the port is taken."""
        self._world = World.open(state_dir, self._fixed_token, self.faults, self._limits)
        self._server = Server(self._world)
        try:
            port = await self._server.start(host, port)
        except BaseException:
            self._world.database.close()
            raise
        name = "127.0.0.1" if host in {"", "0.0.0.0"} else f"[{host}]" if ":" in host else host  # noqa: S104 (only compared)
        self.url = f"http://{name}:{port}"

    async def stop(self) -> None:
        """All is kept in the state directory; start again to go on."""
        if self._server is not None:
            await self._server.stop()
            self.world.database.close()
            self._server = None

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.world.token

    @property
    def world(self) -> World:
        """The state behind. Raises RuntimeError before start."""
        if self._world is None:
            raise RuntimeError("the local chat is not started")
        return self._world

    def with_moderators(self, listed: Callable[[], frozenset[int]]) -> Callable[[], frozenset[int]]:
        """Lets the page make moderators, from now on. Returns: those, and those who are `listed` anyway."""
        world = self.world
        world.listed_moderators = listed
        return lambda: listed() | world.people.moderators

    # What people do. Raises UploadRefused where an app would refuse, LookupError for unknown people.

    async def send_text(
        self,
        user: User,
        text: str,
        *,
        chat: Chat = None,
        reply_to: ChatMessage | None = None,
        anonymous: bool = False,
        topic: int | None = None,
    ) -> ChatMessage:
        """A text message or a command; `anonymous`: in the group's name, as an admin may."""
        person, chat_id = self._where(user, chat)
        reply_id = reply_to.message_id if reply_to else None
        sent = user_actions.send_text(self.world, person, chat_id, text, reply_id, anonymous=anonymous, topic=topic)
        return ChatMessage.of(sent)

    async def send_photo(
        self,
        user: User,
        data: bytes,
        *,
        caption: str = "",
        chat: Chat = None,
        name: str = "photo.jpg",
        reply_to: ChatMessage | None = None,
        anonymous: bool = False,
        topic: int | None = None,
    ) -> ChatMessage:
        """As a photo in Telegram's sizes; what is no photo becomes what an app would make of it, usually a document."""
        sent = await self._send(
            user, [(name, data)], caption, chat, reply_to=reply_to, anonymous=anonymous, topic=topic
        )
        return sent[0]

    async def send_document(
        self, user: User, data: bytes, *, name: str = "photo.jpg", caption: str = "", chat: Chat = None
    ) -> ChatMessage:
        """Sent "as file": the bytes stay as they are."""
        return (await self._send(user, [(name, data)], caption, chat, as_file=True))[0]

    async def send_file(
        self, user: User, data: bytes, *, name: str, caption: str = "", chat: Chat = None
    ) -> ChatMessage:
        """As its kind: sticker (.tgs, 512 px .webp), voice (.ogg), audio, video, animation (.gif), photo, document."""
        return (await self._send(user, [(name, data)], caption, chat))[0]

    async def send_album(
        self, user: User, photos: Sequence[bytes], *, caption: str = "", chat: Chat = None, as_file: bool = False
    ) -> list[ChatMessage]:
        """Several photos at once: separate messages with one media_group_id, at most ten an album."""
        named = [(f"photo{number}.jpg", data) for number, data in enumerate(photos, 1)]
        return await self._send(user, named, caption, chat, as_file=as_file)

    async def forward(self, user: User, message: ChatMessage, *, chat: Chat = None) -> ChatMessage:
        """A message of any chat, forwarded. Raises LookupError when it is deleted."""
        person, chat_id = self._where(user, chat)
        return ChatMessage.of(user_actions.forward(self.world, person, chat_id, self._stored(message)))

    async def add_bot(self, user: User, *, chat: Chat = "group") -> None:
        """The person adds the bot to the group."""
        user_actions.change_membership(self.world, *self._where(user, chat), there=True)

    async def remove_bot(self, user: User, *, chat: Chat = "group") -> None:
        """The person removes the bot from the group."""
        user_actions.change_membership(self.world, *self._where(user, chat), there=False)

    async def create_topic(self, user: User, name: str) -> int:
        """The group becomes a forum with one more topic. Returns: its message_thread_id."""
        person, chat_id = self._where(user, "group")
        return user_actions.create_topic(self.world, person, chat_id, name).message_id

    async def delete_topic(self, thread_id: int) -> None:
        """Nobody can write there any more."""
        self.world.people.set_topic(thread_id, there=False)

    async def delete(self, message: ChatMessage) -> None:
        """Somebody takes a message away; bots are not told."""
        self.world.delete(self._stored(message))

    async def make_admin(self, user: User, *, admin: bool = True) -> None:
        """Of the group; Alice owns it."""
        self.world.people.set_admin(self.world.people.find(user).id, admin=admin)

    async def press(self, message: ChatMessage, button: str, *, user: User | None = None) -> Press:
        """Presses the button with (or the only one containing) this text; the chat's owner does, in groups Alice."""
        return await self.press_data(message, message.data_of(button), user=user)

    async def press_data(self, message: ChatMessage, data: str, *, user: User | None = None) -> Press:
        """A callback with any data, as forged or long-deleted buttons send it."""
        person = self.world.people.find(user if user is not None else max(message.chat_id, 0) or ALICE)
        found = self.world.messages.get(message.chat_id, message.message_id)
        pressed = found or Message(dict(message.payload))
        return Press(self.world, user_actions.press(self.world, person, pressed, data))

    async def react(self, message: ChatMessage, emoji: str, *, user: User) -> None:
        """The person reacts with an emoji, in place of the one before; empty: they take it away."""
        user_actions.react(self.world, self.world.people.find(user), self._stored(message), emoji)

    async def type_inline(self, user: User, query: str, *, chat: Chat = None) -> InlineQuery:
        """The person types the bot's name and this behind it, in their private chat or another."""
        person, chat_id = self._where(user, chat)
        return InlineQuery(self.world, person, chat_id, inline_queries.ask(self.world, person, chat_id, query))

    async def edit(self, message: ChatMessage, text: str) -> ChatMessage:
        """The person edits their own text or caption (update edited_message). Raises LookupError when it is deleted."""
        return ChatMessage.of(user_actions.edit_text(self.world, self._stored(message), text))

    async def block(self, user: User, *, blocked: bool = True) -> None:
        """The person blocks the bot: writing to them is 403. False = lets it write again."""
        user_actions.block(self.world, self.world.people.find(user), blocked=blocked)

    def add_person(self, first_name: str, language_code: str = "en") -> Persona:
        """One more person with a private chat."""
        return self.world.people.add(first_name, language_code)

    # What can be seen.

    def messages(self, chat: Chat = ALICE, *, limit: int = 10_000) -> list[ChatMessage]:
        """All messages of a chat, oldest first."""
        found = self.world.messages.last(self.world.people.chat_id(ALICE if chat is None else chat), limit)
        return [ChatMessage.of(message) for message in found]

    def message(self, message: ChatMessage) -> ChatMessage:
        """As it is now. Raises LookupError when it is deleted."""
        return ChatMessage.of(self._stored(message))

    async def wait_for(
        self, predicate: Callable[[ChatMessage], bool], timeout_s: float = _TIMEOUT_S, *, chat: Chat = None
    ) -> ChatMessage:
        """The first message, already there or to come or edited so, for which `predicate` holds; in one chat or in all.

        Raises TimeoutError with the last messages, so that a failing test says what it saw instead.
        """
        chat_ids = [self.world.people.chat_id(chat)] if chat is not None else self._all_chats()
        for chat_id in chat_ids:
            for message in self.messages(chat_id):
                if predicate(message):
                    return message
        try:
            async with asyncio.timeout(timeout_s):  # not `wait_for`: its task begins a turn later, and may miss one
                found = await self.world.events.wait_for_message(
                    lambda one: one.chat_id in chat_ids and predicate(ChatMessage.of(one))
                )
            return ChatMessage.of(found)
        except TimeoutError:
            raise TimeoutError(f"no such message in {timeout_s} s; the last ones: {self._tail(chat_ids)}") from None

    async def wait_for_reply(
        self,
        to: ChatMessage,
        predicate: Callable[[ChatMessage], bool] = lambda _: True,
        timeout_s: float = _TIMEOUT_S,
    ) -> ChatMessage:
        """The bot's message that replies to `to`, or one after it in the same chat that replies to nothing."""

        def is_reply(one: ChatMessage) -> bool:
            after = one.message_id > to.message_id and one.reply_to_id is None
            return one.from_bot and (one.reply_to_id == to.message_id or after) and predicate(one)

        return await self.wait_for(is_reply, timeout_s, chat=to.chat_id)

    async def wait_for_call(self, method: str, count: int = 1, timeout_s: float = _TIMEOUT_S) -> None:
        """Until the bot has called `method` (or DOWNLOAD) `count` times, failed calls too. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while self.faults.calls[method] < count:
                await self.world.events.next_call()

    def pending_updates(self) -> int:
        """How many updates the bot has not confirmed."""
        return self.world.updates.count()

    def _all_chats(self) -> list[int]:
        return [person.id for person in self.world.people] + [group.id for group in GROUPS]

    def _where(self, user: User, chat: Chat) -> tuple[Persona, int]:
        person = self.world.people.find(user)
        return person, person.id if chat is None else self.world.people.chat_id(chat)

    async def _send(
        self,
        user: User,
        files: Sequence[tuple[str, bytes]],
        caption: str,
        chat: Chat,
        *,
        as_file: bool = False,
        reply_to: ChatMessage | None = None,
        anonymous: bool = False,
        topic: int | None = None,
    ) -> list[ChatMessage]:
        person, chat_id = self._where(user, chat)
        uploads = []
        for name, data in files:
            uploads.append(Upload(self.world.files.incoming_path(), name))
            uploads[-1].path.write_bytes(data)
        try:
            sent = await user_actions.send_files(
                self.world,
                person,
                chat_id,
                uploads,
                caption=caption,
                as_file=as_file,
                reply_to=reply_to.message_id if reply_to else None,
                anonymous=anonymous,
                topic=topic,
            )
        finally:
            for upload in uploads:
                upload.path.unlink(missing_ok=True)
        return [ChatMessage.of(message) for message in sent]

    def _stored(self, message: ChatMessage) -> Message:
        stored = self.world.messages.get(message.chat_id, message.message_id)
        if stored is None:
            raise LookupError(f"message {message.message_id} of chat {message.chat_id} is deleted")
        return stored

    def _tail(self, chat_ids: Sequence[int]) -> list[str]:
        last = [one for chat_id in chat_ids for one in self.messages(chat_id, limit=5)]
        return [f"{'bot' if one.from_bot else one.sender_id}: [{one.kind}] {one.text} {one.buttons}" for one in last]


@dataclass(frozen=True, slots=True)
class InlineQuery:
    """A name typed after the bot's, waiting for answerInlineQuery."""

    _world: World
    _person: Persona
    _chat_id: int
    query_id: str

    async def answer(self, timeout_s: float = _TIMEOUT_S) -> InlineAnswer:
        """What the bot offers. Raises TimeoutError."""
        return await asyncio.wait_for(inline_queries.wait_for_offer(self._world, self.query_id), timeout_s)

    def choose(self, result_id: str) -> ChatMessage:
        """The person sends one of the results. Raises LookupError."""
        return ChatMessage.of(inline_queries.choose(self._world, self._person, self._chat_id, self.query_id, result_id))


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button, waiting for answerCallbackQuery."""

    _world: World
    query_id: str

    async def answer(self, timeout_s: float = _TIMEOUT_S) -> CallbackAnswer:
        """What the bot answered. Raises TimeoutError."""
        return await asyncio.wait_for(self._world.wait_for_answer(self.query_id), timeout_s)
