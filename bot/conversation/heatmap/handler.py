"""🔥 Why?: the heat map of one's own photo, as a message beside the answer."""

from bot.conversation.answer.view import claimed_breed
from bot.conversation.answer_press import CallbackData
from bot.conversation.context import Services
from bot.conversation.heatmap.shown_maps import HeatPlace
from bot.conversation.heatmap.view import heat
from bot.conversation.pressed_place import pressed_place
from bot.conversation.replies import alert, nod, say_wait
from bot.conversation.toast import Toast
from bot.telegram.sender import Refused
from bot.telegram.update import Incoming
from db.chat.chat_records import PredictionRecord
from db.errors import PhotoMissing


async def why(incoming: Incoming, services: Services, pressed: CallbackData, prediction: PredictionRecord) -> None:
    """Show what speaks for the answer, or for another breed. Who presses was checked: it is the sender."""
    breed = pressed.breed or claimed_breed(prediction)
    if services.heatmap is None or breed is None:
        await alert(incoming, services, Toast.NO_HEAT)
    elif pressed.breed is None and await _still_there(incoming, services, prediction):
        await nod(incoming, services, Toast.HEAT_ABOVE)
    elif (wait_s := services.heat_desk.wait_s(incoming.user_id)) > 0:
        await say_wait(incoming, services, wait_s)
    elif (picture := await services.heatmap(prediction.photo_sha256, breed)) is None:
        gone = not await _has_photo(services, prediction)
        await alert(incoming, services, Toast.PHOTO_GONE if gone else Toast.NO_HEAT)
    else:
        await _show(incoming, services, prediction, breed, picture)
        services.heat_desk.count(incoming.user_id)
        await nod(incoming, services)


async def _show(
    incoming: Incoming, services: Services, prediction: PredictionRecord, breed: str, picture: bytes
) -> None:
    """In the message whose button was pressed, if that is a heat map; else in a new one, where the answer is."""
    view = heat(prediction, breed, incoming.language)
    at = pressed_place(incoming, prediction)
    if at is not None and incoming.message is not None and incoming.message.photo:
        await services.outgoing.edit_photo(*at, picture, view)
    else:
        answer_id = prediction.answer_message_id
        at = prediction.chat_id, await services.outgoing.send_photo(prediction.chat_id, picture, view, answer_id)
    services.heat_desk.put(prediction.id, HeatPlace(*at, breed))


async def _still_there(incoming: Incoming, services: Services, prediction: PredictionRecord) -> bool:
    """Whether this answer has its map already. Telegram tells only when asked to change it."""
    place = services.heat_desk.place(prediction.id)
    if place is None:
        return False
    caption = heat(prediction, place.breed, incoming.language)
    try:
        await services.outgoing.edit_caption(place.chat_id, place.message_id, caption)
    except Refused:  # deleted by somebody
        return False
    return True


async def _has_photo(services: Services, prediction: PredictionRecord) -> bool:
    try:
        await services.photo_store.get(prediction.photo_sha256)
    except PhotoMissing:
        return False
    return True
