"""🖼 Which is which?: one's own photo with its dogs numbered, as a message beside the answer."""

import asyncio
import logging
from typing import Final

from bot.conversation.answer.buttons import of_the_sender
from bot.conversation.answer.press import Action, AnswerPress
from bot.conversation.answer.shown_answer import ShownAnswer
from bot.conversation.callback import Toast
from bot.conversation.context import Context
from bot.conversation.replies import alert, nod, say_wait
from bot.conversation.router import Router
from bot.moving_window import MovingWindows
from bot.telegram.message import View
from bot.telegram.update import ChatUpdate
from bot.texts import say
from core.prediction import WHOLE_PHOTO
from db.errors import PhotoMissing
from inference.photo.decode import PhotoError
from inference.photo.frames import Frame
from inference.photo.viewing_copy import viewing_copy

PER_PERSON: Final = 6
WITHIN_S: Final = 60.0
AT_ONCE: Final = 2  # photos decoded for this; those for answers go on beside them

log = logging.getLogger(__name__)


class Boxes:
    """Draws frames; what is in them, each answer has stored."""

    def __init__(self) -> None:
        self._asked = MovingWindows(PER_PERSON, WITHIN_S)
        self._turns = asyncio.Semaphore(AT_ONCE)

    def register(self, router: Router) -> None:
        """One button, under the answer to a photo of several dogs."""
        router.press(AnswerPress, Action.BOXES, of_the_sender(self._boxes))

    async def _boxes(self, update: ChatUpdate, context: Context, pressed: AnswerPress, shown: ShownAnswer) -> None:  # noqa: ARG002 - the press says no more
        if (wait_s := self._asked.wait_s(update.user_id)) > 0:
            await say_wait(update, context, wait_s)
        elif (picture := await self._picture(context, shown)) is None:
            await alert(update, context, Toast.PHOTO_GONE)
        else:
            about = shown.prediction
            view = View(say(update.language, "boxes-caption"))
            send, quiet = context.sender.send_photo, not update.private
            await send(about.chat_id, picture, view, about.answer_message_id, update.thread_id, quiet=quiet)
            self._asked.take(update.user_id)
            await nod(update, context)

    async def _picture(self, context: Context, shown: ShownAnswer) -> bytes | None:
        """None: the photo is gone."""
        of, shot = shown.album, shown.shot
        frames = [
            Frame(one.answer.box or WHOLE_PHOTO, of.label(one))
            for one in (of.beside(shot) if of is not None and shot is not None else ())
            if of is not None and one.answer is not None
        ]
        try:
            async with self._turns:
                data = await context.photo_store.get(shown.prediction.photo_sha256)
                return await asyncio.to_thread(viewing_copy, data, frames)
        except (PhotoMissing, PhotoError) as error:
            log.info("the dogs of photo %s cannot be shown: %s", shown.prediction.photo_sha256, error)
            return None
