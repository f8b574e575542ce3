"""What several processes need that write into one library."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0006"
down_revision = "0005"

OWN = (
    "chats", "messages", "answers", "text_chunks", "slots", "alternatives",
    "reference_pictures", "operations", "drawings", "costs", "presets",
)  # fmt: skip
"""Tables with a key that counts up."""
REFERRING = (
    ("messages", "chat_key"), ("answers", "message_key"), ("text_chunks", "answer_key"),
    ("slots", "answer_key"), ("prompt_versions", "slot_key"), ("alternatives", "slot_key"),
    ("alternatives", "chat_key"), ("jobs", "slot_key"), ("operations", "message_key"),
    ("operation_pictures", "operation_key"),
)  # fmt: skip


def upgrade(op: Operations) -> None:
    """Keys of SQLite have 64 bits anyway."""
    op.add_column(
        "slots", sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.create_table(
        "answer_numbers",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_answer_numbers"),
    )
    op.create_index("ix_answer_numbers_given_at", "answer_numbers", ["given_at"])
    op.create_table(
        "processes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )
    op.create_table(
        "work",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("variant", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("process", "message_id", "variant", name="pk_work"),
    )
    if op.get_context().dialect.name != "postgresql":
        return
    for table in OWN:
        op.execute(sa.text(f"ALTER SEQUENCE {table}_key_seq AS BIGINT"))
    columns: dict[str, list[str]] = {table: ["key"] for table in OWN}
    for table, column in REFERRING:
        columns.setdefault(table, []).append(column)
    for table, changed in columns.items():  # a table is written anew once for all its columns
        types = ", ".join(f"ALTER COLUMN {column} TYPE BIGINT" for column in changed)
        op.execute(sa.text(f"ALTER TABLE {table} {types}"))
