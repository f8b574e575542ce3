"""What a library tells about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from limner.illustration import Failure, Image, Message, SlotId
from limner.storage.files.stored_image import StoredImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A conversation.

    Attributes:
        id: Its identity.
        title: What people call it, if it has a title.
        created_at: In seconds since the epoch.
    """

    id: str
    title: str | None
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChat:
    """A conversation that is to begin.

    Attributes:
        id: Its identity.
        title: What people call it, if it has a title.
        owner: Whose it is.
    """

    id: str
    title: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class SaidMessage:
    """An answer to be kept, and by what it is known again.

    Attributes:
        message: The answer.
        words: The digest of what it says; ``None``: nobody has told it.
    """

    message: Message
    words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSummary(Chat):
    """A conversation as a list of conversations shows it. All answers of its messages count.

    Attributes:
        updated_at: When something in it was last changed, in seconds since the epoch.
        messages: How many there are.
        pictures: How many there are, all alternatives counted.
        failed: How many slots have none because drawing it failed.
        writing: How many answers are still being written.
    """

    updated_at: float
    messages: int
    pictures: int
    failed: int
    writing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRecord:
    """A reference picture that was uploaded.

    Attributes:
        name: What tags call it.
        owner: Whose it is; ``""``: everybody's.
        image: The picture, which is not read until `data` is asked for.
        meant_for: The places of the servers that may see it.
        kept_at: When it was kept, in seconds since the epoch.
    """

    name: str
    owner: str
    image: StoredImage
    meant_for: frozenset[str]
    kept_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureEntry:
    """A picture as a gallery shows it.

    Attributes:
        number: Its place in the library: newer pictures have higher numbers.
        chat_id: The conversation it is in.
        slot_id: The slot it was made for.
        alternative_id: Which of the slot's alternatives it is.
        prompt: What it was drawn from.
        made_at: When it was kept, in seconds since the epoch.
        selected: Whether it is the one its slot shows.
        image: The picture, which is not read until `data` is asked for.
    """

    number: int
    chat_id: str
    slot_id: SlotId
    alternative_id: str
    prompt: str
    made_at: float
    selected: bool
    image: StoredImage

    @property
    def digest(self) -> str:
        """The SHA-256 of the picture's bytes."""
        return self.image.digest

    @property
    def size(self) -> int:
        """How many bytes the picture has."""
        return self.image.size


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMark:
    """Where a picture stands among all, without what is to be seen of it.

    Attributes:
        number: As `PictureEntry.number`.
        chat_id: The conversation it is in.
        message_id: The message.
        prompt: What it was drawn from.
        made_at: When it was kept, in seconds since the epoch.
        width: In pixels.
        height: In pixels.
    """

    number: int
    chat_id: str
    message_id: str
    prompt: str
    made_at: float
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSlot:
    """A slot without a picture.

    Attributes:
        chat_id: The conversation it is in.
        slot_id: Its identity.
        prompt: What was to be drawn.
        failure: Why it was not.
    """

    chat_id: str
    slot_id: SlotId
    prompt: str
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A place where a phrase was found.

    Attributes:
        chat_id: The conversation.
        message_id: The message.
        variant: Which of its answers.
        excerpt: The words around the phrase.
    """

    chat_id: str
    message_id: str
    variant: int
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetRecord:
    """A preset somebody made.

    Attributes:
        id: Its identity.
        name: What people call it.
        template: The instruction.
        attributes: Whatever else belongs to it.
    """

    id: str
    name: str
    template: str
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order that a worker has taken.

    Attributes:
        id: Its name.
        job: The key of its job, by which it is ended.
        slot: For which slot; ``None``: for none that is kept.
        attempt: Which of the slot's drawings it is.
        request: What is to be drawn, as whoever placed it put it; ``None``: nobody came to.
    """

    id: str
    job: int
    slot: SlotId | None
    attempt: int
    request: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState:
    """How an order stands.

    Attributes:
        taken: Whether a worker has it.
        image: The picture, if it was drawn.
        failure: Why there is none, if it failed.
    """

    taken: bool = False
    image: Image | None = None
    failure: Failure | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.image is not None or self.failure is not None
