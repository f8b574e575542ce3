"""What a session is to write, and how sessions behave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from limner.illustration.model.message import Message, MessageState, Role
from limner.illustration.ports import TagWriter
from limner.illustration.sessions.text.scanned_text import ScannedText
from limner.prompts import PromptScanner

VariantChoice: TypeAlias = int | Literal["new"] | None
"""Which answer of a message: a number, a new one, or (``None``) the one that is selected."""


class OnActive(StrEnum):
    """What becomes of a text whose answer is being written already."""

    JOIN = "join"
    """Its writer watches the session there is; the text itself is not read."""
    REFUSE = "refuse"
    """It raises `limner.errors.MessageBusy`."""
    REPLACE = "replace"
    """The session there is is cancelled, and the answer is written anew when that has ended."""


class InsertMode(StrEnum):
    """When pictures reach their message. The final state is the same."""

    LIVE = "live"
    """Each as soon as it is ready."""
    BATCH = "batch"
    """All in one commit, when the text and every picture have ended. Until then they are kept,
    so that a crash loses none, but not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session behaves.

    Attributes:
        insert: When pictures reach their message.
        durable: Whether somebody will draw later what a program that is ended leaves.
        patterns: Tag patterns in place of the defaults.
        prompt_writer: Writes the prompts after the end of the text, in the independent mode.

    Raises:
        TypeError: The patterns are a single string.
        limner.errors.MissingExtra: There are patterns, and what matches them is not installed.
    """

    insert: InsertMode = InsertMode.LIVE
    durable: bool = False
    patterns: Sequence[str] | None = None
    prompt_writer: TagWriter | None = None

    def __post_init__(self) -> None:
        PromptScanner(self.patterns)  # what is wrong is to be told now, not by the first text


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What is to be written.

    Attributes:
        message_id: The message.
        chat_id: Its conversation.
        variant: Which of its answers.
        continuing: Whether the answer goes on where it ended, instead of beginning anew.
        role: Who speaks.
        pictures: Whether what asks for a picture in it is heeded.
        owner: For whom the pictures are.
        context: What was said before, for a model that writes the prompts.
        prompt_writer: Writes the prompts in the place of whoever does that usually.
        snapshots: Whether the source shows the whole text so far again and again.
        scanned: The source, if it gives the tags together with the text.
        on_active: What becomes of it if that answer is being written.

    Raises:
        ValueError: These choices do not go together.
    """

    message_id: str
    chat_id: str = "default"
    variant: VariantChoice = None
    continuing: bool = False
    role: Role = Role.ASSISTANT
    pictures: bool = True
    owner: str | None = None
    context: Sequence[Mapping[str, Any]] = ()
    prompt_writer: TagWriter | None = None
    snapshots: bool = False
    scanned: ScannedText | None = None
    on_active: OnActive = OnActive.JOIN

    def __post_init__(self) -> None:
        variant = self.variant
        if variant not in (None, "new") and (
            isinstance(variant, bool) or not isinstance(variant, int) or variant < 0
        ):
            raise ValueError(f"variant must be None, 'new' or a number from 0, not {variant!r}")
        if self.continuing and variant == "new":
            raise ValueError("a new answer has nothing to continue")
        if self.scanned is not None and not self.illustrated:
            raise ValueError("only what the assistant says comes with tags")

    @property
    def illustrated(self) -> bool:
        """Whether pictures belong to it: only a model's words are illustrated."""
        return self.role is Role.ASSISTANT and self.pictures

    def message(self, variant: int) -> Message:
        """The message before its first character."""
        return Message(
            id=self.message_id,
            chat_id=self.chat_id,
            variant=variant,
            role=self.role,
            owner=self.owner,
            heeded_from=0 if self.pictures else None,
        )

    def goes_on(self, there: Message) -> Message:
        """The message before the first character that is added to what there is of it."""
        heeded = there.heeded_from
        if not self.pictures:
            heeded = None
        elif heeded is None:
            heeded = len(there.text)  # what was passed over stays so
        return replace(
            there,
            state=MessageState.WRITING,
            owner=self.owner or there.owner,
            heeded_from=heeded,
        )
