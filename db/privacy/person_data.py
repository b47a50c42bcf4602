"""All that is stored of one person, for themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, select

from db.chat.chat_records import ERASED
from db.repository import Repository
from db.tables import (
    PENDING,
    accepted_claims,
    albums,
    chats,
    claim_notices,
    console_links,
    console_sessions,
    contributors,
    feedback_events,
    inbox,
    jobs,
    model_evidence,
    outbox,
    predictions,
    review_queue,
    reviews,
    shadow_scores,
    thanks,
    users,
)

ROWS_LIMIT = 20_000  # of each table
# Keys to buttons and logins, bytes that go as files, and who of the moderators decided.
WITHHELD = frozenset({"token", "token_hash", "csrf_hash", "features", "reviewer"})


@dataclass(frozen=True, slots=True)
class PersonData:
    """What there is.

    Attributes:
        rows: by table, newest first, ready for JSON.
        rows_left_out: how many more there are than fit.
        photos: SHA-256 of their photos, newest first.
        with_features: ids of the answers whose features are stored, newest first.
    """

    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    rows_left_out: int
    photos: Sequence[str]
    with_features: Sequence[int]


class PersonDataRows(Repository):
    """By person."""

    async def of(self, user_id: int, limit: int = ROWS_LIMIT) -> PersonData:
        """Everything; of somebody unknown that is nothing. `limit`: rows of each table."""
        rows, left_out = {}, 0
        for name, query in _queries(user_id):
            counted = select(func.count()).select_from(query.order_by(None).subquery())
            found = (await self._execute(query.limit(limit))).mappings()
            rows[name] = [_plain(row) for row in found]
            left_out += int(await self._value(counted)) - len(rows[name])
        mine, answers = jobs.c.user_id == user_id, predictions.c
        sent = select(jobs.c.photo_sha256).where(mine, jobs.c.photo_sha256 != ERASED).order_by(jobs.c.id.desc())
        kept = select(answers.id).where(answers.user_id == user_id, answers.photo_sha256 != ERASED)
        photos = (await self._execute(sent.limit(limit))).scalars()
        with_features = (await self._execute(kept.order_by(answers.id.desc()).limit(limit))).scalars()
        return PersonData(rows, left_out, list(dict.fromkeys(photos)), list(with_features))


def _queries(user_id: int) -> Iterator[tuple[str, Select[Any]]]:
    """Each table that knows something of a person, and its rows about this one."""
    claims = select(feedback_events.c.id).where(feedback_events.c.user_id == user_id)
    answers = select(predictions.c.id).where(predictions.c.user_id == user_id)
    whose: dict[Any, tuple[ColumnElement[bool], ColumnElement[Any]]] = {
        users: (users.c.id == user_id, users.c.id),
        jobs: (jobs.c.user_id == user_id, jobs.c.id),
        predictions: (predictions.c.user_id == user_id, predictions.c.id),
        feedback_events: (feedback_events.c.user_id == user_id, feedback_events.c.id),
        reviews: (reviews.c.feedback_event_id.in_(claims), reviews.c.id),
        review_queue: (review_queue.c.feedback_event_id.in_(claims), review_queue.c.feedback_event_id),
        accepted_claims: (accepted_claims.c.feedback_event_id.in_(claims), accepted_claims.c.feedback_event_id),
        claim_notices: (claim_notices.c.feedback_event_id.in_(claims), claim_notices.c.feedback_event_id),
        model_evidence: (model_evidence.c.feedback_event_id.in_(claims), model_evidence.c.feedback_event_id),
        shadow_scores: (shadow_scores.c.prediction_id.in_(answers), shadow_scores.c.prediction_id),
        contributors: (contributors.c.user_id == user_id, contributors.c.user_id),
        thanks: (thanks.c.user_id == user_id, thanks.c.sent_at),
        outbox: (outbox.c.user_id == user_id, outbox.c.id),
        albums: (albums.c.user_id == user_id, albums.c.created_at),
        chats: (chats.c.set_by == user_id, chats.c.updated_at),
        inbox: (PENDING & (inbox.c.chat_id == user_id), inbox.c.update_id),
        console_links: (console_links.c.moderator_id == user_id, console_links.c.created_at),
        console_sessions: (console_sessions.c.moderator_id == user_id, console_sessions.c.created_at),
    }
    for table, (condition, newest) in whose.items():
        shown = [column for column in table.c if column.name not in WITHHELD]
        yield table.name, select(*shown).where(condition).order_by(newest.desc())


def _plain(row: RowMapping) -> dict[str, Any]:
    return {str(name): one.isoformat() if isinstance(one, datetime) else one for name, one in row.items()}
