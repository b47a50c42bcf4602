"""More photos than one person or group may send: they wait, and are answered by themselves, with one word about it.

They wait in the inbox, in a queue of their own for each person and chat: others in the chat go on, and so does whatever
that person writes or presses.
"""

from functools import partial

from bot.conversation.context import Context
from bot.conversation.photo.fair_use import WAITING_LIMIT, Wait
from bot.conversation.replies import reply
from bot.errors import Later
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate, UpdateKind
from bot.texts import duration, say
from db.unit import Unit

FULL = "full"
QUIET_S = 60.0  # where for so long nothing had to wait, the next wait gets a word again


async def held_back(update: ChatUpdate, context: Context, album: str | None) -> bool:
    """Whether this photo is left out: there wait too many already, or somebody asked by a command, and may do so again.

    Costs nothing but a look into memory, for people who are known there. Raises `Later`: it waits for its turn.
    """
    if update.message_id is None:
        return False
    queue = waiting_queue(update.chat_id, update.user_id) if update.kind is UpdateKind.PHOTO else None
    wait = await context.fair_use.admit(
        update.update_id,
        update.sent_at,
        user_id=update.user_id if update.user_id > 0 else None,
        chat_id=None if update.private or update.guest_query_id is not None else update.chat_id,
        queue=queue,
    )
    if wait is None:
        return False
    if queue is None:
        await reply(update, context, ask_again(wait.limit, wait.wait_s, update.language))
    elif wait.left_out:
        await _tell(FULL, update, context, wait, too_many_wait(update.language))
    else:
        await context.database.write(partial(_put_aside, update=update, queue=queue, album=album))
        word = slow_down(wait.whose, wait.limit, wait.wait_s, update.language)
        await _tell(wait.whose, update, context, wait, word)
        raise Later(f"more than {wait.limit} photos a minute", wait.wait_s)
    return True


async def _put_aside(unit: Unit, update: ChatUpdate, queue: str, album: str | None) -> None:
    await unit.inbox.put_aside(update.update_id, queue)
    if album is not None:  # in a group one photo of it names us, and the others are for us by that
        await unit.albums.open(update.chat_id, album, update.user_id)


async def _tell(what: str, update: ChatUpdate, context: Context, wait: Wait, word: View) -> None:
    """One word for one wait, however many photos it is about."""
    if context.fair_use.to_be_told(what, wait.id):
        await reply(update, context, word)
    context.fair_use.told(what, wait.id, wait.wait_s + QUIET_S)


def waiting_queue(chat_id: int, user_id: int) -> str:
    """The inbox's key for what waits; at most 32 characters, so in hexadecimal digits."""
    return f"{chat_id:x} {user_id:x} ~"


def slow_down(whose: str, limit: int, wait_s: float, language: str) -> View:
    """What is answered later, and when that begins. ``whose``: "user" or "chat"; ``limit``: photos a minute."""
    key = "slow-down-user" if whose == "user" else "slow-down-chat"
    return View(say(language, key, limit=limit, wait=duration(wait_s, language)))


def too_many_wait(language: str) -> View:
    """What is left out, as so many wait."""
    return View(say(language, "slow-down-full", limit=WAITING_LIMIT))


def ask_again(limit: int, wait_s: float, language: str) -> View:
    """To who asked by a command or by our name: that does not wait."""
    return View(say(language, "slow-down-ask", limit=limit, wait=duration(wait_s, language)))
