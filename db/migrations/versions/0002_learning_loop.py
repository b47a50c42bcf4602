"""The learning loop: what waits for review, what is accepted, retrains, shadows, the console, thanks."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)
accepted_claims = sa.table(
    "accepted_claims",
    *map(sa.column, ("feedback_event_id", "review_id", "breed")),
    sa.column("correction", sa.Boolean()),
    sa.column("accepted_at", moment),
)
accepted_counts = sa.table("accepted_counts", sa.column("breed"), sa.column("accepted"))
review_queue = sa.table(
    "review_queue",
    *map(sa.column, ("feedback_event_id", "prediction_id", "user_id", "rank", "breed")),
    sa.column("created_at", moment),
)
contributors = sa.table(
    "contributors",
    *map(sa.column, ("user_id", "corrections", "accepted", "rejected", "policy_accepted", "policy_rejected")),
)
# Each person's last claim about each answer, with the last decision about it.
STANDING = sa.text(
    "SELECT f.id, f.prediction_id, f.user_id, f.verdict, f.breed, f.created_at, p.kind, p.top, p.not_a_dog, "
    "r.id AS review_id, r.decision, r.breed AS reviewed, r.created_at AS reviewed_at "
    "FROM feedback_events f JOIN predictions p ON p.id = f.prediction_id "
    "LEFT JOIN reviews r ON r.id = (SELECT max(n.id) FROM reviews n WHERE n.feedback_event_id = f.id) "
    "WHERE f.id > :after AND NOT EXISTS (SELECT 1 FROM feedback_events l "
    "WHERE l.prediction_id = f.prediction_id AND l.user_id = f.user_id AND l.id > f.id) "
    "ORDER BY f.id LIMIT 2000"
).columns(created_at=moment, top=sa.JSON(), reviewed_at=moment)
DECIDED = sa.text(
    "SELECT f.user_id, r.decision, r.reviewer, count(*) FROM reviews r "
    "JOIN feedback_events f ON f.id = r.feedback_event_id "
    "WHERE NOT EXISTS (SELECT 1 FROM reviews n WHERE n.feedback_event_id = r.feedback_event_id AND n.id > r.id) "
    "GROUP BY f.user_id, r.decision, r.reviewer"
)


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "accepted_counts",
        sa.Column("breed", sa.String(length=64), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("breed", name=op.f("pk_accepted_counts")),
    )
    op.create_table(
        "console_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("moderator_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_links")),
    )
    op.create_index(op.f("ix_console_links_expires_at"), "console_links", ["expires_at"], unique=False)
    op.create_index(op.f("ix_console_links_moderator_id"), "console_links", ["moderator_id"], unique=False)

    op.create_table(
        "console_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("moderator_id", sa.BigInteger(), nullable=False),
        sa.Column("csrf_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_sessions")),
    )
    op.create_index(op.f("ix_console_sessions_expires_at"), "console_sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_console_sessions_moderator_id"), "console_sessions", ["moderator_id"], unique=False)

    op.create_table(
        "retrains",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("champion_id", sa.String(length=128), nullable=False),
        sa.Column("model_id", sa.String(length=128), nullable=True),
        sa.Column("evidence_count", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrains")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_retrains_model_id"), "retrains", ["model_id"], unique=False)
    op.create_index(
        "ix_retrains_running",
        "retrains",
        ["status"],
        unique=True,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )

    op.create_table(
        "contributors",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("policy_accepted", sa.Integer(), nullable=False),
        sa.Column("policy_rejected", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_contributors_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_contributors")),
    )
    op.create_table(
        "thanks",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.String(length=128), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_thanks_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "model_id", name=op.f("pk_thanks")),
    )
    op.create_index(
        "ix_thanks_unsent",
        "thanks",
        ["user_id", "model_id"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )

    op.create_table(
        "shadow_scores",
        sa.Column("prediction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.String(length=128), nullable=False),
        sa.Column("breed", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["prediction_id"],
            ["predictions.id"],
            name=op.f("fk_shadow_scores_prediction_id_predictions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("prediction_id", "model_id", name=op.f("pk_shadow_scores")),
    )
    op.create_index("ix_shadow_scores_model_id", "shadow_scores", ["model_id", "prediction_id"], unique=False)

    op.create_table(
        "accepted_claims",
        sa.Column(
            "feedback_event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("breed", sa.String(length=64), nullable=True),
        sa.Column("correction", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_event_id"],
            ["feedback_events.id"],
            name=op.f("fk_accepted_claims_feedback_event_id_feedback_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feedback_event_id", name=op.f("pk_accepted_claims")),
    )
    op.create_index("ix_accepted_claims_correction", "accepted_claims", ["correction", "accepted_at"], unique=False)

    op.create_table(
        "model_evidence",
        sa.Column("model_id", sa.String(length=128), nullable=False),
        sa.Column("feedback_event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["feedback_event_id"],
            ["feedback_events.id"],
            name=op.f("fk_model_evidence_feedback_event_id_feedback_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model_id", "feedback_event_id", name=op.f("pk_model_evidence")),
    )
    op.create_index(op.f("ix_model_evidence_feedback_event_id"), "model_evidence", ["feedback_event_id"], unique=False)

    op.create_table(
        "review_queue",
        sa.Column(
            "feedback_event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("prediction_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Float(), nullable=False),
        sa.Column("breed", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skipped_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["feedback_event_id"],
            ["feedback_events.id"],
            name=op.f("fk_review_queue_feedback_event_id_feedback_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feedback_event_id", name=op.f("pk_review_queue")),
    )
    op.create_index(
        "ix_review_queue_rank", "review_queue", ["rank", "feedback_event_id", "skipped_until"], unique=False
    )
    op.add_column("feedback_events", sa.Column("suggestion", sa.String(length=60), nullable=True))

    op.create_index("ix_reviews_reviewer", "reviews", ["reviewer", "created_at", "id"], unique=False)

    op.add_column("users", sa.Column("wants_thanks", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("users", sa.Column("banned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("reviewing", sa.BigInteger(), nullable=True))

    fill(op.get_bind())


def fill(connection: sa.Connection) -> None:
    """What the claims and decisions that are there amount to. As of this revision: later code is not asked."""
    counts: Counter[str] = Counter()
    corrections: Counter[int] = Counter()
    for page in standing_claims(connection):
        corrections.update(row.user_id for row in page if row.verdict in {"correct", "not_a_dog"})
        accepted = [accepted_claim(row) for row in page if row.decision == "accepted" and row.verdict != "withdrawn"]
        counts.update(row["breed"] for row in accepted if row["breed"] is not None)
        add(connection, accepted_claims, accepted)
    add(connection, accepted_counts, [{"breed": breed, "accepted": number} for breed, number in counts.items()])
    for page in standing_claims(connection):
        waiting = [row for row in page if row.decision is None and row.verdict in {"confirm", "correct", "not_a_dog"}]
        add(connection, review_queue, [waiting_claim(row, counts) for row in waiting])
    add(connection, contributors, list(tallies(connection, corrections)))


def standing_claims(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    """Pages of the last words of everybody, each with its answer and its last review."""
    page, after_id = connection.execute(STANDING, {"after": 0}).all(), 0
    while page:
        yield page
        after_id = page[-1].id
        page = connection.execute(STANDING, {"after": after_id}).all()


def add(connection: sa.Connection, table: sa.TableClause, rows: list[dict[str, Any]]) -> None:
    """Insert, if there is anything."""
    if rows:
        connection.execute(sa.insert(table), rows)


def accepted_claim(row: Any) -> dict[str, Any]:
    """A row of accepted_claims."""
    breed = row.reviewed or label(row)
    return {
        "feedback_event_id": row.id,
        "review_id": row.review_id,
        "breed": breed,
        "correction": row.verdict != "confirm" or breed != answered(row),
        "accepted_at": row.reviewed_at,
    }


def waiting_claim(row: Any, counts: Counter[str]) -> dict[str, Any]:
    """A row of review_queue."""
    sure = row.not_a_dog if row.kind == "not_a_dog" else (row.top[0][1] if row.top else 0.0)
    if row.verdict == "confirm":
        priority = 0.1 * (1 - sure)
    else:
        claimed = row.not_a_dog if row.verdict == "not_a_dog" else dict(row.top).get(row.breed, 0.0)
        priority = (1 - claimed) * sure + 0.25 / (1 + counts[str(label(row))] / 10)
    return {
        "feedback_event_id": row.id,
        "prediction_id": row.prediction_id,
        "user_id": row.user_id,
        "rank": -priority,
        "breed": row.breed,
        "created_at": row.created_at,
    }


def answered(row: Any) -> str | None:
    """What a confirmation confirms."""
    return "not_a_dog" if row.kind == "not_a_dog" else (row.top[0][0] if row.top else None)


def label(row: Any) -> str | None:
    """What a claim says."""
    return {"confirm": answered(row), "correct": row.breed, "not_a_dog": "not_a_dog"}.get(row.verdict)


def tallies(connection: sa.Connection, corrections: Counter[int]) -> Iterator[dict[str, Any]]:
    """Rows of contributors."""
    decided: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for user_id, decision, reviewer, number in connection.execute(DECIDED):
        decided[user_id][("policy_" if reviewer == "policy" else "") + decision] += number
    for user_id in sorted(corrections.keys() | decided.keys()):
        names = ("accepted", "rejected", "policy_accepted", "policy_rejected")
        theirs = {name: decided[user_id][name] for name in names}
        yield {"user_id": user_id, "corrections": corrections[user_id], **theirs}


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("users", "reviewing")
    op.drop_column("users", "banned_at")
    op.drop_column("users", "wants_thanks")

    op.drop_index("ix_reviews_reviewer", table_name="reviews")

    op.drop_column("feedback_events", "suggestion")

    op.drop_index("ix_review_queue_rank", table_name="review_queue")
    op.drop_table("review_queue")
    op.drop_index(op.f("ix_model_evidence_feedback_event_id"), table_name="model_evidence")

    op.drop_table("model_evidence")
    op.drop_index("ix_accepted_claims_correction", table_name="accepted_claims")

    op.drop_table("accepted_claims")
    op.drop_index("ix_shadow_scores_model_id", table_name="shadow_scores")

    op.drop_table("shadow_scores")
    op.drop_index(
        "ix_thanks_unsent",
        table_name="thanks",
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )

    op.drop_table("thanks")
    op.drop_table("contributors")
    op.drop_index(
        "ix_retrains_running",
        table_name="retrains",
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
    op.drop_index(op.f("ix_retrains_model_id"), table_name="retrains")

    op.drop_table("retrains")
    op.drop_index(op.f("ix_console_sessions_moderator_id"), table_name="console_sessions")
    op.drop_index(op.f("ix_console_sessions_expires_at"), table_name="console_sessions")

    op.drop_table("console_sessions")
    op.drop_index(op.f("ix_console_links_moderator_id"), table_name="console_links")
    op.drop_index(op.f("ix_console_links_expires_at"), table_name="console_links")

    op.drop_table("console_links")
    op.drop_table("accepted_counts")
