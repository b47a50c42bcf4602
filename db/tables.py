"""The tables, for SQLite and PostgreSQL alike.

A person's rows hang on `users` by cascading foreign keys, so that forgetting somebody is one delete.
Conditions of partial indexes are written once, here, and used by the queries too: the database takes such an index only
when it can prove the condition, which is surest with the same text (https://www.sqlite.org/partialindex.html).
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
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
    UniqueConstraint,
    false,
    text,
    true,
)

from core.claim import Decision, Verdict
from core.prediction import Kind
from db.chat.chat_records import Consent, JobStatus, PhotoForm
from db.column_types import TopBreeds, UtcDateTime
from db.learning.learning_records import RetrainStatus, RetrainTrigger

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

SUGGESTION_LENGTH = 60
HINT_LENGTH = 100

PENDING = text("done_at IS NULL")
QUEUED = text("status = 'queued'")
UNANSWERED = text("status IN ('predicted', 'failed') AND answered_at IS NULL")
AWAKE = text("done_at IS NULL AND next_try_at IS NOT NULL")
AWAKE_ANSWER = text("next_try_at IS NOT NULL")
ALBUM_PENDING = text("done_at IS NULL AND media_group_id IS NOT NULL")
RUNNING = text("status = 'running'")
UNSENT = text("sent_at IS NULL")
IN_AN_ALBUM = text("media_group_id IS NOT NULL")
TO_ERASE = text("erase_at IS NOT NULL")
OPEN = text("closed_at IS NULL")
CHAMPION = text("promoted_at IS NOT NULL AND retired_at IS NULL")


def _words(kind: type[StrEnum]) -> Enum:
    """A text column that holds the values of `kind`; no database type, so that a new value is no migration."""
    return Enum(kind, native_enum=False, create_constraint=False, length=16, values_callable=list)


def _user(**options: Any) -> Column[int]:
    """Whose it is; always the first column of an index, so that forgetting somebody finds it."""
    kind = RowId if "primary_key" in options else BigInteger()
    cascade = ForeignKey("users.id", ondelete="CASCADE")
    return Column("user_id", kind, cascade, nullable=False, **(options or {"index": True}))


def _event(name: str = "feedback_event_id") -> Column[int]:
    """The key of a table that has at most one row for a claim, and loses it together with the claim."""
    cascade = ForeignKey("feedback_events.id", ondelete="CASCADE")
    return Column(name, RowId, cascade, primary_key=True, autoincrement=False)


def _tries() -> tuple[Column[Any], Column[Any]]:
    """When a stage takes the row next (none: it is asleep behind another), and how often that was in vain."""
    return Column("next_try_at", UtcDateTime), Column("tries", Integer, nullable=False, default=0, server_default="0")


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
    Column("queue_key", String(32)),  # within it in order; erased with the payload
    Column("digest", String(16)),  # of the payload; stays, as the id does
    Column("media_group_id", String(64)),
    *_tries(),
    Index("ix_inbox_received_at", "received_at", "update_id"),
    Index("ix_inbox_key", "queue_key", "received_at", "update_id", sqlite_where=PENDING, postgresql_where=PENDING),
    Index("ix_inbox_due", "next_try_at", "update_id", sqlite_where=AWAKE, postgresql_where=AWAKE),
    Index("ix_inbox_album", "chat_id", "media_group_id", sqlite_where=ALBUM_PENDING, postgresql_where=ALBUM_PENDING),
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
    Column("wants_thanks", Boolean, nullable=False, server_default=true()),
    Column("banned_at", UtcDateTime),
    Column("reviewing", BigInteger),  # a claim; no foreign key, as above
    Column("consent", _words(Consent)),
    Column("consent_at", UtcDateTime),
    Column("notified_at", UtcDateTime),
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

# Fingerprints by which copies are recognised, made when a photo is first learned from; they go with their photo.
photo_sketches = Table(
    "photo_sketches",
    metadata,
    Column("sha256", String(64), ForeignKey("photos.sha256", ondelete="CASCADE"), primary_key=True),
    Column("sketch", LargeBinary, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", RowId, primary_key=True),
    _photo(),
    _user(index=False),
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
    Column("media_group_id", String(64)),
    Column("caption_hint", String(HINT_LENGTH)),
    Column("form", _words(PhotoForm), nullable=False, default=PhotoForm.PHOTO, server_default=PhotoForm.PHOTO.value),
    Column("frame", Integer),
    Column("erase_at", UtcDateTime),
    Column("album_dog", Integer),
    Column("submitted_at", UtcDateTime),
    Column("thread_id", BigInteger),
    Column("error", Text),
    *_tries(),
    Column("remarks", JSON(none_as_null=True)),
    Column("guest_query_id", Text),
    Column("inline_message_id", Text),
    Index("ix_jobs_user_id", "user_id", "id"),
    Index("ix_jobs_chat_id", "chat_id", "id"),
    Index("ix_jobs_album", "chat_id", "media_group_id", sqlite_where=IN_AN_ALBUM, postgresql_where=IN_AN_ALBUM),
    Index("ix_jobs_erase_at", "erase_at", sqlite_where=TO_ERASE, postgresql_where=TO_ERASE),
    Index("ix_jobs_queued", "next_try_at", "id", sqlite_where=QUEUED, postgresql_where=QUEUED),
    Index("ix_jobs_unanswered", "id", sqlite_where=UNANSWERED, postgresql_where=UNANSWERED),
    sqlite_autoincrement=True,  # the queue knows jobs by id: a forgotten one's must not come back
)

# What is to be said and was not yet: a photo's answer, or an album's. Gone once it is said.
outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    _user(),
    Column("job_id", BigInteger, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("media_group_id", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("error", Text),
    *_tries(),
    Index("ix_outbox_key", "chat_id", "id"),
    Index("ix_outbox_due", "next_try_at", "id", sqlite_where=AWAKE_ANSWER, postgresql_where=AWAKE_ANSWER),
    sqlite_autoincrement=True,
)

predictions = Table(
    "predictions",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("job_id", BigInteger, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("token", String(16), nullable=False, unique=True),
    _user(index=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("kind", _words(Kind), nullable=False),
    Column("top", TopBreeds, nullable=False),
    Column("not_a_dog", Float, nullable=False),
    Column("model_id", String(128), nullable=False),
    Column("backbone_id", String(128), nullable=False),
    _photo(),
    Column("answer_message_id", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("dog", Integer, nullable=False, default=0, server_default="0"),
    Column("box", JSON(none_as_null=True)),
    # Last: SQLite reads a row from its start, and these KB overflow into a page of their own.
    Column("features", LargeBinary, nullable=False),
    UniqueConstraint("job_id", "dog"),
    Index("ix_predictions_user_id", "user_id", "id"),
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
    Column("suggestion", String(SUGGESTION_LENGTH)),
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
    Index("ix_reviews_reviewer", "reviewer", "created_at", "id"),
    sqlite_autoincrement=True,
)

# The next four say what feedback and reviews amount to, so that nothing ever counts or searches a million rows;
# `db/learning/claim_status.py` keeps them, in the transaction that changes feedback or reviews.
review_queue = Table(
    "review_queue",
    metadata,
    _event(),
    Column("prediction_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    # Minus the priority, so that a plain index gives the most informative first, and the oldest among equals.
    Column("rank", Float, nullable=False),
    Column("breed", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("skipped_until", UtcDateTime),
    # With skipped_until, so that passing over what was skipped does not read the rows.
    Index("ix_review_queue_rank", "rank", "feedback_event_id", "skipped_until"),
)

accepted_claims = Table(
    "accepted_claims",
    metadata,
    _event(),
    Column("review_id", BigInteger, nullable=False),
    Column("breed", String(64)),
    Column("correction", Boolean, nullable=False),
    Column("accepted_at", UtcDateTime, nullable=False),
    Index("ix_accepted_claims_correction", "correction", "accepted_at"),
)

accepted_counts = Table(
    "accepted_counts",
    metadata,
    Column("breed", String(64), primary_key=True),
    Column("accepted", Integer, nullable=False),
    Column("corrections", Integer, nullable=False, default=0, server_default="0"),  # the others are ✅
)

# Whoever made a claim is told what became of it; the row stays, so that nobody hears of a rejection twice.
claim_notices = Table(
    "claim_notices",
    metadata,
    _event(),
    Column("told_at", UtcDateTime),
    Column("error", Text),
    *_tries(),
    Index(
        "ix_claim_notices_due",
        "next_try_at",
        "feedback_event_id",
        sqlite_where=AWAKE_ANSWER,
        postgresql_where=AWAKE_ANSWER,
    ),
)

contributors = Table(
    "contributors",
    metadata,
    _user(primary_key=True, autoincrement=False),
    Column("corrections", Integer, nullable=False, default=0),
    Column("accepted", Integer, nullable=False, default=0),
    Column("rejected", Integer, nullable=False, default=0),
    Column("policy_accepted", Integer, nullable=False, default=0),
    Column("policy_rejected", Integer, nullable=False, default=0),
    Column("set_aside", Integer, nullable=False, default=0, server_default="0"),
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

retrains = Table(
    "retrains",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("trigger", _words(RetrainTrigger), nullable=False),
    Column("status", _words(RetrainStatus), nullable=False),
    Column("champion_id", String(128), nullable=False),
    Column("model_id", String(128), index=True),
    Column("evidence_count", Integer),
    Column("error", Text),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("verdict", JSON(none_as_null=True)),
    # One at a time, whatever happens at once.
    Index("ix_retrains_running", "status", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
    sqlite_autoincrement=True,
)

model_evidence = Table(
    "model_evidence",
    metadata,
    Column("model_id", String(128), primary_key=True),
    Column(
        "feedback_event_id",
        BigInteger,
        ForeignKey("feedback_events.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
        autoincrement=False,
    ),
    Column("review_id", BigInteger),
)

shadow_scores = Table(
    "shadow_scores",
    metadata,
    Column(
        "prediction_id",
        BigInteger,
        ForeignKey("predictions.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("model_id", String(128), primary_key=True),
    Column("breed", String(64)),
    Column("confidence", Float, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_shadow_scores_model_id", "model_id", "prediction_id"),
)

console_links = Table(
    "console_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("moderator_id", BigInteger, nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("moderator_id", BigInteger, nullable=False, index=True),
    Column("csrf_hash", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
)

thanks = Table(
    "thanks",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("model_id", String(128), primary_key=True),
    Column("events", Integer, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("error", Text),
    *_tries(),
    Index("ix_thanks_unsent", "next_try_at", "user_id", sqlite_where=UNSENT, postgresql_where=UNSENT),
)

chats = Table(
    "chats",
    metadata,
    Column("chat_id", RowId, primary_key=True, autoincrement=False),
    Column("answers_all", Boolean, nullable=False, default=False, server_default=false()),
    Column("set_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL"), index=True),
    Column("updated_at", UtcDateTime, nullable=False),
)

albums = Table(
    "albums",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("media_group_id", String(64), primary_key=True),
    _user(),
    Column("answer_message_id", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    *_tries(),
    Index("ix_albums_due", "next_try_at", sqlite_where=OPEN, postgresql_where=OPEN),
)

# Not even a row a process: some tens.
leases = Table(
    "leases",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
