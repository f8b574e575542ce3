"""Recognising a conversation that a front-end sends again, changed or not. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from limner.illustration import Role
from limner.server.proxy.history.fingerprint import Turn
from limner.server.proxy.picture_id import PictureId


class Kind(StrEnum):
    """What a question is to the conversation that is known."""

    NEW_TURN = "new turn"
    """It follows what is known; or nothing is."""
    REGENERATION = "regeneration"
    """There is an answer to it already: another one."""
    CONTINUE = "continue"
    """The last answer is to go on."""
    BRANCH = "branch"
    """Something else follows already what it shares with what is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer:
    """One of a message's answers.

    Attributes:
        variant: Its number.
        words: As of a `Turn`.
        whole: Whether it came to its end. Of one that did not, a front-end may have seen less.
    """

    variant: int
    words: str
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMessage:
    """A message that is kept."""

    id: str
    role: Role
    answers: tuple[KnownAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChat:
    """A conversation that is kept, from one of its messages to its end.

    Attributes:
        id: Its identity.
        messages: Those messages.
        first: Which turn of the request the first of them is.
    """

    id: str
    messages: tuple[KnownMessage, ...]
    first: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Where a question and its answer belong.

    Attributes:
        kind: What it is.
        chat: The conversation; ``None``: a new one.
        position: How many turns are known; those that follow are to be kept.
        message: The answer's message.
        variant: Which of its answers goes on; ``None``: another one is begun.
        last: The last known message before what is new.
        shown: The known messages in the request, and which of their answers it shows.
        edited: The message of which the turn at `position` is another, edited form.
    """

    kind: Kind
    message: str
    chat: str | None = None
    position: int = 0
    variant: int | None = None
    last: str | None = None
    shown: tuple[tuple[str, int], ...] = ()
    edited: str | None = None


def recognise(
    said: Sequence[Turn],
    ids: Sequence[str],
    known: KnownChat | None,
    *,
    continuing: bool = False,
    told: str | None = None,
) -> Recognition:
    """Where a question belongs.

    Args:
        said: What the request says.
        ids: The ids of its messages and of the answer; see
            `limner.server.proxy.history.fingerprint.names`.
        known: The conversation it shares its longest known beginning with.
        continuing: Whether its last turn is an answer that is to go on.
        told: The answer's message, where a front-end tells it and it is known.

    Examples:
        >>> asked = [Turn(role=Role.USER, words="Go.")]
        >>> str(recognise(asked, ["u", "a"], None).kind)
        'new turn'
        >>> said = (KnownAnswer(variant=0, words="Go."),)
        >>> there = KnownChat(id="c", messages=(
        ...     KnownMessage(id="u", role=Role.USER, answers=said),
        ...     KnownMessage(id="a", role=Role.ASSISTANT, answers=())))
        >>> found = recognise(asked, ["u", "a"], there)
        >>> str(found.kind), found.message, found.position
        ('regeneration', 'a', 1)
    """
    count = len(said) - continuing
    kind = Kind.CONTINUE if continuing else Kind.NEW_TURN
    shown = _followed(said[:count], known) if known is not None else ()
    if known is None or not shown:
        return Recognition(kind=kind, message=ids[count])
    position = known.first + len(shown)
    found = Recognition(
        kind=kind,
        chat=known.id,
        position=position,
        message=ids[count],
        last=shown[-1][0],
        shown=shown,
    )
    rest = known.messages[len(shown) :]
    if not rest:
        return found
    follows = rest[0]
    if position == count and follows.role is Role.ASSISTANT:
        variant = _going_on(follows, said[-1]) if continuing else None
        kind = Kind.CONTINUE if continuing else Kind.REGENERATION
        return replace(found, kind=kind, message=follows.id, variant=variant)
    again = told is not None and position == count - 1 and told in [one.id for one in rest[1:2]]
    if again and said[position].role is follows.role is Role.USER:
        # The same question in other words: both are kept, and so are both answers.
        kind = Kind.REGENERATION
        return replace(found, kind=kind, message=rest[1].id, edited=follows.id)
    edits = position < count and said[position].role is follows.role is Role.ASSISTANT
    if edits and len(rest) == 1:
        # Nothing is lost if the last answer gets its edited form beside the one it had.
        return replace(found, edited=follows.id)
    return replace(found, kind=Kind.BRANCH)


def as_told(
    found: Recognition,
    said: Sequence[Turn],
    answer: KnownMessage,
    chat: str,
    *,
    continuing: bool = False,
) -> Recognition:
    """Where a question belongs whose answer's message was told, and is known.

    That counts, however little of what stands before it can be known again: a front-end shortens,
    joins and rewrites what it sends, and knows its own messages all the same.

    Args:
        found: Where it belongs by what it says.
        said: What it says.
        answer: The message that was told, with its answers that may be the last turn.
        chat: The conversation that has it.
        continuing: Whether the last turn is an answer that is to go on.

    Examples:
        >>> lost = Recognition(kind=Kind.NEW_TURN, message="x")
        >>> known = KnownMessage(id="a", role=Role.ASSISTANT, answers=())
        >>> place = as_told(lost, [Turn(role=Role.USER, words="Go.")], known, "c")
        >>> str(place.kind), place.message, place.chat, place.position
        ('regeneration', 'a', 'c', 1)
    """
    if found.message == answer.id and found.chat == chat:
        return found
    return Recognition(
        kind=Kind.CONTINUE if continuing else Kind.REGENERATION,
        chat=chat,
        position=len(said) - continuing,
        message=answer.id,
        variant=_going_on(answer, said[-1]) if continuing else None,
        shown=found.shown if found.chat == chat else (),
    )


def answer_shown(message: KnownMessage, turn: Turn) -> int | None:
    """Which of a message's answers a turn is; ``None``: none of them."""
    if message.role is not turn.role:
        return None
    same = [answer.variant for answer in message.answers if answer.words == turn.words]
    for variant in _named(message, turn):
        if variant in same:
            return variant
    if same:
        return same[-1]
    cut = [answer.variant for answer in message.answers if _may_be_cut(answer, turn)]
    return cut[-1] if cut else None


def _followed(said: Sequence[Turn], known: KnownChat) -> tuple[tuple[str, int], ...]:
    """The known messages that the turns are, as far as they are."""
    shown = []
    for turn, message in zip(said[known.first :], known.messages, strict=False):
        variant = answer_shown(message, turn)
        if variant is None:
            break
        shown.append((message.id, variant))
    return tuple(shown)


def _going_on(message: KnownMessage, turn: Turn) -> int | None:
    """Which answer goes on: only one whose whole text the front-end has, and no more."""
    variant = answer_shown(message, turn)
    same = any(a.variant == variant and a.words == turn.words for a in message.answers)
    return variant if same else None


def _named(message: KnownMessage, turn: Turn) -> list[int]:
    read = (PictureId.read(picture) for picture in turn.pictures)
    return [name.variant for name in read if name is not None and name.is_of(message.id)]


def _may_be_cut(answer: KnownAnswer, turn: Turn) -> bool:
    """Whether an answer that was cut and a turn begin alike, to the end of the shorter one."""
    if answer.whole or not answer.words or not turn.words:
        return False
    return answer.words.startswith(turn.words) or turn.words.startswith(answer.words)
