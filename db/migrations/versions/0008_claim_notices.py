"""Who made a claim is told what became of it; accepted corrections are counted apart from accepted ✅."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COUNTED = """
    UPDATE accepted_counts SET corrections =
        (SELECT count(*) FROM accepted_claims
         WHERE accepted_claims.breed = accepted_counts.breed AND accepted_claims.correction = {true})
"""


def upgrade() -> None:
    """To this revision."""
    claim = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "claim_notices",
        sa.Column("feedback_event_id", claim, nullable=False, autoincrement=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_event_id"],
            ["feedback_events.id"],
            name=op.f("fk_claim_notices_feedback_event_id_feedback_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feedback_event_id", name=op.f("pk_claim_notices")),
    )
    awake = sa.text("next_try_at IS NOT NULL")
    op.create_index(
        "ix_claim_notices_due",
        "claim_notices",
        ["next_try_at", "feedback_event_id"],
        sqlite_where=awake,
        postgresql_where=awake,
    )
    op.add_column("accepted_counts", sa.Column("corrections", sa.Integer(), server_default="0", nullable=False))
    op.execute(_COUNTED.format(true="true" if op.get_bind().dialect.name == "postgresql" else "1"))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("accepted_counts", "corrections")
    op.drop_index("ix_claim_notices_due", table_name="claim_notices")
    op.drop_table("claim_notices")
