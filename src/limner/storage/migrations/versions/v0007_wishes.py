"""Drawings that were asked for in another size, or with a seed of their own."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0007"
down_revision = "0006"


def upgrade(op: Operations) -> None:
    """Drawings that wait already are made as their tags say."""
    op.add_column("jobs", sa.Column("size", sa.Text(), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("seed", sa.BigInteger(), nullable=True))
