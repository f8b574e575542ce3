"""Pictures in a bucket that are being placed or removed."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0011"
down_revision = "0010"


def upgrade(op: Operations) -> None:
    """Libraries of before have their pictures in directories, where files tell it themselves."""
    op.create_table(
        "loose_pictures",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("placing", sa.Integer(), nullable=False),
        sa.Column("removing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "media_type", name="pk_loose_pictures"),
    )
    op.create_index("ix_loose_pictures_until", "loose_pictures", ["until"])
