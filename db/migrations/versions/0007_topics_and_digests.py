"""In which topic of a forum a photo was sent: its answer goes there even if the photo is deleted meanwhile.

And what tells an update from another one with the same id: Telegram begins anew after a quiet week.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("jobs", sa.Column("thread_id", sa.BigInteger(), nullable=True))
    op.add_column("inbox", sa.Column("digest", sa.String(length=16), nullable=True))


def downgrade() -> None:
    """Back to the one before."""
    op.drop_column("inbox", "digest")
    op.drop_column("jobs", "thread_id")
