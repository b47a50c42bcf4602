"""🔥 Why?: the heat map of a photo, as a message beside the answer, for whoever sees that."""

import logging
from functools import partial

from bot.conversation.answer.buttons import of_whoever_sees_it
from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.shown_answer import ShownAnswer
from bot.conversation.answer.view import claimed_breed
from bot.conversation.callback import Toast
from bot.conversation.context import Context
from bot.conversation.heatmap.port import Heatmap, box_of
from bot.conversation.heatmap.shown_maps import HeatPlace, ShownMaps
from bot.conversation.heatmap.view import heat
from bot.conversation.replies import alert, nod, pressed_place, say_wait
from bot.conversation.router import Router
from bot.errors import Refused
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from db.chat.chat_records import PredictionRecord
from db.errors import PhotoMissing

log = logging.getLogger(__name__)


class Heatmaps:
    """Shows what speaks for an answer, or for another breed. ``paint``: None = nobody gets any."""

    def __init__(self, paint: Heatmap | None) -> None:
        self._paint = paint
        self._shown_maps = ShownMaps()

    def register(self, router: Router) -> None:
        """One button under the answer, two kinds under the map."""
        for action in (Action.WHY, Action.WHY_OF, Action.WHY_NOT):
            router.press(AnswerPress, action, of_whoever_sees_it(self._why))

    async def _why(self, update: ChatUpdate, context: Context, pressed: AnswerPress, shown: ShownAnswer) -> None:
        prediction = shown.prediction
        claimed = claimed_breed(prediction)
        breed = pressed.breed or claimed
        against = claimed if pressed.action is Action.WHY_NOT else None
        if self._paint is None or breed is None or not _can_be_said(prediction, breed, against):
            await alert(update, context, Toast.NO_HEAT)
        elif pressed.breed is None and await self._still_there(context, prediction):
            await nod(update, context, Toast.HEAT_ABOVE)
        elif (wait_s := self._shown_maps.wait_s(update.user_id)) > 0:
            await say_wait(update, context, wait_s)
        elif (picture := await self._paint(prediction.photo_sha256, breed, box_of(prediction.box), against)) is None:
            gone = not await _has_photo(context, prediction)
            await alert(update, context, Toast.PHOTO_GONE if gone else Toast.NO_HEAT)
        else:
            view = heat(prediction, breed, update.language, against)
            place = await self._show(update, context, prediction, picture, view)
            if place is not None:
                self._shown_maps.put(prediction.id, HeatPlace(*place, breed, update.language, against))
            self._shown_maps.count(update.user_id)
            await (nod(update, context) if place is not None else alert(update, context, Toast.PHOTO_DELETED))

    async def _show(
        self, update: ChatUpdate, context: Context, prediction: PredictionRecord, picture: bytes, view: View
    ) -> tuple[int, int] | None:
        """In the message whose button was pressed, if that is a heat map; else in a new one, where the answer is.

        Returns: chat and message; None: a photo that its sender has deleted is shown to nobody else again.
        """
        at = pressed_place(update, prediction)
        if at is None or update.photo is None or not await _replaced(context, at, picture, view):
            try:
                at = prediction.chat_id, await _sent(update, context, prediction, picture, view)
            except Refused as refusal:
                if "replied not found" not in str(refusal):
                    raise
                return None
        return at

    async def _still_there(self, context: Context, prediction: PredictionRecord) -> bool:
        """Whether this answer has its map already. Telegram tells only when asked to change it."""
        place = self._shown_maps.place(prediction.id)
        if place is None:
            return False
        caption = heat(prediction, place.breed, place.language, place.against)
        try:
            await context.sender.edit_caption(place.chat_id, place.message_id, caption)
        except Refused:  # deleted by somebody
            return False
        return True


def _can_be_said(prediction: PredictionRecord, breed: str, against: str | None) -> bool:
    """Against the answer stands another breed that was among the best."""
    return against is None or (breed != against and breed in dict(prediction.top))


async def _sent(update: ChatUpdate, context: Context, prediction: PredictionRecord, picture: bytes, view: View) -> int:
    """To the sender beside the answer; to others only beside the photo itself. Raises Refused: that is not there."""
    chat_id, thread_id = prediction.chat_id, update.thread_id
    send = partial(context.sender.send_photo, quiet=not update.private)
    if await context.groups.may_press(prediction, update.user_id):
        return await send(chat_id, picture, view, prediction.answer_message_id, thread_id)
    async with context.database.unit(read_only=True) as unit:
        job = await unit.jobs.get(prediction.job_id)
    photo_id = job.message_id if job is not None else prediction.answer_message_id
    return await send(chat_id, picture, view, photo_id, thread_id, only_as_reply=True)


async def _replaced(context: Context, at: tuple[int, int], picture: bytes, view: View) -> bool:
    """Whether the map is in place of another one; that may be deleted, or too old to be changed."""
    try:
        await context.sender.edit_photo(*at, picture, view)
    except Refused as refusal:
        log.info("a heat map in chat %s cannot be edited: %s", at[0], refusal)
        return False
    return True


async def _has_photo(context: Context, prediction: PredictionRecord) -> bool:
    try:
        await context.photo_store.get(prediction.photo_sha256)
    except PhotoMissing:
        return False
    return True
