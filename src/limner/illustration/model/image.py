"""A picture, and what is asked of a backend to get one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from limner.illustration.model.errand import Errand
from limner.illustration.model.reference import ReferencePicture

NOTHING: Mapping[str, object] = MappingProxyType({})

SIDE_MINIMUM, SIDE_MAXIMUM = 64, 2048
"""Smallest and largest side of a picture, in pixels."""

ProgressSink = Callable[[float, bytes | None], None]
"""Called with the fraction done (0 to 1) and, where there is one, a preview picture's bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a picture is that was sent to a server, as far as the server tells.

    Attributes:
        drawn: Whether it is being drawn; ``False``: it waits in the server's own line; ``None``:
            the server does not tell.
        ahead: How many pictures are before it in that line; ``None``: the server does not tell.
        server: Which server of several, by name; ``""``: the only one, or not chosen yet.
    """

    drawn: bool | None = None
    ahead: int | None = None
    server: str = ""


WhereaboutsSink = Callable[[Whereabouts], None]
"""Called with where a picture is at its server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A finished picture.

    Attributes:
        data: The encoded picture.
        media_type: Its encoding: ``image/png``, ``image/jpeg``, ``image/webp`` or ``image/avif``.
        width: In pixels.
        height: In pixels.
        seed: The seed that would draw it again, if the backend has such a thing.
        info: Whatever else the backend tells about it.
    """

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    seed: int | None = None
    info: Mapping[str, object] = field(default_factory=lambda: NOTHING)

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only view of a mapping cannot be pickled or copied; the mapping can. A picture
        # that is kept in a file travels with its bytes: elsewhere there is no such file.
        facts = {fact.name: getattr(self, fact.name) for fact in fields(Image)}
        return _again, ({**facts, "info": dict(self.info)},)


def _again(facts: dict[str, Any]) -> Image:
    return Image(**{**facts, "info": MappingProxyType(facts["info"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a picture is asked for, by which one is known that somebody has asked for before.

    Attributes:
        message_id, variant, ordinal: The slot.
        attempt: Which of its drawings.
        owner: For whom, in the sense of a limiter.
        priority: How urgent, in the sense of a limiter.
    """

    message_id: str
    variant: int
    ordinal: int
    attempt: int
    owner: str
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One picture to be made.

    Attributes:
        prompt: What to draw.
        negative_prompt: What to avoid, for backends that know the idea.
        width: In pixels, 64 to 2048.
        height: In pixels, 64 to 2048.
        seed: Fixes the picture where the backend can; ``None`` lets it choose.
        attributes: The tag's further attributes, for the backend to use or ignore.
        references: Pictures of which the attribute ``reference`` names some, for backends that can
            show them to their server, each only to those it is meant for.
        progress: Told how far the picture is. It may be called any number of times, only on the
            event loop's thread, and never after `generate` has ended.
        whereabouts: Told where the picture is at the server, each time the server tells it. From
            that, and from the progress of what is drawn, a server that is slow is told from one
            that is dead (`limner.illustration.generation.patience`): while one says that a picture
            waits in the server's line, its progress counts for nothing. Called as `progress` is.
        purpose: What it is asked for; no server need know. ``None``: nobody said.
        errand: Where its name at the server is noted, and may have been left by another. ``None``:
            nobody would go on with it.

    Raises:
        ValueError: A side is out of range or the prompt is blank.
    """

    prompt: str
    negative_prompt: str = ""
    width: int = 768
    height: int = 512
    seed: int | None = None
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    references: tuple[ReferencePicture, ...] = ()
    progress: ProgressSink | None = field(default=None, repr=False, compare=False)
    whereabouts: WhereaboutsSink | None = field(default=None, repr=False, compare=False)
    purpose: Purpose | None = field(default=None, repr=False, compare=False)
    errand: Errand | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, side in (("width", self.width), ("height", self.height)):
            if not SIDE_MINIMUM <= side <= SIDE_MAXIMUM:
                raise ValueError(
                    f"{name} must be {SIDE_MINIMUM} to {SIDE_MAXIMUM} pixels, not {side}"
                )
        if not self.prompt.strip():
            raise ValueError("the prompt is blank")
