"""Which handler an update belongs to: a table that the features fill, each with its own commands and buttons."""

import logging
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TypeVar

from bot.conversation.banned import tell_banned
from bot.conversation.callback import BadCallback, Press, Toast, wait
from bot.conversation.context import Context
from bot.conversation.menu import take_menu
from bot.conversation.notice import Notice, notice
from bot.conversation.replies import alert, nod, reply
from bot.moving_window import MovingWindows
from bot.telegram.update import ChatUpdate, UpdateKind

Handler = Callable[[ChatUpdate, Context], Awaitable[None]]
EndingHandler = Callable[[ChatUpdate, Context], Awaitable[bool | None]]  # whether it has noted the end of the update
PRESSES, PRESSES_S = 20, 10.0  # of one person
GROUP_PRESSES, GROUP_PRESSES_S = 10, 60.0  # the same in one group: half of what Telegram lets us write there

P = TypeVar("P", bound=Press)
PressHandler = Callable[[ChatUpdate, Context, P], Awaitable[bool | None]]  # as above

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    handler: Callable[..., Awaitable[bool | None]]
    right: bool
    personal: bool = False
    moderators: bool = False


class Router:
    """``router.command("breeds", breeds)``, ``router.press(BreedsPress, BreedsAction.CARD, card)``; then `handle`."""

    def __init__(self) -> None:
        self._handlers: dict[UpdateKind, EndingHandler] = {}
        self._commands: dict[str, _Entry] = {}
        self._families: dict[str, type[Press]] = {}
        self._buttons: dict[tuple[type[Press], StrEnum], _Entry] = {}
        self._presses = MovingWindows(PRESSES, PRESSES_S)
        self._group_presses = MovingWindows(GROUP_PRESSES, GROUP_PRESSES_S)

    def on(self, kind: UpdateKind, handler: EndingHandler) -> None:
        """What is done with every update of a kind."""
        self._handlers[kind] = handler

    def command(
        self, name: str, handler: Handler, *, personal: bool = False, moderators: bool = False, right: bool = False
    ) -> None:
        """What ``/name`` does.

        Args:
            name: without the slash.
            handler: is called once nobody is waited for to type something.
            personal: it is about the one who asks, so not for who writes in the name of a chat.
            moderators: nobody else knows it.
            right: nobody loses it, however banned.
        """
        self._commands[name] = _Entry(handler, right, personal, moderators)

    def press(self, family: type[P], action: StrEnum, handler: PressHandler[P], *, right: bool = False) -> None:
        """What a button does; ``right`` as above. It is called if the button is ours, and meant for who presses."""
        self._families[family.FAMILY] = family
        self._buttons[family, action] = _Entry(handler, right)

    async def handle(self, update: ChatUpdate, context: Context) -> bool:
        """Do what the update asks for. Returns: whether its end was noted together with what it brought."""
        ignored = update.banned and update.kind is UpdateKind.REACTION
        if ignored or (update.edited and not update.asked):
            return False
        handler: EndingHandler = tell_banned
        if update.kind is UpdateKind.PRESS:
            handler = partial(self._paced, act=self._press)
        elif update.kind is UpdateKind.REACTION:
            handler = partial(self._paced, act=self._handlers[update.kind])
        elif update.kind is UpdateKind.COMMAND:
            handler = self._command
        elif not update.banned:
            handler = self._handlers[update.kind]
        return bool(await handler(update, context))

    async def _paced(self, update: ChatUpdate, context: Context, act: EndingHandler) -> bool | None:
        """Who presses without end gets a word for each, and keeps nobody else waiting. What failed is not counted.

        Who reacts without end gets none: Telegram has no place for it.
        """
        windows: list[tuple[MovingWindows, Hashable]] = [(self._presses, update.user_id)]
        if not update.private:
            windows.append((self._group_presses, (update.chat_id, update.user_id)))
        if (wait_s := max(window.wait_s(whose) for window, whose in windows)) > 0:
            await nod(update, context, words=wait(wait_s, update.language))
            return False
        ended = await act(update, context)
        for window, whose in windows:
            window.take(whose)
        return ended

    async def _press(self, update: ChatUpdate, context: Context) -> bool | None:
        """Believe no button."""
        family = self._families.get(update.data.partition(":")[2].partition(":")[0], self._families[""])
        try:
            pressed = family.parse(update.data)
        except BadCallback as error:
            log.warning("update %s: %s", update.update_id, error)
            await alert(update, context, Toast.BANNED if update.banned else family.MISREAD)
            return False
        button = self._buttons[family, pressed.action]
        if update.banned and not button.right:
            await tell_banned(update, context)
        elif not pressed.is_for(update.user_id):
            await alert(update, context, Toast.NOT_FOR_YOU)
        else:
            return await button.handler(update, context, pressed)
        return False

    async def _command(self, update: ChatUpdate, context: Context) -> None:
        """Say of what is no command that it is none, in groups only if we were named."""
        found = command_of(update.text, context.bot.username)
        known = self._commands.get(found[0]) if found is not None else None
        if update.banned and not (known is not None and known.right):
            await tell_banned(update, context)
        elif found is not None:
            async with context.database.unit() as unit:
                await unit.users.await_search(update.user_id, None)
            await context.search_lists.end(update, context.sender)
            if known is None or (known.moderators and update.user_id not in context.moderators()):
                await _unknown(update, context, was_one=known is not None, named=found[1])
            elif known.personal and update.user_id < 0:
                await reply(update, context, notice(Notice.AS_YOURSELF, update.language))
            else:
                await known.handler(update, context)


async def _unknown(update: ChatUpdate, context: Context, *, was_one: bool, named: bool) -> None:
    """``was_one``: moderators know this command, so it may be in the menu of somebody who is none any more."""
    if update.private or named:
        await reply(update, context, notice(Notice.UNKNOWN_COMMAND, update.language))
        if was_one and update.private:
            await take_menu(context, update.user_id)


def command_of(text: str, bot_name: str) -> tuple[str, bool] | None:
    """The command a text begins with, and whether it is surely meant for us; None = no command, or another bot's.

    ``"/Start@breedbot now"`` → ``("start", True)``; ``"/start"`` → ``("start", False)``.
    """
    if not text.startswith("/"):
        return None
    name, at, addressee = text.split(maxsplit=1)[0][1:].partition("@")
    if at and addressee.lower() != bot_name.lower():
        return None
    return name.lower(), bool(at)
