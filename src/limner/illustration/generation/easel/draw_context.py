"""For whom a picture is drawn, and how urgently."""

from dataclasses import dataclass, field

from limner.illustration.generation.urgency import Urgency

STREAMED_PRIORITY, MANUAL_PRIORITY = 5, 4
"""A reader who clicks waits for that one picture, so it goes before those of the stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawContext:
    """For whom a picture is drawn, and how urgently.

    Attributes:
        owner: For whom, in the sense of limiter and budget.
        chat_id: The conversation.
        user: Whose uploaded reference pictures they may see; ``""``: only those for everybody.
        tags: To find the job in the limiter.
        priority: In the limiter's sense.
        from_cache: Whether a picture that is kept for an identical request will do.
        urgency: Lets it fall behind while it waits, with all others of its answer.
    """

    owner: str
    chat_id: str = ""
    user: str = ""
    tags: tuple[str, ...] = ()
    priority: int = STREAMED_PRIORITY
    from_cache: bool = True
    urgency: Urgency = field(default_factory=Urgency)

    @classmethod
    def of(
        cls,
        owner: str | None,
        chat_id: str,
        tag: str,
        *,
        priority: int = STREAMED_PRIORITY,
        from_cache: bool = True,
        urgency: Urgency | None = None,
    ) -> "DrawContext":
        """For the owner of a message, else for its conversation."""
        return cls(
            owner=owner or chat_id, chat_id=chat_id, user=owner or "", tags=(tag,),
            priority=priority, from_cache=from_cache, urgency=urgency or Urgency(),
        )  # fmt: skip
