"""Claims that are set aside count against whoever made them; fingerprints of photos that models learn from."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("contributors", sa.Column("set_aside", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "photo_sketches",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["photos.sha256"], name=op.f("fk_photo_sketches_sha256_photos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo_sketches")),
    )


def downgrade() -> None:
    """Back to the one before."""
    op.drop_table("photo_sketches")
    op.drop_column("contributors", "set_aside")
