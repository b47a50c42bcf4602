"""Photos that somebody asks about in a chat that the bot is not in: how to answer there, and the answer."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("jobs", sa.Column("guest_query_id", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("inline_message_id", sa.Text(), nullable=True))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("jobs", "inline_message_id")
    op.drop_column("jobs", "guest_query_id")
