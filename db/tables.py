"""The tables, for SQLite and PostgreSQL alike.

A person's rows hang on `users` by cascading foreign keys, so that forgetting somebody is one delete.
Conditions of partial indexes are written once, here, and used by the queries too: the database takes such an index only
when it can prove the condition, which is surest with the same text (https://www.sqlite.org/partialindex.html).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Dialect,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeDecorator

from db.clock import UtcDateTime
from db.records import BreedConfidence, Decision, JobStatus, PredictionKind, ScoredBreed, Verdict

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Only a column typed exactly INTEGER is SQLite's rowid and counts up by itself.
RowId = BigInteger().with_variant(Integer, "sqlite")

PENDING = text("done_at IS NULL")
QUEUED = text("status = 'queued'")
UNANSWERED = text("status IN ('predicted', 'failed') AND answered_at IS NULL")
CHAMPION = text("promoted_at IS NOT NULL AND retired_at IS NULL")


class TopBreeds(TypeDecorator[tuple[ScoredBreed, ...]]):
    """The best breeds as a JSON list of [breed, confidence]."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Iterable[BreedConfidence] | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Scores → lists."""
        return [[score.breed, float(score.confidence)] for score in value or ()]

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[ScoredBreed, ...]:  # noqa: ARG002
        """Lists → scores."""
        return tuple(ScoredBreed(breed, confidence) for breed, confidence in value or ())


def _words(kind: type[StrEnum]) -> Enum:
    """A text column that holds the values of `kind`; no database type, so that a new value is no migration."""
    return Enum(kind, native_enum=False, create_constraint=False, length=16, values_callable=list)


def _user() -> Column[int]:
    return Column("user_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True)


def _photo() -> Column[str]:
    return Column("photo_sha256", String(64), ForeignKey("photos.sha256"), nullable=False, index=True)


inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger),
    Column("received_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("payload", JSON(none_as_null=True)),
    Index("ix_inbox_received_at", "received_at", "update_id"),
    Index("ix_inbox_pending", "received_at", "update_id", sqlite_where=PENDING, postgresql_where=PENDING),
)

users = Table(
    "users",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("language", String(16)),
    Column("language_code", String(16)),
    # No foreign key: it would be a circle, and a prediction only ever goes together with its user.
    Column("awaiting_search_for", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

photos = Table(
    "photos",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mime", String(64), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", RowId, primary_key=True),
    _photo(),
    _user(),
    Column("chat_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, unique=True),
    Column("status", _words(JobStatus), nullable=False, default=JobStatus.QUEUED),
    Column("failure", String(32)),
    Column("progress_message_id", BigInteger),
    Column("answer_message_id", BigInteger),
    Column("attempts", Integer, nullable=False, default=0),
    Column("created_at", UtcDateTime, nullable=False),
    Column("predicted_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Index("ix_jobs_queued", "id", sqlite_where=QUEUED, postgresql_where=QUEUED),
    Index("ix_jobs_unanswered", "id", sqlite_where=UNANSWERED, postgresql_where=UNANSWERED),
    sqlite_autoincrement=True,  # the queue knows jobs by id: a forgotten one's must not come back
)

predictions = Table(
    "predictions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("job_id", BigInteger, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("token", String(16), nullable=False, unique=True),
    _user(),
    Column("chat_id", BigInteger, nullable=False),
    Column("kind", _words(PredictionKind), nullable=False),
    Column("top", TopBreeds, nullable=False),
    Column("not_a_dog", Float, nullable=False),
    Column("model_id", String(128), nullable=False),
    Column("backbone_id", String(128), nullable=False),
    _photo(),
    Column("answer_message_id", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    # Last: SQLite reads a row from its start, and these 4 KB overflow into a page of their own.
    Column("features", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

feedback_events = Table(
    "feedback_events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("prediction_id", BigInteger, ForeignKey("predictions.id", ondelete="CASCADE"), nullable=False),
    _user(),
    Column("verdict", _words(Verdict), nullable=False),
    Column("breed", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_feedback_events_prediction_id", "prediction_id", "id"),
    sqlite_autoincrement=True,
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("feedback_event_id", BigInteger, ForeignKey("feedback_events.id", ondelete="CASCADE"), nullable=False),
    Column("decision", _words(Decision), nullable=False),
    Column("breed", String(64)),
    Column("reviewer", String(64), nullable=False),
    Column("reason", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_reviews_feedback_event_id", "feedback_event_id", "id"),
    sqlite_autoincrement=True,
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("model_id", String(128), primary_key=True),
    Column("backbone_id", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("promoted_at", UtcDateTime),
    Column("retired_at", UtcDateTime),
    Column("note", Text),
    Column("manifest", JSON, nullable=False),
)
