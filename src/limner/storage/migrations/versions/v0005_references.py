"""Reference pictures: those that people upload, and those that a drawing was asked for with."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0005"
down_revision = "0004"


def upgrade(op: Operations) -> None:
    """Drawings that wait already are made with those that their tags name."""
    op.add_column("jobs", sa.Column("reference", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "reference_pictures",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("meant_for", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_reference_pictures"),
        sa.UniqueConstraint("owner", "name", name="uq_reference_pictures_owner_name"),
        sa.ForeignKeyConstraint(
            ["digest", "media_type"],
            ["images.digest", "images.media_type"],
            name="fk_reference_pictures_digest_media_type",
            ondelete="RESTRICT",
        ),
    )
    op.create_index(
        "ix_reference_pictures_digest_media_type", "reference_pictures", ["digest", "media_type"]
    )
