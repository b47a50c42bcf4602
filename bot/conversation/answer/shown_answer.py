"""An answer as it is shown: its own words, what was named beside the photo, and its place in an album.

A video shows what its frames say together; so does every later look at it, until the frames are deleted.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.conversation.answer.album import Album, Shot
from bot.conversation.answer.album_view import album as album_view
from bot.conversation.answer.album_view import photo_of_album
from bot.conversation.answer.corrections import corrections
from bot.conversation.answer.hint import with_hint
from bot.conversation.answer.read_album import album_with
from bot.conversation.answer.view import answer
from bot.conversation.answer_press import Action
from bot.telegram.message import View
from db.chat.chat_records import PredictionRecord
from db.unit import Unit

Menu = Callable[[PredictionRecord, str], View]

_WITH_HINT = frozenset({Action.BACK, Action.CHANGE, Action.SHOW, Action.MORE, Action.ABOUT})


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """Attributes: what is answered for the photo; the breed named beside it; its album, if others are in it, too."""

    prediction: PredictionRecord
    hint: str | None = None
    album: Album | None = None
    shot: Shot | None = None

    def view(self, action: Action, menu: Menu, language: str) -> View:
        """What a menu shows of it, in its place."""
        if action is Action.ALBUM:
            return self.whole(language)
        if action is Action.WRONG:
            return self.placed(corrections(self.prediction, language, self.hint), language)
        view = menu(self.prediction, language)
        if action in _WITH_HINT:
            view = with_hint(view, self.prediction, self.hint, language)
        return self.placed(view, language)

    def placed(self, view: View, language: str) -> View:
        """A view about this photo, with the way back to its album."""
        if self.album is None or self.shot is None:
            return view
        return photo_of_album(self.album, self.shot, view, language)

    def whole(self, language: str) -> View:
        """The album; of a photo sent alone its answer."""
        if self.album is None:
            return with_hint(answer(self.prediction, language), self.prediction, self.hint, language)
        return album_view(self.album, language)


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
