"""The tables of a library, as the newest migration leaves them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from limner.storage.database.column_types import AnyText, Json, Key

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key() -> Column[int]:
    return Column("key", Key, primary_key=True)


def _of(table: str, *, primary_key: bool = False) -> Column[int]:
    """The row of another table that this one belongs to, and ends with."""
    return Column(
        f"{table.removesuffix('s')}_key",
        Key,
        ForeignKey(f"{table}.key", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


# Their counts are kept in the transactions that change them, so that lists need not count.
chats = Table(
    "chats",
    metadata,
    _key(),
    Column("id", AnyText, nullable=False, unique=True),
    Column("title", AnyText),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("deleted_at", Double),
    _count("messages"),
    _count("pictures"),
    _count("failed"),
    _count("writing"),
    Column("owner", AnyText),
    Index(None, "updated_at", "key"),
    Index(None, "owner", "updated_at", "key"),
)

# Their order is that of their keys. The counts are what this message adds to its chat's.
messages = Table(
    "messages",
    metadata,
    _key(),
    Column("id", AnyText, nullable=False, unique=True),
    _of("chats"),
    Column("selected", BigInteger, nullable=False),
    Column("deleted_at", Double),
    _count("messages"),
    _count("pictures"),
    _count("failed"),
    _count("writing"),
    # The message that it was copied from first, when a conversation was branched; what is drawn for
    # copies counts together with what was drawn for that one.
    Column("origin", AnyText),
    Index(None, "chat_key", "key"),
)

answers = Table(
    "answers",
    metadata,
    _key(),
    _of("messages"),
    Column("variant", BigInteger, nullable=False),
    Column("text", AnyText, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("owner", AnyText),
    # By what it is known again; none while nobody has told it, and when the text was changed.
    Column("words", Text),
    # From where on its tags ask for pictures; nowhere if it is null.
    Column("heeded_from", BigInteger, server_default="0"),
    UniqueConstraint("message_key", "variant"),
    Index(None, "message_key", "words"),
)

# What was appended to an answer since it was last saved whole.
text_chunks = Table(
    "text_chunks",
    metadata,
    _key(),
    _of("answers"),
    Column("text", AnyText, nullable=False),
    Index(None, "answer_key", "key"),
)

slots = Table(
    "slots",
    metadata,
    _key(),
    _of("answers"),
    Column("ordinal", BigInteger, nullable=False),
    Column("tag_prompt", AnyText, nullable=False),
    Column("tag_source", AnyText, nullable=False),
    Column("tag_start", BigInteger, nullable=False),
    Column("tag_end", BigInteger, nullable=False),
    Column("tag_attributes", Json, nullable=False),
    Column("current_version", BigInteger, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("selected", BigInteger),
    Column("failure_kind", AnyText),
    Column("failure_reason", AnyText),
    Column("attempts", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("answer_key", "ordinal"),
)

prompt_versions = Table(
    "prompt_versions",
    metadata,
    _of("slots", primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("text", AnyText, nullable=False),
    Column("parent", BigInteger),
    Column("source", Text, nullable=False),
    Column("feedback", AnyText),
)

# A row for each file of a picture.
images = Table(
    "images",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("media_type", AnyText, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
)

# Pictures in a bucket that no row of `images` names (see `keeping.loose`).
loose_pictures = Table(
    "loose_pictures",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("media_type", AnyText, primary_key=True),
    Column("until", Double, nullable=False, index=True),
    Column("placing", Integer, nullable=False),
    Column("removing", Boolean, nullable=False),
)


def _picture() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["digest", "media_type"], ["images.digest", "images.media_type"], ondelete="RESTRICT"
    )


# Newest first is by falling keys. The chat stands here again so that its gallery needs no search.
alternatives = Table(
    "alternatives",
    metadata,
    _key(),
    _of("slots"),
    _of("chats"),
    Column("position", BigInteger, nullable=False),
    Column("id", AnyText, nullable=False),
    Column("prompt", AnyText, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("request_key", AnyText, index=True),
    Column("digest", Text, nullable=False),
    Column("media_type", AnyText, nullable=False),
    Column("width", BigInteger, nullable=False),
    Column("height", BigInteger, nullable=False),
    Column("seed", Json, nullable=False),  # backends use more than 64 bits
    Column("info", Json, nullable=False),
    Column("made_at", Double, nullable=False),
    _picture(),
    UniqueConstraint("slot_key", "id"),
    Index(None, "digest", "media_type"),
    Index(None, "chat_key", "key"),
)

# Pictures that were asked for and are not made yet.
jobs = Table(
    "jobs",
    metadata,
    _of("slots", primary_key=True),
    Column("attempt", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("replaces", AnyText),
    Column("requested_at", Double, nullable=False),
    Column("reference", AnyText, nullable=False, server_default=""),
    Column("size", AnyText, nullable=False, server_default=""),
    Column("seed", BigInteger),
)

# Pictures that workers draw (see `order_queue`): what is to be drawn, and what came of it. One of a
# slot's drawings is called by the slot's key and the attempt; others have names of their own.
orders = Table(
    "orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slot_key", Key, ForeignKey("slots.key", ondelete="CASCADE"), index=True),
    Column("attempt", BigInteger, nullable=False),
    Column("placed_at", Double, nullable=False),
    Column("request", Text),
    Column("digest", Text),
    Column("media_type", AnyText),
    Column("made", Json),
    Column("failure", Json),
    _picture(),
    Index(None, "digest", "media_type"),
)

# What people have uploaded to be shown to picture servers; an owner "" is everybody.
reference_pictures = Table(
    "reference_pictures",
    metadata,
    _key(),
    Column("owner", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("digest", Text, nullable=False),
    Column("media_type", AnyText, nullable=False),
    Column("width", BigInteger, nullable=False),
    Column("height", BigInteger, nullable=False),
    Column("meant_for", Json, nullable=False),
    Column("kept_at", Double, nullable=False),
    _picture(),
    UniqueConstraint("owner", "name"),
    Index(None, "digest", "media_type"),
)

# Numbers of answers that were given out and may not be in use yet, where several processes write.
answer_numbers = Table(
    "answer_numbers",
    metadata,
    Column("message_id", AnyText, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("given_at", Double, nullable=False, index=True),
)

# What model servers call their answers, as a digest with a secret; the newest are remembered.
answer_names = Table(
    "answer_names",
    metadata,
    _key(),
    Column("name", Text, nullable=False, index=True),
    Column("message_id", AnyText, nullable=False),
    Column("variant", BigInteger, nullable=False),
)

# Processes that work on the library, and when they were last heard, by the database's clock.
processes = Table(
    "processes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seen_at", Double, nullable=False),
)

# The answers that a process writes, or draws pictures for; if it dies others go on with them.
work = Table(
    "work",
    metadata,
    Column("process", Text, primary_key=True),
    Column("message_id", AnyText, primary_key=True),
    Column("variant", BigInteger, primary_key=True),
)

# What can be taken back, oldest first; what was taken back stands at the end.
operations = Table(
    "operations",
    metadata,
    _key(),
    _of("messages"),
    Column("variant", BigInteger, nullable=False),
    Column("last_ordinal", BigInteger, nullable=False),
    Column("kind", AnyText, nullable=False),
    Column("before", Json, nullable=False),
    Column("after", Json, nullable=False),
    Column("undone", Boolean, nullable=False),
    Index(None, "message_key", "key"),
)

operation_pictures = Table(
    "operation_pictures",
    metadata,
    _of("operations", primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("media_type", AnyText, primary_key=True),
    _picture(),
    Index(None, "digest", "media_type"),
)

# No reference to messages: what was deleted since still counts.
drawings = Table(
    "drawings",
    metadata,
    _key(),
    Column("at", Double, nullable=False, index=True),
    Column("owner", AnyText, nullable=False),
    Column("message_id", AnyText, nullable=False, index=True),
    Index(None, "owner", "at"),
)

# What drawings cost beside being counted, or will; a row for each unit, in millionths of it.
costs = Table(
    "costs",
    metadata,
    _key(),
    Column("drawing", AnyText, nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("owner", AnyText, nullable=False),
    Column("message_id", AnyText, nullable=False, index=True),
    Column("unit", AnyText, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Index(None, "unit", "at"),
    Index(None, "owner", "unit", "at"),
)

presets = Table(
    "presets",
    metadata,
    _key(),
    Column("id", AnyText, nullable=False, unique=True),
    Column("name", AnyText, nullable=False),
    Column("template", AnyText, nullable=False),
    Column("attributes", Json, nullable=False),
    Column("updated_at", Double, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", AnyText, primary_key=True),
    Column("value", Json, nullable=False),
)
