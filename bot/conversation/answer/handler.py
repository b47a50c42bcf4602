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
from bot.conversation.context import Services
from bot.conversation.heatmap.handler import why
from bot.conversation.pressed_place import pressed_place
from bot.conversation.privacy.consent import may_be_learned, with_question
from bot.conversation.replies import alert, nod
from bot.conversation.toast import Toast
from bot.telegram.message import View
from bot.telegram.sender import Refused
from bot.telegram.update import Incoming
from db.chat.chat_records import PredictionRecord, Verdict
from db.errors import RowMissing
from db.learning.claim_label import answered_breed

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


async def press(incoming: Incoming, services: Services) -> None:
    """Believe no button: what it names is looked up, and who may press it is checked, each time."""
    try:
        pressed = CallbackData.parse((incoming.query.data if incoming.query is not None else None) or "")
    except BadCallback as error:
        log.warning("update %s: %s", incoming.update_id, error)
        await alert(incoming, services, Toast.MALFORMED)
        return
    async with services.database.unit(read_only=True) as unit:
        prediction = await unit.predictions.by_token(pressed.token)
        shown = await shown_answer(unit, prediction) if prediction is not None else None
    if prediction is None or shown is None:
        await alert(incoming, services, Toast.EXPIRED)
    elif not await services.groups.may_press(prediction, incoming.user_id):
        await alert(incoming, services, Toast.NOT_YOURS)
    elif pressed.action in _WHY:
        await why(incoming, services, pressed, shown.prediction)
    elif pressed.action is Action.SUGGEST and _suggestion(incoming) is None:
        await alert(incoming, services, Toast.TYPE_IT_AGAIN)
    else:
        await _obey(incoming, services, pressed, shown)


async def _obey(incoming: Incoming, services: Services, pressed: CallbackData, shown: ShownAnswer) -> None:
    try:
        word = await _record(incoming, services, pressed, shown.prediction)
    except RowMissing:  # forgotten between two looks
        await alert(incoming, services, Toast.EXPIRED)
        return
    await nod(incoming, services, word)
    await _show(incoming, services, shown.prediction, _view(incoming, pressed, shown))


async def _record(
    incoming: Incoming, services: Services, pressed: CallbackData, prediction: PredictionRecord
) -> Toast | None:
    """Store what the press means. Returns: the word for it, None for a mere step in the menu."""
    verdict = VERDICTS.get(pressed.action)
    async with services.database.unit() as unit:
        searching = prediction.id if pressed.action is Action.SEARCH else None
        # An anonymous admin presses by name, and types without one.
        for typing in {incoming.user_id, prediction.user_id}:
            await unit.users.await_search(typing, searching)
        if verdict is None:
            return None
        before = await unit.feedback.latest(prediction.id, user_id=incoming.user_id)
        if verdict is Verdict.WITHDRAWN and before is None:
            return None
        event = await unit.feedback.append(
            prediction_id=prediction.id,
            user_id=incoming.user_id,
            verdict=verdict,
            breed=pressed.breed,
            suggestion=_suggestion(incoming) if verdict is Verdict.OTHER else None,
        )
    if before is not None and before.id == event.id:
        return None if verdict is Verdict.WITHDRAWN else Toast.NOTED
    services.metrics.verdict(verdict, prediction.model_id, answered_breed(prediction.kind, prediction.top))
    return None if verdict is Verdict.WITHDRAWN else Toast.THANKS


def _view(incoming: Incoming, pressed: CallbackData, shown: ShownAnswer) -> View:
    menu = _MENUS.get(pressed.action)
    if menu is not None:
        return shown.view(pressed.action, menu, incoming.language)
    named = _suggestion(incoming) if pressed.action is Action.SUGGEST else pressed.breed
    verdict, learned = VERDICTS[pressed.action], may_be_learned(incoming, shown.prediction)
    view = thanks(shown.prediction, verdict, incoming.language, named, learned=learned)
    return with_question(shown.placed(view, incoming.language), incoming, shown.prediction, verdict)


def _suggestion(incoming: Incoming) -> str | None:
    """What the person had typed: the results of the search, whose button this is, are a reply to it."""
    typed = incoming.message.reply_to_message if incoming.message is not None else None
    if typed is None or typed.from_user is None or typed.from_user.id != incoming.user_id:
        return None
    return suggested_name(typed.text)


async def _show(incoming: Incoming, services: Services, prediction: PredictionRecord, view: View) -> None:
    """In the answer's own message; a list of search results has done its work and is taken away."""
    pressed = pressed_place(incoming, prediction)
    noted = prediction.answer_message_id
    answer_place = pressed if noted is None else (prediction.chat_id, noted)
    if answer_place is None:
        return
    try:
        await services.outgoing.edit(*answer_place, view)
    except Refused as refusal:  # deleted by somebody: then the message with the pressed button shows it
        log.info("answer %s in chat %s cannot be edited: %s", answer_place[1], answer_place[0], refusal)
        if pressed is not None and pressed != answer_place:
            await services.outgoing.edit(*pressed, view)
    else:
        if pressed is not None and pressed != answer_place:
            await services.outgoing.tidy(*pressed)
