"""A change that somebody made to a message's pictures, kept so that it can be undone."""

from dataclasses import dataclass

from limner.illustration.model.slot import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an operation did, with the slots as they were before and after it.

    Attributes:
        kind: The operation's name (``"regenerate"``, ``"select"``, ``"delete"``, ...).
        before: The changed slots as they were.
        after: The same slots as they became.
    """

    kind: str
    before: tuple[Slot, ...]
    after: tuple[Slot, ...]
