"""The first version of a library's tables."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0001"
down_revision = None


def upgrade(op: Operations) -> None:
    """Make the tables, those first that others refer to."""
    _chats(op)
    _drawings(op)
    _images(op)
    _presets(op)
    _settings(op)
    _messages(op)
    _answers(op)
    _operations(op)
    _operation_pictures(op)
    _slots(op)
    _text_chunks(op)
    _alternatives(op)
    _jobs(op)
    _prompt_versions(op)


def _chats(op: Operations) -> None:
    op.create_table(
        "chats",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.Column("deleted_at", sa.Double(), nullable=True),
        sa.Column("messages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pictures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("writing", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_chats"),
        sa.UniqueConstraint("id", name="uq_chats_id"),
    )
    op.create_index("ix_chats_updated_at_key", "chats", ["updated_at", "key"])


def _drawings(op: Operations) -> None:
    op.create_table(
        "drawings",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_drawings"),
    )
    op.create_index("ix_drawings_at", "drawings", ["at"])
    op.create_index("ix_drawings_message_id", "drawings", ["message_id"])
    op.create_index("ix_drawings_owner_at", "drawings", ["owner", "at"])


def _images(op: Operations) -> None:
    op.create_table(
        "images",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "media_type", name="pk_images"),
    )


def _presets(op: Operations) -> None:
    op.create_table(
        "presets",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_presets"),
        sa.UniqueConstraint("id", name="uq_presets_id"),
    )


def _settings(op: Operations) -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )


def _messages(op: Operations) -> None:
    op.create_table(
        "messages",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("chat_key", sa.Integer(), nullable=False),
        sa.Column("selected", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.Double(), nullable=True),
        sa.Column("messages", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pictures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("writing", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_key"], ["chats.key"], name="fk_messages_chat_key", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_messages"),
        sa.UniqueConstraint("id", name="uq_messages_id"),
    )
    op.create_index("ix_messages_chat_key_key", "messages", ["chat_key", "key"])


def _answers(op: Operations) -> None:
    op.create_table(
        "answers",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("message_key", sa.Integer(), nullable=False),
        sa.Column("variant", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_key"], ["messages.key"], name="fk_answers_message_key", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_answers"),
        sa.UniqueConstraint("message_key", "variant", name="uq_answers_message_key_variant"),
    )
    op.create_index("ix_answers_state", "answers", ["state"])


def _operations(op: Operations) -> None:
    op.create_table(
        "operations",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("message_key", sa.Integer(), nullable=False),
        sa.Column("variant", sa.BigInteger(), nullable=False),
        sa.Column("last_ordinal", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_key"], ["messages.key"], name="fk_operations_message_key", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_operations"),
    )
    op.create_index("ix_operations_message_key_key", "operations", ["message_key", "key"])


def _operation_pictures(op: Operations) -> None:
    op.create_table(
        "operation_pictures",
        sa.Column("operation_key", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest", "media_type"],
            ["images.digest", "images.media_type"],
            name="fk_operation_pictures_digest_media_type",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["operation_key"],
            ["operations.key"],
            name="fk_operation_pictures_operation_key",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "operation_key", "digest", "media_type", name="pk_operation_pictures"
        ),
    )
    op.create_index(
        "ix_operation_pictures_digest_media_type", "operation_pictures", ["digest", "media_type"]
    )


def _slots(op: Operations) -> None:
    op.create_table(
        "slots",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("answer_key", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("tag_prompt", sa.Text(), nullable=False),
        sa.Column("tag_source", sa.Text(), nullable=False),
        sa.Column("tag_start", sa.BigInteger(), nullable=False),
        sa.Column("tag_end", sa.BigInteger(), nullable=False),
        sa.Column("tag_attributes", sa.Text(), nullable=False),
        sa.Column("current_version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("selected", sa.BigInteger(), nullable=True),
        sa.Column("failure_kind", sa.Text(), nullable=True),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_key"], ["answers.key"], name="fk_slots_answer_key", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_slots"),
        sa.UniqueConstraint("answer_key", "ordinal", name="uq_slots_answer_key_ordinal"),
    )
    op.create_index("ix_slots_state", "slots", ["state"])


def _text_chunks(op: Operations) -> None:
    op.create_table(
        "text_chunks",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("answer_key", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_key"], ["answers.key"], name="fk_text_chunks_answer_key", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_text_chunks"),
    )
    op.create_index("ix_text_chunks_answer_key_key", "text_chunks", ["answer_key", "key"])


def _alternatives(op: Operations) -> None:
    op.create_table(
        "alternatives",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("slot_key", sa.Integer(), nullable=False),
        sa.Column("chat_key", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("info", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_key"], ["chats.key"], name="fk_alternatives_chat_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["digest", "media_type"],
            ["images.digest", "images.media_type"],
            name="fk_alternatives_digest_media_type",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["slot_key"], ["slots.key"], name="fk_alternatives_slot_key", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_alternatives"),
        sa.UniqueConstraint("slot_key", "id", name="uq_alternatives_slot_key_id"),
    )
    op.create_index("ix_alternatives_chat_key_key", "alternatives", ["chat_key", "key"])
    op.create_index("ix_alternatives_digest_media_type", "alternatives", ["digest", "media_type"])
    op.create_index("ix_alternatives_request_key", "alternatives", ["request_key"])


def _jobs(op: Operations) -> None:
    op.create_table(
        "jobs",
        sa.Column("slot_key", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["slot_key"], ["slots.key"], name="fk_jobs_slot_key", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slot_key", "attempt", name="pk_jobs"),
    )


def _prompt_versions(op: Operations) -> None:
    op.create_table(
        "prompt_versions",
        sa.Column("slot_key", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["slot_key"], ["slots.key"], name="fk_prompt_versions_slot_key", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slot_key", "number", name="pk_prompt_versions"),
    )
