"""Pictures that are drawn by whatever worker takes them."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0008"
down_revision = "0007"


def upgrade(op: Operations) -> None:
    """Their jobs are PgQueuer's, which makes its own tables where it is used."""
    op.create_table(
        "orders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("slot_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", sa.Double(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("made", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.ForeignKeyConstraint(
            ["slot_key"], ["slots.key"], name="fk_orders_slot_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["digest", "media_type"],
            ["images.digest", "images.media_type"],
            name="fk_orders_digest",
            ondelete="RESTRICT",
        ),
    )
    op.create_index("ix_orders_slot_key", "orders", ["slot_key"])
    op.create_index("ix_orders_digest_media_type", "orders", ["digest", "media_type"])
