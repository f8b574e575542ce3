"""What is shown and told about the members of a pool."""

from dataclasses import dataclass
from enum import StrEnum

from limner.backends.images.learning import Learned


class MemberState(StrEnum):
    """How a member is."""

    READY = "ready"
    """It draws, or could."""
    COOLING = "cooling"
    """It asked to be left alone for a while."""
    DOWN = "down"
    """It failed several times in a row; after a while it is looked at again."""
    TRYING = "trying"
    """It was down; one picture is tried."""
    DRAINING = "draining"
    """It gets no more pictures, and finishes those it has."""
    DRAINED = "drained"
    """It gets no more pictures, and has none."""
    REMOVED = "removed"
    """It is no member any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberStatus:
    """A member at one instant.

    Attributes:
        name: Its name.
        state: How it is.
        weight: Its share of the work.
        running: Pictures it draws now.
        waiting: Pictures that wait and could go to it; one may be counted for several members.
        done: Pictures it has drawn.
        failed: Pictures it has failed at, those that were then drawn elsewhere included.
        learned: What it was found to bear.
        next_probe_in: Seconds until it is looked at again, if it is down.
        models: The models it has, as far as known.
        error: What it failed with last, in words; ``""``: it did not since it last drew.
    """

    name: str
    state: MemberState
    weight: float
    running: int
    waiting: int
    done: int
    failed: int
    learned: Learned
    next_probe_in: float | None = None
    models: tuple[str, ...] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged:
    """A member's state has changed.

    Attributes:
        name: Its name.
        before: How it was; ``None``: it has just been added.
        state: How it is.
        why: In words.
    """

    name: str
    before: MemberState | None
    state: MemberState
    why: str
