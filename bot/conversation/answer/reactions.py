"""👍 and 👎 on an answer: the same as ✅ and ❌ under it, from whoever may press those.

https://core.telegram.org/bots/api#messagereactionupdated. In groups Telegram tells them to admins only. What is no such
reaction is never stored (`bot.telegram.raw_update.incoming`); on a message that is no recent answer, on one of several
dogs, and on somebody else's it means nothing.
"""

from datetime import timedelta
from typing import Final

from bot.conversation.answer.buttons import claim, open_menu, withdraw
from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.shown_answer import ShownAnswer, shown_answer
from bot.conversation.context import Context
from bot.conversation.router import Router
from bot.telegram.update import DISLIKE, LIKE, ChatUpdate, UpdateKind
from core.claim import Verdict
from core.clock import utc_now
from db.errors import RowMissing
from db.unit import Unit

FRESH: Final = timedelta(days=2)  # a reaction to an older answer is one to the photo, or to the memory


def register(router: Router) -> None:
    """All of them."""
    router.on(UpdateKind.REACTION, react)


async def react(update: ChatUpdate, context: Context) -> bool:
    """Say, or take back, what the reaction means. Returns: whether the end of the update is noted."""
    async with context.database.unit(read_only=True) as unit:
        shown = await _answer_of(unit, update)
        said = await unit.feedback.latest(shown.prediction.id, user_id=update.user_id) if shown is not None else None
    if shown is None:
        return False
    stands = said.verdict if said is not None and said.verdict is not Verdict.WITHDRAWN else None
    try:
        return await _said(update, context, shown, stands)
    except RowMissing:  # forgotten between two looks
        return False


async def _said(update: ChatUpdate, context: Context, shown: ShownAnswer, stands: Verdict | None) -> bool:
    """``stands``: what this person has said of the answer so far."""

    def pressed(action: Action) -> AnswerPress:
        return AnswerPress(action, shown.prediction.token)

    if LIKE in update.reactions:
        return stands is not Verdict.CONFIRM and await claim(update, context, pressed(Action.CONFIRM), shown)
    if DISLIKE in update.reactions:
        if stands is Verdict.CONFIRM:
            await withdraw(update, context, shown)
        if stands in {None, Verdict.CONFIRM}:
            await open_menu(update, context, pressed(Action.WRONG), shown)
    elif stands is Verdict.CONFIRM:
        return await claim(update, context, pressed(Action.CHANGE), shown)
    elif stands is None:
        await open_menu(update, context, pressed(Action.BACK), shown)
    return False


async def _answer_of(unit: Unit, update: ChatUpdate) -> ShownAnswer | None:
    """The recent answer with one dog that this person got in the message; None: it is no such message."""
    place = update.chat_id, update.message_id or 0
    dog = await unit.predictions.said_in(update.user_id, *place, since=utc_now() - FRESH)
    shown = await shown_answer(unit, dog) if dog is not None else None
    return shown if shown is None or shown.album is None else None
