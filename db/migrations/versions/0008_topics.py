"""In which topic of a forum a photo was sent: its answer goes there even if the photo is deleted meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("jobs", sa.Column("thread_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("jobs", "thread_id")
