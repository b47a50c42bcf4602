"""A pressed button: what somebody says of an answer."""

import logging
from collections.abc import Callable

from bot.conversation.answer.corrections import corrections
from bot.conversation.answer.search import search_prompt
from bot.conversation.answer.shown_answer import ShownAnswer, shown_answer
from bot.conversation.answer.suggested_name import suggested_name
from bot.conversation.answer.thanks import thanks
from bot.conversation.answer.view import answer, answer_with_card, answer_with_ranking
from bot.conversation.answer_press import Action, BadCallback, CallbackData
from bot.conversation.context import Context
from bot.conversation.heatmap.handler import why
from bot.conversation.pressed_place import pressed_place
from bot.conversation.privacy.consent import may_be_learned, with_question
from bot.conversation.replies import alert, nod
from bot.conversation.toast import Toast
from bot.telegram.message import View
from bot.telegram.sender import Refused
from bot.telegram.update import ChatUpdate
from core.claim import Verdict, answered_breed
from db.chat.chat_records import PredictionRecord
from db.errors import RowMissing

log = logging.getLogger(__name__)

VERDICTS = {
    Action.CONFIRM: Verdict.CONFIRM,
    Action.PICK: Verdict.CORRECT,
    Action.NOT_A_DOG: Verdict.NOT_A_DOG,
    Action.DONT_KNOW: Verdict.DONT_KNOW,
    Action.SUGGEST: Verdict.OTHER,
    Action.CHANGE: Verdict.WITHDRAWN,  # "change" takes back what was said; the next verdict replaces it
}
_MENUS: dict[Action, Callable[[PredictionRecord, str], View]] = {
    Action.WRONG: corrections,
    Action.SEARCH: search_prompt,
    Action.BACK: answer,
    Action.CHANGE: answer,
    Action.SHOW: answer,
    Action.ALBUM: answer,  # of a photo sent alone
    Action.MORE: answer_with_ranking,
    Action.ABOUT: answer_with_card,
}
_WHY = frozenset({Action.WHY, Action.WHY_OF})


async def press(update: ChatUpdate, context: Context) -> None:
    """Believe no button: what it names is looked up, and who may press it is checked, each time."""
    try:
        pressed = CallbackData.parse((update.query.data if update.query is not None else None) or "")
    except BadCallback as error:
        log.warning("update %s: %s", update.update_id, error)
        await alert(update, context, Toast.MALFORMED)
        return
    async with context.database.unit(read_only=True) as unit:
        prediction = await unit.predictions.by_token(pressed.token)
        shown = await shown_answer(unit, prediction) if prediction is not None else None
    if prediction is None or shown is None:
        await alert(update, context, Toast.EXPIRED)
    elif not await context.groups.may_press(prediction, update.user_id):
        await alert(update, context, Toast.NOT_YOURS)
    elif pressed.action in _WHY:
        await why(update, context, pressed, shown.prediction)
    elif pressed.action is Action.SUGGEST and _suggestion(update) is None:
        await alert(update, context, Toast.TYPE_IT_AGAIN)
    else:
        await _obey(update, context, pressed, shown)


async def _obey(update: ChatUpdate, context: Context, pressed: CallbackData, shown: ShownAnswer) -> None:
    try:
        word = await _record(update, context, pressed, shown.prediction)
    except RowMissing:  # forgotten between two looks
        await alert(update, context, Toast.EXPIRED)
        return
    await nod(update, context, word)
    await _show(update, context, shown.prediction, _view(update, pressed, shown))


async def _record(
    update: ChatUpdate, context: Context, pressed: CallbackData, prediction: PredictionRecord
) -> Toast | None:
    """Store what the press means. Returns: the word for it, None for a mere step in the menu."""
    verdict = VERDICTS.get(pressed.action)
    async with context.database.unit() as unit:
        searching = prediction.id if pressed.action is Action.SEARCH else None
        # An anonymous admin presses by name, and types without one.
        for typing in {update.user_id, prediction.user_id}:
            await unit.users.await_search(typing, searching)
        if verdict is None:
            return None
        before = await unit.feedback.latest(prediction.id, user_id=update.user_id)
        if verdict is Verdict.WITHDRAWN and before is None:
            return None
        event = await unit.feedback.append(
            prediction_id=prediction.id,
            user_id=update.user_id,
            verdict=verdict,
            breed=pressed.breed,
            suggestion=_suggestion(update) if verdict is Verdict.OTHER else None,
        )
    if before is not None and before.id == event.id:
        return None if verdict is Verdict.WITHDRAWN else Toast.NOTED
    context.metrics.verdict(verdict, prediction.model_id, answered_breed(prediction.kind, prediction.top))
    return None if verdict is Verdict.WITHDRAWN else Toast.THANKS


def _view(update: ChatUpdate, pressed: CallbackData, shown: ShownAnswer) -> View:
    menu = _MENUS.get(pressed.action)
    if menu is not None:
        return shown.view(pressed.action, menu, update.language)
    named = _suggestion(update) if pressed.action is Action.SUGGEST else pressed.breed
    verdict, learned = VERDICTS[pressed.action], may_be_learned(update, shown.prediction)
    view = thanks(shown.prediction, verdict, update.language, named, learned=learned)
    return with_question(shown.placed(view, update.language), update, shown.prediction, verdict)


def _suggestion(update: ChatUpdate) -> str | None:
    """What the person had typed: the results of the search, whose button this is, are a reply to it."""
    typed = update.message.reply_to_message if update.message is not None else None
    if typed is None or typed.from_user is None or typed.from_user.id != update.user_id:
        return None
    return suggested_name(typed.text)


async def _show(update: ChatUpdate, context: Context, prediction: PredictionRecord, view: View) -> None:
    """In the answer's own message; a list of search results has done its work and is taken away."""
    pressed = pressed_place(update, prediction)
    noted = prediction.answer_message_id
    answer_place = pressed if noted is None else (prediction.chat_id, noted)
    if answer_place is None:
        return
    try:
        await context.sender.edit(*answer_place, view)
    except Refused as refusal:  # deleted by somebody: then the message with the pressed button shows it
        log.info("answer %s in chat %s cannot be edited: %s", answer_place[1], answer_place[0], refusal)
        if pressed is not None and pressed != answer_place:
            await context.sender.edit(*pressed, view)
    else:
        if pressed is not None and pressed != answer_place:
            await context.sender.tidy(*pressed)
