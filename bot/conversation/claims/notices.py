"""Tells people what became of what they said of an answer.

The message under which they said it says so from then on. Who said something that a reviewer did not accept, or put
right, hears of it in a message of its own, once, unless they want to hear no more. A decision is told when it has stood
for a while: one that is taken back at once is nobody's news.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from bot.conversation.answer.shown_answer import ShownAnswer, shown_answer
from bot.conversation.claims.view import fate, label_name, overruled, thanks
from bot.conversation.personal.thanks_view import overruled_view
from bot.errors import Refused
from bot.pipeline.stage import Mark, Stage
from bot.telegram.sender import Sender
from bot.texts import day, pick
from bot.timing import Timing
from core.claim import Verdict, claimed_label
from core.supervisor import Supervisor
from db.chat.chat_records import ERASED, Consent, FeedbackRecord, JobRecord, ReviewRecord, UserRecord
from db.database import Database
from db.learning.learning_records import ClaimNotice
from db.learning.notices import ClaimNotices
from db.unit import Unit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UnsaidDecisions:
    """Decisions as a stage's table. ``settled``: for how long one must have stood."""

    notices: ClaimNotices
    settled: timedelta

    async def due(self, limit: int) -> Sequence[ClaimNotice]:
        """See `Rows.due`."""
        return await self.notices.due(limit, self.settled)

    async def later(self, key: int, at: datetime, error: str, *, failed: bool) -> None:  # noqa: ARG002
        """See `Rows.later`."""
        await self.notices.later(key, at, error)


@dataclass(frozen=True, slots=True)
class _News:
    """A claim that stands, and the last decision about it."""

    claim: FeedbackRecord
    review: ReviewRecord
    user: UserRecord
    shown: ShownAnswer
    job: JobRecord

    @property
    def claimed(self) -> str | None:
        answer = self.shown.prediction
        return claimed_label(self.claim.verdict, self.claim.breed, answer.kind, answer.top)


class ClaimNoticesStage:
    """One place: each is followed by a pause, as answers go first."""

    def __init__(self, database: Database, sender: Sender, saves: Supervisor, *, language: str, timing: Timing) -> None:
        self._database = database
        self._sender = sender
        self._language = language
        self._pause_s = timing.thanks_every_s
        settled = timedelta(seconds=timing.decision_settled_s)
        self.stage = Stage(
            "notices",
            lambda unit: UnsaidDecisions(unit.claim_notices, settled),
            attrgetter("feedback_event_id"),
            self._say,
            database,
            saves,
            places=1,
            backoff=timing.in_trouble,
        )

    async def _say(self, notice: ClaimNotice) -> Mark:
        async with self._database.unit(read_only=True) as unit:
            news = await _news(unit, notice)
        if news is not None:
            await asyncio.sleep(self._pause_s)
            language = pick(news.user.language, news.user.language_code, self._language)
            if notice.told_at is None and news.user.wants_thanks:
                await self._tell(notice, news, language)
            await self._rewrite(news, language)

        async def mark(unit: Unit) -> None:
            await unit.claim_notices.said(notice)

        return mark

    async def _tell(self, notice: ClaimNotice, news: _News, language: str) -> None:
        """In private, whatever chat the photo was sent to: nobody is put right before others."""
        said = label_name(news.claimed, language) if news.claimed else news.claim.suggestion or "…"
        sent = day(news.shown.prediction.created_at, language)
        text = overruled(news.review, said, news.claimed, sent, language)
        if text is None:
            return
        private = news.job.chat_id == news.user.id
        try:
            view = overruled_view(text, news.user.id, language)
            await self._sender.send(news.user.id, view, (news.job.message_id or None) if private else None)
        except Refused as refusal:  # blocked, or they only ever wrote in a group
            log.info("user %s cannot be told of a decision: %s", news.user.id, refusal)
        async with self._database.unit() as unit:
            await unit.claim_notices.told(notice)

    async def _rewrite(self, news: _News, language: str) -> None:
        """Of a photo with others in its message it is not known what that shows now; it says so when it is opened."""
        answer, claim = news.shown.prediction, news.claim
        message = news.shown.inline_message_id or answer.answer_message_id
        if news.shown.album is not None or message is None:
            return
        became = fate(news.review, news.claimed, language)
        view = thanks(answer, claim.verdict, language, claim.breed or claim.suggestion, fate=became)
        try:
            await self._sender.edit(answer.chat_id, message, view)
        except Refused as refusal:  # deleted, or the chat is gone
            log.info("answer %s in chat %s keeps its words: %s", message, answer.chat_id, refusal)


async def _news(unit: Unit, notice: ClaimNotice) -> _News | None:
    """None: the claim was replaced, withdrawn or forgotten, or may not be learned from any more."""
    claim = await unit.feedback.get(notice.feedback_event_id)
    answer = await unit.predictions.get(claim.prediction_id) if claim is not None else None
    if claim is None or answer is None or claim.verdict is Verdict.WITHDRAWN or answer.photo_sha256 == ERASED:
        return None
    last = await unit.feedback.latest(answer.id, user_id=claim.user_id)
    review, user = await unit.reviews.latest(claim.id), await unit.users.get(claim.user_id)
    job = await unit.jobs.get(answer.job_id)
    if last != claim or review is None or user is None or job is None:
        return None
    if user.consent is not Consent.YES or user.banned_at is not None:
        return None
    return _News(claim, review, user, await shown_answer(unit, answer), job)
