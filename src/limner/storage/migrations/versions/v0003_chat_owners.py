"""Whose a conversation is, so that users may have theirs to themselves."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0003"
down_revision = "0002"

# A conversation in which several speak, or somebody without a name, is nobody's.
_OF_ONE = sa.text("""
    UPDATE chats SET owner = (
        SELECT CASE WHEN COUNT(DISTINCT COALESCE(answers.owner, '')) = 1 THEN MIN(answers.owner) END
        FROM answers JOIN messages ON answers.message_key = messages.key
        WHERE messages.chat_key = chats.key
    )
""")


def upgrade(op: Operations) -> None:
    """Conversations of before are whose their answers are."""
    op.add_column("chats", sa.Column("owner", sa.Text(), nullable=True))
    op.create_index("ix_chats_owner_updated_at_key", "chats", ["owner", "updated_at", "key"])
    op.execute(_OF_ONE)
