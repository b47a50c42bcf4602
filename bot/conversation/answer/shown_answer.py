"""An answer as it is shown: its own words, what was named beside the photo, and its place in an album.

A video shows what its frames say together; so does every later look at it, until the frames are deleted.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.conversation.answer.album import Album, Shot
from bot.conversation.answer.album_view import album as album_view
from bot.conversation.answer.album_view import photo_of_album
from bot.conversation.answer.corrections import corrections
from bot.conversation.answer.read_album import album_with
from bot.conversation.answer.view import answer, with_hint
from bot.telegram.message import View
from db.chat.chat_records import PredictionRecord
from db.unit import Unit


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """Attributes: what is answered for the photo; the breed named beside it; its album, if others are in it, too."""

    prediction: PredictionRecord
    hint: str | None = None
    album: Album | None = None
    shot: Shot | None = None

    def placed(self, view: View, language: str) -> View:
        """A view about this photo, with the way back to its album."""
        if self.album is None or self.shot is None:
            return view
        return photo_of_album(self.album, self.shot, view, language)

    def corrections(self, language: str) -> View:
        """The menu behind ❌."""
        return self.placed(corrections(self.prediction, language, self.hint), language)

    def whole(self, language: str) -> View:
        """The album; of a photo sent alone its answer."""
        if self.album is None:
            return hinted(answer)(self, language)
        return album_view(self.album, language)


Menu = Callable[[ShownAnswer, str], View]


def hinted(view: Callable[[PredictionRecord, str], View]) -> Menu:
    """A view of the answer, with what was named beside the photo."""

    def menu(shown: ShownAnswer, language: str) -> View:
        hinted = with_hint(view(shown.prediction, language), shown.prediction, shown.hint, language)
        return shown.placed(hinted, language)

    return menu


async def shown_answer(unit: Unit, prediction: PredictionRecord) -> ShownAnswer:
    """Read what is needed."""
    album = await album_with(unit, prediction)
    if album is None:
        job = await unit.jobs.get(prediction.job_id)
        return ShownAnswer(prediction, job.caption_hint if job is not None else None)
    shot = album.shot_of(prediction.token)
    if shot is None or shot.answer is None:  # a frame that does not speak for its video: only by a forged button
        return ShownAnswer(prediction)
    if len(album.shots) == 1:
        return ShownAnswer(shot.answer, shot.hint)
    return ShownAnswer(shot.answer, shot.hint or album.hint, album, shot)
