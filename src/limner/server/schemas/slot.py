"""A slot as programs see it."""

from typing import Self

from pydantic import Field

from limner.illustration import Alternative, PromptVersion, Slot
from limner.server.schemas.picture import PictureView
from limner.server.schemas.schema import ReadableText, Schema, readable


class PromptVersionView(Schema):
    """One version of a slot's prompt."""

    number: int
    text: ReadableText
    parent: int | None = Field(description="The version it was made from.")
    source: str = Field(description="Who wrote it: model, edited or refined.")
    feedback: ReadableText | None = Field(description="What was said to get it, if it was refined.")

    @classmethod
    def of(cls, version: PromptVersion) -> Self:
        """The view of a version."""
        return cls(
            number=version.number,
            text=version.text,
            parent=version.parent,
            source=version.source.value,
            feedback=version.feedback,
        )


class AlternativeView(Schema):
    """One picture of a slot, with the prompt that made it."""

    id: str
    prompt: ReadableText
    version: int = Field(description="Which version of the prompt that was.")
    made_at: float | None = Field(description="Seconds since the epoch; null: nobody knows.")
    picture: PictureView

    @classmethod
    def of(cls, made: Alternative) -> Self:
        """The view of an alternative."""
        return cls(
            id=made.id,
            prompt=made.prompt,
            version=made.version,
            made_at=made.made_at,
            picture=PictureView.of(made.image),
        )


class FailureView(Schema):
    """Why a slot has no picture."""

    kind: str = Field(description="The error's name, such as BackendTimeout.")
    reason: ReadableText = Field(description="The same in one sentence.")


class SlotView(Schema):
    """The place of one picture in an answer."""

    id: str = Field(description="MESSAGE/VARIANT/ORDINAL; it never changes.")
    message: str
    variant: int
    ordinal: int = Field(description="Which tag of the answer, from 0.")
    state: str = Field(description="queued, drawing, ready, failed or deleted.")
    prompt: ReadableText = Field(description="What is drawn next.")
    version: int = Field(description="Which version of the prompt that is.")
    versions: list[PromptVersionView]
    alternatives: list[AlternativeView] = Field(description="All its pictures, oldest first.")
    selected: int | None = Field(description="Index of the one that is shown.")
    failure: FailureView | None
    pending: int = Field(description="How many drawings were asked for and have not ended.")
    attributes: dict[str, str] = Field(description="What else its tag says, such as size.")

    @classmethod
    def of(cls, slot: Slot) -> Self:
        """The view of a slot."""
        failure = slot.failure
        return cls(
            id=str(slot.id),
            message=slot.id.message_id,
            variant=slot.id.variant,
            ordinal=slot.id.ordinal,
            state=slot.state.value,
            prompt=slot.prompt,
            version=slot.prompts.current,
            versions=[PromptVersionView.of(version) for version in slot.prompts.versions],
            alternatives=[AlternativeView.of(made) for made in slot.alternatives],
            selected=slot.selected,
            failure=FailureView(kind=failure.kind, reason=failure.reason) if failure else None,
            pending=len(slot.pending),
            attributes={
                str(readable(name)): str(readable(value))
                for name, value in slot.tag.attributes.items()
            },
        )
