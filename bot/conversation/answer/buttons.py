"""What each button under an answer does: it opens something in its message, or says something of the answer."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from bot.conversation.answer.corrections import search_prompt, suggestion_of
from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.shown_answer import Menu, ShownAnswer, hinted, shown_answer
from bot.conversation.answer.view import (
    answer,
    answer_with_card,
    answer_with_comparison,
    answer_with_ranking,
    card,
    claimed_breed,
    told_apart,
)
from bot.conversation.callback import Toast
from bot.conversation.claims.view import fate, thanks
from bot.conversation.context import Context
from bot.conversation.guests.view import at_guests
from bot.conversation.privacy.view import with_question
from bot.conversation.replies import alert, nod, post, pressed_place, turn
from bot.conversation.router import PressHandler, Router
from bot.errors import Later, Refused
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from bot.texts import Html, ago, say
from core.breeds.catalogue import NOT_A_DOG
from core.claim import Verdict, claimed_label
from core.clock import utc_now
from db.chat.chat_records import PredictionRecord
from db.errors import RowMissing
from db.learning.claim_status import CORRECTIONS
from db.unit import Unit

MENUS: dict[Action, Menu] = {
    Action.WRONG: ShownAnswer.corrections,
    Action.SEARCH: lambda shown, language: shown.placed(search_prompt(shown.prediction, language), language),
    Action.BACK: hinted(answer),
    Action.SHOW: hinted(answer),
    Action.ALBUM: ShownAnswer.whole,
    Action.MORE: hinted(answer_with_ranking),
    Action.ABOUT: hinted(answer_with_card),
    Action.COMPARE: hinted(answer_with_comparison),
}
"""What a press opens in the answer."""
BESIDE: dict[Action, Callable[[PredictionRecord, str], Html | None]] = {
    Action.ABOUT: card,
    Action.COMPARE: told_apart,
}
"""What others in the group may open, too: for them it comes as a message beside the answer."""
VERDICTS: dict[Action, Verdict] = {
    Action.CONFIRM: Verdict.CONFIRM,
    Action.PICK: Verdict.CORRECT,
    Action.NOT_A_DOG: Verdict.NOT_A_DOG,
    Action.DONT_KNOW: Verdict.DONT_KNOW,
    Action.SUGGEST: Verdict.OTHER,
    Action.CHANGE: Verdict.WITHDRAWN,  # "change" takes back what was said; the next verdict replaces it
}
"""What a press says."""

Place = tuple[int, int]  # chat and message
AnswerHandler = Callable[[ChatUpdate, Context, AnswerPress, ShownAnswer], Awaitable[bool | None]]

log = logging.getLogger(__name__)


def register(router: Router) -> None:
    """The heat map, too, is behind a button here: `bot/conversation/heatmap` registers it."""
    for action in MENUS.keys() - BESIDE.keys():
        router.press(AnswerPress, action, of_the_sender(open_menu))
    for action in BESIDE:
        router.press(AnswerPress, action, of_whoever_sees_it(_open_or_say))
    router.press(AnswerPress, Action.THERE, of_the_sender(_lead_there))
    for action in VERDICTS:
        router.press(AnswerPress, action, of_the_sender(claim))


def of_the_sender(handle: AnswerHandler) -> PressHandler[AnswerPress]:
    """What a button names is looked up, and that the photo's sender presses it is checked, each time."""
    return _looked_up(handle, others=False)


def of_whoever_sees_it(handle: AnswerHandler) -> PressHandler[AnswerPress]:
    """The same for what changes nothing of the answer: everybody in its group may press."""
    return _looked_up(handle, others=True)


def _looked_up(handle: AnswerHandler, *, others: bool) -> PressHandler[AnswerPress]:
    async def press(update: ChatUpdate, context: Context, pressed: AnswerPress) -> bool | None:
        async with context.database.unit(read_only=True) as unit:
            prediction = await unit.predictions.by_token(pressed.token)
            shown = await shown_answer(unit, prediction) if prediction is not None else None
        if prediction is None or shown is None:
            await alert(update, context, Toast.EXPIRED)
            return None
        may = partial(context.groups.may_look, chat_id=update.chat_id) if others else context.groups.may_press
        if prediction.user_id != update.user_id and not await may(prediction, update.user_id):
            await alert(update, context, Toast.NOT_YOURS)
            return None
        try:
            return await handle(update, context, pressed, shown)
        except RowMissing:  # forgotten between two looks
            await alert(update, context, Toast.EXPIRED)
            return None

    return press


async def open_menu(update: ChatUpdate, context: Context, pressed: AnswerPress, shown: ShownAnswer) -> None:
    """A step in the menu."""
    async with context.database.unit() as unit:
        await _await_name(unit, update, shown.prediction, searching=pressed.action is Action.SEARCH)
        said = await _said_before(unit, update, context, shown) if pressed.action is Action.SHOW else None
    await nod(update, context)
    await _show(update, context, shown, said or MENUS[pressed.action](shown, update.language))


async def _open_or_say(update: ChatUpdate, context: Context, pressed: AnswerPress, shown: ShownAnswer) -> None:
    """To the sender in the answer, to others in the group beside it, in their language."""
    prediction, said = shown.prediction, BESIDE[pressed.action](shown.prediction, update.language)
    if await context.groups.may_press(prediction, update.user_id):
        await open_menu(update, context, pressed, shown)
        return
    await nod(update, context)
    if said is not None:
        place = prediction.answer_message_id
        await context.sender.send(update.chat_id, View(said), place, thread_id=update.thread_id, quiet=True)


async def _lead_there(update: ChatUpdate, context: Context, _: AnswerPress, shown: ShownAnswer) -> None:
    """A tap on what a message replies to leads there. An answer that was deleted is given again."""
    prediction, language = shown.prediction, update.language
    if prediction.chat_id != update.chat_id:
        await alert(update, context, Toast.EXPIRED)
        return
    await nod(update, context)
    pointer = View(say(language, "history-there", when=ago(prediction.created_at, utc_now(), language)))
    try:
        if prediction.answer_message_id is not None:
            send = context.sender.send
            await send(update.chat_id, pointer, prediction.answer_message_id, only_as_reply=True)
            return
    except Refused as refusal:
        log.info("answer %s in chat %s is not there: %s", prediction.answer_message_id, update.chat_id, refusal)
    async with context.database.unit(read_only=True) as unit:
        view = await _said_before(unit, update, context, shown) or hinted(answer)(shown, language)
        job = await unit.jobs.get(prediction.job_id)
    message_id = await context.sender.send(update.chat_id, view, (job.message_id or None) if job is not None else None)
    await context.database.write(lambda unit: unit.jobs.shown_again(prediction.job_id, message_id))


async def _said_before(unit: Unit, update: ChatUpdate, context: Context, shown: ShownAnswer) -> View | None:
    """What this person has said of one of several answers, and what became of that; None: nothing that stands."""
    answer, language = shown.prediction, update.language
    said = await unit.feedback.latest(answer.id, user_id=update.user_id)
    if said is None or said.verdict is Verdict.WITHDRAWN:
        return None
    learned, review = shown.may_be_learned(update.consent), await unit.reviews.latest(said.id)
    claimed = claimed_label(said.verdict, said.breed, answer.kind, answer.top)
    became = fate(review, claimed, language) if review is not None and learned else None
    named, rule = said.breed or said.suggestion, context.rule_decides
    view = thanks(answer, said.verdict, language, named, learned=learned, rule=rule, fate=became)
    return shown.placed(view, language)


async def claim(update: ChatUpdate, context: Context, pressed: AnswerPress, shown: ShownAnswer) -> bool:
    """Shown, then stored together with the end of the update, then thanked for.

    Returns: whether that end is noted.
    """
    verdict, suggestion = VERDICTS[pressed.action], None
    if verdict is Verdict.OTHER and (suggestion := suggestion_of(update)) is None:
        await alert(update, context, Toast.TYPE_IT_AGAIN)
        return False
    said = pressed.breed or suggestion
    if verdict is Verdict.WITHDRAWN:
        view, here = hinted(answer)(shown, update.language), None
    else:
        view, here = _thanks(update, context, shown, verdict, said)
    try:
        await _show(update, context, shown, view, here)
    except (Later, Refused):  # perhaps it is shown next time; what was said counts now
        await nod(update, context, await _record(update, context, shown.prediction, verdict, said, ends=False))
        raise
    await nod(update, context, await _record(update, context, shown.prediction, verdict, said, ends=True))
    return True


async def withdraw(update: ChatUpdate, context: Context, shown: ShownAnswer) -> None:
    """Take back what was said, where something else is shown then."""
    await _record(update, context, shown.prediction, Verdict.WITHDRAWN, None, ends=False)


def _thanks(
    update: ChatUpdate, context: Context, shown: ShownAnswer, verdict: Verdict, said: str | None
) -> tuple[View, View | None]:
    """For the answer; and for the list of search results, if that is where the person is.

    Who corrects, and never said yes or no, is asked whether we may learn from it, where they are.
    """
    about, language, rule = shown.prediction, update.language, context.rule_decides
    learned = shown.may_be_learned(update.consent)
    pressed, place = _where(update, shown)
    guest = place is not None and isinstance(place[1], str)
    thanked = partial(thanks, about, verdict, language, said, learned=learned, rule=rule)
    noted = shown.placed(thanked(), language)
    here = thanked(alone=True) if pressed not in {None, place} else None
    if update.consent is None and about.user_id == update.user_id and verdict in CORRECTIONS:
        asked = with_question(noted if here is None else here, update, about, rule=rule, guest=guest)
        return (noted, asked) if here is not None else (asked, None)
    return noted, here


async def _record(
    update: ChatUpdate,
    context: Context,
    prediction: PredictionRecord,
    verdict: Verdict,
    said: str | None,
    *,
    ends: bool,
) -> Toast | None:
    """Store what the press means. Returns: the word for it.

    ``said``: the breed, or the suggestion; ``ends``: the update is dealt with by that.
    """
    async with context.database.unit() as unit:
        if update.awaiting_search_for is not None or update.reviewing is not None or prediction.user_id < 0:
            await _await_name(unit, update, prediction, searching=False)
        before = event = await unit.feedback.latest(prediction.id, user_id=update.user_id)
        if verdict is not Verdict.WITHDRAWN or before is not None:
            event = await unit.feedback.append(
                prediction_id=prediction.id,
                user_id=update.user_id,
                verdict=verdict,
                breed=said if verdict is not Verdict.OTHER else None,
                suggestion=said if verdict is Verdict.OTHER else None,
            )
        if ends:
            await unit.inbox.finish(update.update_id)
    if event != before:
        context.metrics.verdict(verdict, prediction.model_id, claimed_breed(prediction) or NOT_A_DOG)
    if verdict is Verdict.WITHDRAWN:
        return None
    return Toast.NOTED if event == before else Toast.THANKS


async def _await_name(unit: Unit, update: ChatUpdate, prediction: PredictionRecord, *, searching: bool) -> None:
    """Whether a name is waited for from now on. An anonymous admin presses by name, and types without one."""
    for typing in {update.user_id, prediction.user_id}:
        await unit.users.await_search(typing, prediction.id if searching else None)


def _where(update: ChatUpdate, shown: ShownAnswer) -> tuple[Place | None, Place | tuple[int, str] | None]:
    """Where the button was pressed, if that is a message about this answer; and where the answer is, for `Sender.edit`.

    In a chat that we are not in, that is all we can change. The message of an older answer was not noted: it is where
    the button is.
    """
    prediction, noted = shown.prediction, shown.prediction.answer_message_id
    if shown.inline_message_id is not None and update.query is not None and update.message is None:
        return None, (prediction.chat_id, shown.inline_message_id)
    pressed = pressed_place(update, prediction)
    return pressed, pressed if noted is None else (prediction.chat_id, noted)


async def _show(update: ChatUpdate, context: Context, shown: ShownAnswer, view: View, here: View | None = None) -> None:
    """In the answer's own message; a list of search results has done its work and is taken away.

    What cannot be edited any more, as it is deleted or too old, is followed by a new message.

    ``here``: takes the place of the list.
    """
    pressed, place = _where(update, shown)
    if place is None:
        return
    chat_id, message = place
    if isinstance(message, str):
        await context.sender.edit(chat_id, message, at_guests(view))
        return
    try:
        await context.sender.edit(chat_id, message, view)
    except Refused as refusal:  # deleted by somebody: then the message with the pressed button shows it
        log.info("answer %s in chat %s cannot be edited: %s", message, chat_id, refusal)
        if pressed is not None and pressed != place:
            await turn(update, context, here or view)
        else:
            await post(update, context, view)
    else:
        if here is not None:
            await turn(update, context, here)
        elif pressed is not None and pressed != place:
            await context.sender.tidy(*pressed)
    await context.search_lists.end(update, context.sender, prediction_id=shown.prediction.id, stays=pressed)
