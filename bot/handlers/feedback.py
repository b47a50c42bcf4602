"""A pressed button: what somebody says of an answer."""

import logging
from collections.abc import Callable

from bot.callback_data import Action, BadCallback, CallbackData
from bot.incoming import Incoming
from bot.lanes import Later
from bot.outgoing import Refused
from bot.services import Services
from bot.views.answer import answer
from bot.views.corrections import corrections
from bot.views.search import search_prompt
from bot.views.thanks import thanks
from bot.views.toast import Toast, toast
from bot.views.view import View
from db.errors import RowMissing
from db.records import PredictionRecord, Verdict

log = logging.getLogger(__name__)

VERDICTS = {
    Action.CONFIRM: Verdict.CONFIRM,
    Action.PICK: Verdict.CORRECT,
    Action.NOT_A_DOG: Verdict.NOT_A_DOG,
    Action.DONT_KNOW: Verdict.DONT_KNOW,
    Action.CHANGE: Verdict.WITHDRAWN,  # "change" takes back what was said; the next verdict replaces it
}
_MENUS: dict[Action, Callable[[PredictionRecord, str], View]] = {
    Action.WRONG: corrections,
    Action.SEARCH: search_prompt,
    Action.BACK: answer,
    Action.CHANGE: answer,
}


async def press(incoming: Incoming, services: Services) -> None:
    """Believe no button: what it names is looked up, and who may press it is checked, each time."""
    try:
        pressed = CallbackData.parse((incoming.query.data if incoming.query is not None else None) or "")
    except BadCallback as error:
        log.warning("update %s: %s", incoming.update_id, error)
        await _alert(incoming, services, Toast.MALFORMED)
        return
    async with services.database.unit(read_only=True) as unit:
        prediction = await unit.predictions.by_token(pressed.token)
    if prediction is None:
        await _alert(incoming, services, Toast.EXPIRED)
    elif prediction.user_id != incoming.user_id:
        await _alert(incoming, services, Toast.NOT_YOURS)
    else:
        await _obey(incoming, services, pressed, prediction)


async def _obey(incoming: Incoming, services: Services, pressed: CallbackData, prediction: PredictionRecord) -> None:
    try:
        word = await _record(incoming, services, pressed, prediction)
    except RowMissing:  # forgotten between two looks
        await _alert(incoming, services, Toast.EXPIRED)
        return
    await _answer(incoming, services, toast(word, incoming.language) if word else "")
    await _show(incoming, services, prediction, _view(pressed, prediction, incoming.language))


async def _record(
    incoming: Incoming, services: Services, pressed: CallbackData, prediction: PredictionRecord
) -> Toast | None:
    """Store what the press means. Returns: the word for it, None for a mere step in the menu."""
    verdict = VERDICTS.get(pressed.action)
    async with services.database.unit() as unit:
        searching = prediction.id if pressed.action is Action.SEARCH else None
        await unit.users.await_search(incoming.user_id, searching)
        if verdict is None:
            return None
        before = await unit.feedback.latest(prediction.id, user_id=incoming.user_id)
        if verdict is Verdict.WITHDRAWN and before is None:
            return None
        event = await unit.feedback.append(
            prediction_id=prediction.id, user_id=incoming.user_id, verdict=verdict, breed=pressed.breed
        )
    if before is not None and before.id == event.id:
        return None if verdict is Verdict.WITHDRAWN else Toast.NOTED
    services.metrics.verdict(verdict)
    return None if verdict is Verdict.WITHDRAWN else Toast.THANKS


def _view(pressed: CallbackData, prediction: PredictionRecord, language: str) -> View:
    menu = _MENUS.get(pressed.action)
    if menu is not None:
        return menu(prediction, language)
    return thanks(prediction, VERDICTS[pressed.action], language, pressed.breed)


async def _show(incoming: Incoming, services: Services, prediction: PredictionRecord, view: View) -> None:
    """In the answer's own message; a list of search results has done its work and is taken away."""
    pressed = _pressed_place(incoming, prediction)
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


def _pressed_place(incoming: Incoming, prediction: PredictionRecord) -> tuple[int, int] | None:
    """Chat and message of the pressed button, if that message is about this prediction.

    A forged press can name any message of ours, somebody else's answer for one: that one must not change.
    """
    message = incoming.message
    if message is None or message.reply_markup is None:
        return None
    buttons = (button for row in message.reply_markup.inline_keyboard for button in row)
    if not any(f":{prediction.token}" in str(button.callback_data) for button in buttons):
        return None
    return incoming.chat_id, message.message_id


async def _alert(incoming: Incoming, services: Services, what: Toast) -> None:
    """A refusal: nothing else will show it, so it is repeated until it is out or too old."""
    if incoming.query is not None:
        text = toast(what, incoming.language)
        await services.outgoing.answer_press(incoming.chat_id, incoming.query.id, text, alert=True)


async def _answer(incoming: Incoming, services: Services, text: str) -> None:
    """A courtesy: the edited message shows the same, so trouble here must not keep it waiting."""
    if incoming.query is None:
        return
    try:
        await services.outgoing.answer_press(incoming.chat_id, incoming.query.id, text)
    except Later as trouble:
        log.info("a press in chat %s keeps its spinner: %s", incoming.chat_id, trouble)
