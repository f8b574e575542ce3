"""The options of an illustrator that belong together, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypedDict

from limner.illustration.endurance import Endurance
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.illustration.generation.former_pictures import FormerPictures
from limner.illustration.generation.patience import PICTURE_TIMEOUT, SETTLE_TIMEOUT
from limner.illustration.model.request import Composer
from limner.illustration.operations.while_writing import WhileWriting
from limner.illustration.ports import ReferenceShelf
from limner.illustration.sessions.registry import SessionPolicy
from limner.illustration.sessions.session_request import InsertMode
from limner.prompts import Character, Style


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSize:
    """How large pictures are; a tag's ``size`` goes before it.

    Attributes:
        width: In pixels, 64 to 2048.
        height: In pixels, 64 to 2048.
    """

    width: int = 768
    height: int = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What pictures look like.

    Attributes:
        style: Joined to every prompt when it is drawn, and never stored in it: one or several.
        styles: Those that a tag may name in their place.
        characters: Joined to the prompts in which they occur.
        compose: In the place of these three: makes of a prompt what the backend is told.
        negative_prompt: What pictures should not show, for backends that know the idea.
        seed: Makes the pictures repeatable where the backend can; by default each is fresh.
        former: Pictures that the texts had before they were edited, which are not drawn again.
        references: Where the reference pictures are that tags name, beside those of the chat and of
            the folders that servers have.
    """

    style: Style | Sequence[Style] = ()
    styles: Sequence[Style] = ()
    characters: Sequence[Character] = ()
    compose: Composer | None = None
    negative_prompt: str = ""
    seed: int | None = None
    former: FormerPictures | None = None
    references: ReferenceShelf | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTimeouts:
    """How long pictures may be silent (`limner.illustration.generation.patience`), in seconds.

    Attributes:
        picture_timeout: Without a sign of a picture at its server, after which it fails; 0 or
            ``None``: no bound.
        settle_timeout: The same for all of a message: what was not tried is left waiting then.
    """

    picture_timeout: float | None = PICTURE_TIMEOUT
    settle_timeout: float | None = SETTLE_TIMEOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """How an illustrator behaves where there is a choice.

    Attributes:
        insert_mode: ``"live"`` commits each picture when it is ready, ``"batch"`` all at once.
        policy: Whether messages of one chat are illustrated side by side, or a new one cancels
            the one before.
        while_writing: Whether manual operations on a message that is being written are refused
            or wait.
        cache: Whether a picture that is kept for an identical request is used again, for backends
            with an ``identity``; asking for another picture by hand never uses it.
        durable: Whether the store outlives the illustrator: then closing it leaves what is not
            drawn yet to `limner.illustration.Illustrator.recover`. ``None``: every store but a
            `limner.illustration.MemoryStore` does.
        endurance: What becomes of that which a store does not take for a while.
        spans: Tells of each picture; ``None``: nobody is told.
    """

    insert_mode: InsertMode | str = InsertMode.LIVE
    policy: SessionPolicy | str = SessionPolicy.PER_MESSAGE
    while_writing: WhileWriting | str = WhileWriting.REFUSE
    cache: bool = True
    durable: bool | None = None
    endurance: Endurance = field(default_factory=Endurance)
    spans: PictureSpans | None = None


class SingleOptions(TypedDict, total=False):
    """Each field of a family as a keyword of its own."""

    width: int
    height: int
    style: Style | Sequence[Style]
    styles: Sequence[Style]
    characters: Sequence[Character]
    compose: Composer | None
    negative_prompt: str
    seed: int | None
    former: FormerPictures | None
    references: ReferenceShelf | None
    picture_timeout: float | None
    settle_timeout: float | None
    insert_mode: InsertMode | str
    policy: SessionPolicy | str
    while_writing: WhileWriting | str
    cache: bool
    durable: bool | None
    endurance: Endurance
    spans: PictureSpans | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """All families together.

    Attributes:
        size: How large pictures are.
        look: What they look like.
        timeouts: How long they may be silent.
        policies: How the illustrator behaves.
    """

    size: PictureSize = field(default_factory=PictureSize)
    look: Look = field(default_factory=Look)
    timeouts: PictureTimeouts = field(default_factory=PictureTimeouts)
    policies: Policies = field(default_factory=Policies)

    def with_single(self, options: Mapping[str, Any]) -> "Families":
        """The families in which these single fields go before what they had.

        Raises:
            TypeError: No family has such a field.

        Examples:
            >>> Families(size=PictureSize(width=512)).with_single({"height": 640}).size
            PictureSize(width=512, height=640)
        """
        changed: dict[str, Any] = {}
        known: set[str] = set()
        for family in fields(self):
            value = getattr(self, family.name)
            names = {one.name for one in fields(value)}
            known |= names
            mine = {name: option for name, option in options.items() if name in names}
            changed[family.name] = replace(value, **mine)
        for name in options:
            if name not in known:
                raise TypeError(f"Illustrator() got an unexpected keyword argument {name!r}")
        return Families(**changed)
