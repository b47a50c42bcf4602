"""What a moderator's press does to a claim. Whoever else decided first is named, calmly."""

from dataclasses import dataclass
from typing import Final

from bot.console.cards import claim_name, stored_claim_name
from bot.console.label_name import label_name
from bot.console.sessions import Moderator
from bot.conversation.moderation.decisions import PUT_OFF
from bot.texts import say_plain
from core.claim import Decision
from core.clock import Clock
from db.chat.chat_records import ReviewRecord
from db.errors import AlreadyDecided, RowMissing
from db.learning.learning_records import ReviewItem
from db.learning.reviews import MODERATOR
from db.unit import Unit

REMEMBERED: Final = 5  # decisions that a freshly loaded page can undo


class ClaimGone(Exception):
    """The claim counts no more: its person said something else since, or was forgotten."""


class BreedNeeded(Exception):
    """What was typed is no breed of the catalogue: it is accepted as one, or rejected."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A decision of this moderator that stands."""

    event_id: int
    sentence: str


class Decisions:
    """Decides in a unit of work that the caller opens and commits."""

    def __init__(self, unit: Unit, moderator: Moderator, clock: Clock) -> None:
        self._unit = unit
        self._moderator = moderator
        self._clock = clock

    async def skip(self, event_id: int) -> str:
        """Put a claim off, for everybody. Raises ClaimGone or AlreadyDecided."""
        item = await self._waiting(event_id)
        await self._unit.review_queue.skip(event_id, self._clock() + PUT_OFF)
        return self._say("console-done-skipped", claim_name(item, self._moderator.language))

    async def decide(self, event_id: int, decision: Decision, breed: str | None = None) -> str:
        """Accept, perhaps as another breed, or reject. Raises ClaimGone, AlreadyDecided or BreedNeeded.

        The same again by the same moderator is no news: the answer to the first time may have been lost on its way.
        """
        try:
            item = await self._waiting(event_id)
        except AlreadyDecided as error:
            return await self._repeated(error, decision, breed)
        try:
            review = await self._unit.reviews.decide(event_id, decision, reviewer=self._moderator.reviewer, breed=breed)
        except RowMissing:
            raise ClaimGone from None
        except ValueError:
            raise BreedNeeded from None
        return self._sentence(review, claim_name(item, self._moderator.language))

    async def undo(self, event_id: int) -> ReviewItem:
        """Let a claim wait again that this moderator decided or put off.

        Raises ClaimGone, or AlreadyDecided: somebody else did.
        """
        standing = await self._standing(event_id)
        if standing is not None and standing.reviewer != self._moderator.reviewer:
            raise AlreadyDecided(standing)
        try:
            if standing is not None:
                await self._unit.reviews.decide(event_id, Decision.REOPENED, reviewer=self._moderator.reviewer)
            await self._unit.review_queue.skip(event_id, self._clock())
        except RowMissing:
            raise ClaimGone from None
        return await self._waiting(event_id)

    async def remembered(self) -> list[Remembered]:
        """This moderator's last decisions that stand, newest last."""
        newest: dict[int, ReviewRecord] = {}
        for review in await self._unit.reviews.recent(self._moderator.reviewer, REMEMBERED * 2):
            newest.setdefault(review.feedback_event_id, review)
        standing = [review for review in newest.values() if review.decision is not Decision.REOPENED][:REMEMBERED]
        return [found for review in reversed(standing) if (found := await self._remember(review)) is not None]

    async def _remember(self, review: ReviewRecord) -> Remembered | None:
        claim = await self._unit.feedback.get(review.feedback_event_id)
        answer = await self._unit.predictions.get(claim.prediction_id) if claim is not None else None
        if claim is None or answer is None:
            return None
        name = stored_claim_name(claim, answer, self._moderator.language)
        return Remembered(review.feedback_event_id, self._sentence(review, name))

    async def _repeated(self, error: AlreadyDecided, decision: Decision, breed: str | None) -> str:
        stands = error.standing
        same = (stands.reviewer, stands.decision, stands.breed) == (self._moderator.reviewer, decision, breed)
        remembered = await self._remember(stands) if same else None
        if remembered is None:
            raise error
        return remembered.sentence

    async def _waiting(self, event_id: int) -> ReviewItem:
        item = await self._unit.review_queue.get(event_id)
        if item is not None:
            return item
        standing = await self._standing(event_id)
        raise AlreadyDecided(standing) if standing is not None else ClaimGone

    async def _standing(self, event_id: int) -> ReviewRecord | None:
        latest = await self._unit.reviews.latest(event_id)
        return latest if latest is not None and latest.decision is not Decision.REOPENED else None

    def _sentence(self, review: ReviewRecord, name: str) -> str:
        if review.decision is Decision.REJECTED:
            return self._say("console-done-rejected", name)
        taught = name if review.breed is None else label_name(review.breed, self._moderator.language)
        return self._say("console-done-accepted", taught)

    def _say(self, key: str, name: str) -> str:
        return say_plain(self._moderator.language, key, breed=name)


def who(standing: ReviewRecord, moderator: Moderator) -> str:
    """Key of the sentence that says who decided."""
    if standing.reviewer == moderator.reviewer:
        return "console-who-you"
    if standing.reviewer.startswith(MODERATOR):
        return "console-who-moderator"
    return "console-who-policy" if standing.reviewer == "policy" else "console-who-operator"
