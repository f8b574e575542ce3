"""From which place of an answer on its tags ask for pictures, so that a crash heeds no others."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0012"
down_revision = "0011"


def upgrade(op: Operations) -> None:
    """Of answers of before it is not known: theirs do everywhere, as they did."""
    op.add_column(
        "answers", sa.Column("heeded_from", sa.BigInteger(), nullable=True, server_default="0")
    )
