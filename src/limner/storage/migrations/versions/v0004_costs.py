"""What pictures cost, so that budgets can be in money and in seconds."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    """Of drawings of before nothing is known."""
    op.create_table(
        "costs",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("drawing", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_costs"),
    )
    op.create_index("ix_costs_drawing", "costs", ["drawing"])
    op.create_index("ix_costs_message_id", "costs", ["message_id"])
    op.create_index("ix_costs_unit_at", "costs", ["unit", "at"])
    op.create_index("ix_costs_owner_unit_at", "costs", ["owner", "unit", "at"])
