"""An answer as it is shown: its own words, what was named beside the photo, and its place among others.

A video shows what its frames say together; so does every later look at it, until the frames are deleted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.conversation.answer.album import SEVERAL, Album, Shot, dogs_of, read_album
from bot.conversation.answer.album_view import album as album_view
from bot.conversation.answer.album_view import photo_of_album
from bot.conversation.answer.corrections import corrections
from bot.conversation.answer.view import answer, with_remarks
from bot.telegram.message import View
from db.chat.chat_records import ERASED, Consent, PredictionRecord
from db.unit import Unit


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """Attributes: what is answered; the breed named beside the photo; its album, or the other dogs in its photo, and
    which of them it is; what is wrong with the photo; where it stands as a guest's, for `Sender.edit`.
    """

    prediction: PredictionRecord
    hint: str | None = None
    album: Album | None = None
    shot: Shot | None = None
    remarks: Sequence[str] | None = None
    inline_message_id: str | None = None

    def may_be_learned(self, consent: Consent | None) -> bool:
        """Whether a claim about it leads anywhere; ``consent``: of who makes it."""
        return consent is Consent.YES and self.prediction.photo_sha256 != ERASED

    def placed(self, view: View, language: str) -> View:
        """A view about this dog, with the way back to the others."""
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
    """A view of the answer, with what is wrong with the photo, and what was named beside it."""

    def menu(shown: ShownAnswer, language: str) -> View:
        answered = shown.prediction
        said = with_remarks(view(answered, language), answered, language, remarks=shown.remarks, hint=shown.hint)
        return shown.placed(said, language)

    return menu


async def shown_answer(unit: Unit, prediction: PredictionRecord) -> ShownAnswer:
    """Read what is needed. Any frame stands for its video."""
    job = await unit.jobs.get(prediction.job_id)
    if job is None:
        return ShownAnswer(prediction)
    inline = job.inline_message_id or None
    if job.media_group_id is not None:
        album = await read_album(unit, job.chat_id, job.media_group_id)
    elif len(dogs := await unit.predictions.dogs(job.id)) >= SEVERAL:
        album = dogs_of(job, dogs)
    else:
        return ShownAnswer(prediction, job.caption_hint, remarks=job.remarks, inline_message_id=inline)
    alone = len(album.shots) == 1
    shot = album.shots[0] if alone else album.shot_of(prediction.token)
    if shot is None or shot.answer is None:  # a frame that does not speak for its video, which is one among others
        return ShownAnswer(prediction, album=album, inline_message_id=inline)
    if alone:
        return ShownAnswer(shot.answer, shot.hint, remarks=shot.remarks, inline_message_id=inline)
    return ShownAnswer(shot.answer, shot.hint or album.hint, album, shot, shot.remarks, inline)
