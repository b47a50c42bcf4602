"""Consent and how long photos stay; albums, forms of photos, captions; what admins set for groups.

Nobody was asked for their consent before: what they said about answers waits until they are, and their photos for
thirty days. Nothing of that comes back with a downgrade.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

GRACE = timedelta(days=30)

moment = sa.DateTime(timezone=True)
jobs = sa.table("jobs", sa.column("erase_at", moment), sa.column("answered_at", moment))


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "chats",
        sa.Column("chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("answers_all", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name=op.f("fk_chats_set_by_users"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_chats")),
    )
    op.create_index(op.f("ix_chats_set_by"), "chats", ["set_by"], unique=False)
    op.create_table(
        "albums",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("media_group_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("answer_message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_albums_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "media_group_id", name=op.f("pk_albums")),
    )
    op.create_index(op.f("ix_albums_user_id"), "albums", ["user_id"], unique=False)
    _partial_index("ix_albums_open", "albums", ["created_at"], "closed_at IS NULL")

    op.add_column("users", sa.Column("consent", sa.String(length=16), nullable=True))
    op.add_column("users", sa.Column("consent_at", moment, nullable=True))
    op.add_column("users", sa.Column("notified_at", moment, nullable=True))

    op.add_column("jobs", sa.Column("media_group_id", sa.String(length=64), nullable=True))
    op.add_column("jobs", sa.Column("caption_hint", sa.String(length=100), nullable=True))
    op.add_column("jobs", sa.Column("form", sa.String(length=16), server_default="photo", nullable=False))
    op.add_column("jobs", sa.Column("frame", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("erase_at", moment, nullable=True))
    _partial_index("ix_jobs_album", "jobs", ["chat_id", "media_group_id"], "media_group_id IS NOT NULL")
    _partial_index("ix_jobs_erase_at", "jobs", ["erase_at"], "erase_at IS NOT NULL")
    op.create_index("ix_jobs_chat_id", "jobs", ["chat_id", "id"], unique=False)
    for table in ("jobs", "predictions"):
        op.drop_index(f"ix_{table}_user_id", table_name=table)
        op.create_index(f"ix_{table}_user_id", table, ["user_id", "id"], unique=False)

    op.execute("DELETE FROM review_queue")
    op.execute("DELETE FROM accepted_claims")
    op.execute("UPDATE accepted_counts SET accepted = 0")
    # As the application writes moments: SQLite compares them as text.
    at = datetime.now(UTC) + GRACE
    erase_at = at if op.get_bind().dialect.name == "postgresql" else at.replace(tzinfo=None)
    op.execute(sa.update(jobs).where(jobs.c.answered_at.is_not(None)).values(erase_at=erase_at))


def downgrade() -> None:
    """Back to the one before."""
    for table in ("predictions", "jobs"):
        op.drop_index(f"ix_{table}_user_id", table_name=table)
        op.create_index(f"ix_{table}_user_id", table, ["user_id"], unique=False)
    op.drop_index("ix_jobs_chat_id", table_name="jobs")
    _drop_partial_index("ix_jobs_erase_at", "jobs", "erase_at IS NOT NULL")
    _drop_partial_index("ix_jobs_album", "jobs", "media_group_id IS NOT NULL")
    for column in ("erase_at", "frame", "form", "caption_hint", "media_group_id"):
        op.drop_column("jobs", column)

    for column in ("notified_at", "consent_at", "consent"):
        op.drop_column("users", column)

    _drop_partial_index("ix_albums_open", "albums", "closed_at IS NULL")
    op.drop_index(op.f("ix_albums_user_id"), table_name="albums")
    op.drop_table("albums")
    op.drop_index(op.f("ix_chats_set_by"), table_name="chats")
    op.drop_table("chats")


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)


def _drop_partial_index(name: str, table: str, condition: str) -> None:
    where = sa.text(condition)
    op.drop_index(name, table_name=table, sqlite_where=where, postgresql_where=where)
