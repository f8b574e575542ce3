"""What an answer says as a short digest, so that it is known again without being read."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0002"
down_revision = "0001"


def upgrade(op: Operations) -> None:
    """Answers of before have no digest; they get one when they are first met again."""
    op.add_column("answers", sa.Column("words", sa.Text(), nullable=True))
    op.create_index("ix_answers_message_key_words", "answers", ["message_key", "words"])
