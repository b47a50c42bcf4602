"""What each button under an answer does: it opens something in its message, or says something of the answer."""

import logging
from collections.abc import Awaitable, Callable

from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.search import search_prompt, suggested_name
from bot.conversation.answer.shown_answer import Menu, ShownAnswer, hinted, shown_answer
from bot.conversation.answer.thanks import thanks
from bot.conversation.answer.view import answer, answer_with_card, answer_with_ranking
from bot.conversation.claims.fate import fate
from bot.conversation.context import Context
from bot.conversation.privacy.consent import may_be_learned, with_question
from bot.conversation.replies import alert, nod, post, pressed_place, turn
from bot.conversation.router import PressHandler, Router
from bot.conversation.toast import Toast
from bot.errors import Later, Refused
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from core.claim import Verdict, answered_breed, claimed_label
from db.chat.chat_records import PredictionRecord
from db.errors import RowMissing
from db.unit import Unit

MENUS: dict[Action, Menu] = {
    Action.WRONG: ShownAnswer.corrections,
    Action.SEARCH: lambda shown, language: shown.placed(search_prompt(shown.prediction, language), language),
    Action.BACK: hinted(answer),
    Action.SHOW: hinted(answer),
    Action.ALBUM: ShownAnswer.whole,
    Action.MORE: hinted(answer_with_ranking),
    Action.ABOUT: hinted(answer_with_card),
}
"""What a press opens."""
VERDICTS: dict[Action, Verdict] = {
    Action.CONFIRM: Verdict.CONFIRM,
    Action.PICK: Verdict.CORRECT,
    Action.NOT_A_DOG: Verdict.NOT_A_DOG,
    Action.DONT_KNOW: Verdict.DONT_KNOW,
    Action.SUGGEST: Verdict.OTHER,
    Action.CHANGE: Verdict.WITHDRAWN,  # "change" takes back what was said; the next verdict replaces it
}
"""What a press says."""

AnswerHandler = Callable[[ChatUpdate, Context, AnswerPress, ShownAnswer], Awaitable[bool | None]]

log = logging.getLogger(__name__)


def register(router: Router) -> None:
    """The heat map, too, is behind a button here: `bot/conversation/heatmap` registers it."""
    for action in MENUS:
        router.press(AnswerPress, action, of_the_sender(_open))
    for action in VERDICTS:
        router.press(AnswerPress, action, of_the_sender(_claim))


def of_the_sender(handle: AnswerHandler) -> PressHandler[AnswerPress]:
    """What a button names is looked up, and who may press it is checked, each time."""

    async def press(update: ChatUpdate, context: Context, pressed: AnswerPress) -> bool | None:
        async with context.database.unit(read_only=True) as unit:
            prediction = await unit.predictions.by_token(pressed.token)
            shown = await shown_answer(unit, prediction) if prediction is not None else None
        if prediction is None or shown is None:
            await alert(update, context, Toast.EXPIRED)
        elif not await context.groups.may_press(prediction, update.user_id):
            await alert(update, context, Toast.NOT_YOURS)
        else:
            try:
                return await handle(update, context, pressed, shown)
            except RowMissing:  # forgotten between two looks
                await alert(update, context, Toast.EXPIRED)
        return None

    return press


async def _open(update: ChatUpdate, context: Context, pressed: AnswerPress, shown: ShownAnswer) -> None:
    """A step in the menu."""
    async with context.database.unit() as unit:
        await _await_name(unit, update, shown.prediction, searching=pressed.action is Action.SEARCH)
        said = await _said_before(unit, update, context, shown) if pressed.action is Action.SHOW else None
    await nod(update, context)
    await _show(update, context, shown.prediction, said or MENUS[pressed.action](shown, update.language))


async def _said_before(unit: Unit, update: ChatUpdate, context: Context, shown: ShownAnswer) -> View | None:
    """What this person has said of one of several answers, and what became of that; None: nothing that stands."""
    answer, language = shown.prediction, update.language
    claim = await unit.feedback.latest(answer.id, user_id=update.user_id)
    if claim is None or claim.verdict is Verdict.WITHDRAWN:
        return None
    learned, review = may_be_learned(update, answer), await unit.reviews.latest(claim.id)
    claimed = claimed_label(claim.verdict, claim.breed, answer.kind, answer.top)
    became = fate(review, claimed, language) if review is not None and learned else None
    named, rule = claim.breed or claim.suggestion, context.rule_decides
    view = thanks(answer, claim.verdict, language, named, learned=learned, rule=rule, fate=became)
    return shown.placed(view, language)


async def _claim(update: ChatUpdate, context: Context, pressed: AnswerPress, shown: ShownAnswer) -> bool:
    """Shown, then stored together with the end of the update, then thanked for.

    Returns: whether that end is noted.
    """
    verdict, suggestion = VERDICTS[pressed.action], None
    if verdict is Verdict.OTHER and (suggestion := _suggestion(update)) is None:
        await alert(update, context, Toast.TYPE_IT_AGAIN)
        return False
    said = pressed.breed or suggestion
    if verdict is Verdict.WITHDRAWN:
        view = hinted(answer)(shown, update.language)
    else:
        learned = may_be_learned(update, shown.prediction)
        rule = context.rule_decides
        noted = thanks(shown.prediction, verdict, update.language, said, learned=learned, rule=rule)
        view = with_question(shown.placed(noted, update.language), update, shown.prediction, verdict, rule=rule)
    try:
        await _show(update, context, shown.prediction, view)
    except (Later, Refused):  # perhaps it is shown next time; what was said counts now
        await nod(update, context, await _record(update, context, shown.prediction, verdict, said, ends=False))
        raise
    await nod(update, context, await _record(update, context, shown.prediction, verdict, said, ends=True))
    return True


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
        context.metrics.verdict(verdict, prediction.model_id, answered_breed(prediction.kind, prediction.top))
    if verdict is Verdict.WITHDRAWN:
        return None
    return Toast.NOTED if event == before else Toast.THANKS


async def _await_name(unit: Unit, update: ChatUpdate, prediction: PredictionRecord, *, searching: bool) -> None:
    """Whether a name is waited for from now on. An anonymous admin presses by name, and types without one."""
    for typing in {update.user_id, prediction.user_id}:
        await unit.users.await_search(typing, prediction.id if searching else None)


def _suggestion(update: ChatUpdate) -> str | None:
    """What the person had typed: the results of the search, whose button this is, are a reply to it."""
    typed = update.message.reply_to_message if update.message is not None else None
    if typed is None or typed.from_user is None or typed.from_user.id != update.user_id:
        return None
    return suggested_name(typed.text)


async def _show(update: ChatUpdate, context: Context, prediction: PredictionRecord, view: View) -> None:
    """In the answer's own message; a list of search results has done its work and is taken away.

    What cannot be edited any more, as it is deleted or too old, is followed by a new message.
    """
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
            await turn(update, context, view)
        else:
            await post(update, context, view)
    else:
        if pressed is not None and pressed != answer_place:
            await context.sender.tidy(*pressed)
