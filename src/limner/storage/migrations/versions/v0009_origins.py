"""What messages were copied from, so that a branch does not renew their budget."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0009"
down_revision = "0008"


def upgrade(op: Operations) -> None:
    """Of copies of before it is not known."""
    op.add_column("messages", sa.Column("origin", sa.Text(), nullable=True))
