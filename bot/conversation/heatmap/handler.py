"""🔥 Why?: the heat map of one's own photo, as a message beside the answer."""

from bot.conversation.answer.view import claimed_breed
from bot.conversation.answer_press import CallbackData
from bot.conversation.context import Context
from bot.conversation.heatmap.shown_maps import HeatPlace
from bot.conversation.heatmap.view import heat
from bot.conversation.pressed_place import pressed_place
from bot.conversation.replies import alert, nod, say_wait
from bot.conversation.toast import Toast
from bot.telegram.sender import Refused
from bot.telegram.update import ChatUpdate
from db.chat.chat_records import PredictionRecord
from db.errors import PhotoMissing


async def why(update: ChatUpdate, context: Context, pressed: CallbackData, prediction: PredictionRecord) -> None:
    """Show what speaks for the answer, or for another breed. Who presses was checked: it is the sender."""
    breed = pressed.breed or claimed_breed(prediction)
    if context.heatmap is None or breed is None:
        await alert(update, context, Toast.NO_HEAT)
    elif pressed.breed is None and await _still_there(update, context, prediction):
        await nod(update, context, Toast.HEAT_ABOVE)
    elif (wait_s := context.shown_maps.wait_s(update.user_id)) > 0:
        await say_wait(update, context, wait_s)
    elif (picture := await context.heatmap(prediction.photo_sha256, breed)) is None:
        gone = not await _has_photo(context, prediction)
        await alert(update, context, Toast.PHOTO_GONE if gone else Toast.NO_HEAT)
    else:
        await _show(update, context, prediction, breed, picture)
        context.shown_maps.count(update.user_id)
        await nod(update, context)


async def _show(update: ChatUpdate, context: Context, prediction: PredictionRecord, breed: str, picture: bytes) -> None:
    """In the message whose button was pressed, if that is a heat map; else in a new one, where the answer is."""
    view = heat(prediction, breed, update.language)
    at = pressed_place(update, prediction)
    if at is not None and update.message is not None and update.message.photo:
        await context.sender.edit_photo(*at, picture, view)
    else:
        answer_id = prediction.answer_message_id
        at = prediction.chat_id, await context.sender.send_photo(prediction.chat_id, picture, view, answer_id)
    context.shown_maps.put(prediction.id, HeatPlace(*at, breed))


async def _still_there(update: ChatUpdate, context: Context, prediction: PredictionRecord) -> bool:
    """Whether this answer has its map already. Telegram tells only when asked to change it."""
    place = context.shown_maps.place(prediction.id)
    if place is None:
        return False
    caption = heat(prediction, place.breed, update.language)
    try:
        await context.sender.edit_caption(place.chat_id, place.message_id, caption)
    except Refused:  # deleted by somebody
        return False
    return True


async def _has_photo(context: Context, prediction: PredictionRecord) -> bool:
    try:
        await context.photo_store.get(prediction.photo_sha256)
    except PhotoMissing:
        return False
    return True
