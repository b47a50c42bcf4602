"""What a moderator's press does to a claim, in a sentence. Whoever else decided first is named, calmly."""

from dataclasses import dataclass
from typing import Final

from bot.console.cards import claim_name, label_name, stored_claim_name
from bot.console.sessions import Moderator
from bot.texts import say_plain
from core.claim import Decision
from core.clock import Clock
from db.chat.chat_records import ReviewRecord
from db.learning.learning_records import ReviewItem
from db.learning.reviews import MODERATOR
from db.unit import Unit
from training.learning.feedback.decide import Decided, decide, decided, put_off, take_back

REMEMBERED: Final = 5  # decisions that a freshly loaded page can undo


@dataclass(frozen=True, slots=True)
class Remembered:
    """A decision of this moderator that stands."""

    event_id: int
    sentence: str


class Decisions:
    """Decides in a unit of work that the caller opens and commits; raises what `feedback.decide` raises."""

    def __init__(self, unit: Unit, moderator: Moderator, clock: Clock) -> None:
        self._unit = unit
        self._moderator = moderator
        self._clock = clock

    async def skip(self, event_id: int) -> str:
        """Put a claim off, for everybody."""
        item = await put_off(self._unit, event_id, self._clock())
        return self._say("console-done-skipped", claim_name(item, self._moderator.language))

    async def decide(self, event_id: int, decision: Decision, breed: str | None = None) -> str:
        """Accept, perhaps as another breed, or reject.

        The same again is no news: the answer to the first time may have been lost on its way.
        """
        return self._sentence(await decide(self._unit, event_id, decision, self._moderator.reviewer, breed=breed))

    async def undo(self, event_id: int) -> ReviewItem:
        """Let a claim wait again that this moderator decided or put off."""
        return await take_back(self._unit, event_id, self._moderator.reviewer, self._clock())

    async def remembered(self) -> list[Remembered]:
        """This moderator's last decisions that stand, newest last."""
        newest: dict[int, ReviewRecord] = {}
        for review in await self._unit.reviews.recent(self._moderator.reviewer, REMEMBERED * 2):
            newest.setdefault(review.feedback_event_id, review)
        standing = [review for review in newest.values() if review.decision is not Decision.REOPENED][:REMEMBERED]
        found = [await decided(self._unit, review) for review in reversed(standing)]
        return [Remembered(one.claim.id, self._sentence(one)) for one in found if one is not None]

    def _sentence(self, done: Decided) -> str:
        name = stored_claim_name(done.claim, done.answer, self._moderator.language)
        if done.review.decision is Decision.REJECTED:
            return self._say("console-done-rejected", name)
        taught = name if done.review.breed is None else label_name(done.review.breed, self._moderator.language)
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
