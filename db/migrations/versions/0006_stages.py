"""Stages: each row says when it is tried next; answers to be sent are rows of their own. A photo may show several dogs.

What waits is taken up by the first bot that leads (`adopt` of each repository), as is what bots of the version before
store while they still run.
"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)
PENDING = "done_at IS NULL"
STAGES = ("inbox", "jobs", "albums", "thanks")


def upgrade() -> None:
    """To this revision."""
    for index, table in (("pending", "inbox"), ("queued", "jobs"), ("unsent", "thanks"), ("open", "albums")):
        op.drop_index(f"ix_{table}_{index}", table_name=table)
    op.add_column("inbox", sa.Column("queue_key", sa.String(length=32), nullable=True))
    op.add_column("inbox", sa.Column("media_group_id", sa.String(length=64), nullable=True))
    op.add_column("jobs", sa.Column("submitted_at", moment, nullable=True))
    op.add_column("jobs", sa.Column("error", sa.Text(), nullable=True))
    op.add_column("thanks", sa.Column("error", sa.Text(), nullable=True))
    for table in STAGES:
        op.add_column(table, sa.Column("next_try_at", moment, nullable=True))
        op.add_column(table, sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("media_group_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("next_try_at", moment, nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_outbox_user_id_users"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_outbox_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("job_id", name=op.f("uq_outbox_job_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_user_id", "outbox", ["user_id"], unique=False)
    op.create_index("ix_outbox_key", "outbox", ["chat_id", "id"], unique=False)
    _partial_index("ix_outbox_due", "outbox", ["next_try_at", "id"], "next_try_at IS NOT NULL")
    _partial_index("ix_inbox_key", "inbox", ["queue_key", "received_at", "update_id"], PENDING)
    _partial_index("ix_inbox_due", "inbox", ["next_try_at", "update_id"], f"{PENDING} AND next_try_at IS NOT NULL")
    _partial_index(
        "ix_inbox_album", "inbox", ["chat_id", "media_group_id"], f"{PENDING} AND media_group_id IS NOT NULL"
    )
    _partial_index("ix_jobs_queued", "jobs", ["next_try_at", "id"], "status = 'queued'")
    _partial_index("ix_thanks_unsent", "thanks", ["next_try_at", "user_id"], "sent_at IS NULL")
    _partial_index("ix_albums_due", "albums", ["next_try_at"], "closed_at IS NULL")
    op.alter_column("jobs", "dog", new_column_name="album_dog")
    features = "features" if _copies() else None
    with _of_predictions() as predictions:
        dog = sa.Column("dog", sa.Integer(), server_default="0", nullable=False)
        predictions.add_column(dog, insert_before=features)
        predictions.add_column(sa.Column("box", sa.JSON(), nullable=True), insert_before=features)
        predictions.drop_constraint("uq_predictions_job_id", type_="unique")
        predictions.create_unique_constraint("uq_predictions_job_id_dog", ["job_id", "dog"])


def downgrade() -> None:
    """Back to the one before: of each photo, the first dog is left."""
    op.execute("DELETE FROM predictions WHERE dog > 0")
    with _of_predictions() as predictions:
        predictions.drop_constraint("uq_predictions_job_id_dog", type_="unique")
        predictions.create_unique_constraint("uq_predictions_job_id", ["job_id"])
        predictions.drop_column("box")
        predictions.drop_column("dog")
    op.alter_column("jobs", "album_dog", new_column_name="dog")
    for index, table in (
        ("ix_albums_due", "albums"), ("ix_thanks_unsent", "thanks"), ("ix_jobs_queued", "jobs"),
        ("ix_inbox_album", "inbox"), ("ix_inbox_due", "inbox"), ("ix_inbox_key", "inbox"),
    ):  # fmt: skip
        op.drop_index(index, table_name=table)
    op.drop_table("outbox")
    for table in STAGES:
        op.drop_column(table, "tries")
        op.drop_column(table, "next_try_at")
    for table, column in (
        ("thanks", "error"), ("jobs", "error"), ("jobs", "submitted_at"),
        ("inbox", "media_group_id"), ("inbox", "queue_key"),
    ):  # fmt: skip
        op.drop_column(table, column)
    _partial_index("ix_albums_open", "albums", ["created_at"], "closed_at IS NULL")
    _partial_index("ix_thanks_unsent", "thanks", ["user_id", "model_id"], "sent_at IS NULL")
    _partial_index("ix_jobs_queued", "jobs", ["id"], "status = 'queued'")
    _partial_index("ix_inbox_pending", "inbox", ["received_at", "update_id"], PENDING)


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)


def _copies() -> bool:
    """SQLite changes constraints by copying the table."""
    return op.get_context().dialect.name == "sqlite"


def _of_predictions() -> AbstractContextManager[BatchOperations]:
    return op.batch_alter_table(
        "predictions", recreate="always" if _copies() else "never", table_kwargs={"sqlite_autoincrement": True}
    )
