"""What model servers call their answers, so that a question which names one goes on behind it."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0010"
down_revision = "0009"


def upgrade(op: Operations) -> None:
    """Of answers of before it is not known."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "answer_names",
        sa.Column("key", number, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("variant", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_answer_names"),
    )
    op.create_index("ix_answer_names_name", "answer_names", ["name"])
