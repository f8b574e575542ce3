"""Errors about what a text asks for."""

from limner.errors.root import LimnerError


class PatternError(LimnerError, ValueError):
    """A tag pattern cannot be used.

    Attributes:
        pattern: The pattern as it was given.
        reason: Why, in words for the person who wrote it.
    """

    def __init__(self, pattern: str, reason: str) -> None:
        self.pattern = pattern
        self.reason = reason
        super().__init__(f"the pattern {pattern!r} cannot be used: {reason}")


class TagError(LimnerError, ValueError):
    """A tag cannot be written, or not rewritten in its place."""


class PartError(LimnerError, ValueError):
    """What a style or a character adds to prompts cannot be joined to them.

    Attributes:
        owner: The name of the style or character.
        part: The part as it was given.
    """

    def __init__(self, message: str, *, owner: str, part: str) -> None:
        self.owner = owner
        self.part = part
        super().__init__(message)


class PresetError(LimnerError, ValueError):
    """A change of the presets was refused; the presets are as before.

    Attributes:
        name: The preset it is about, or ``None`` if it is about several or the file as a whole.
    """

    def __init__(self, message: str, *, name: str | None = None) -> None:
        self.name = name
        super().__init__(message)


class RefineError(LimnerError):
    """A model's answer to a refinement holds no prompt; nothing has changed.

    Attributes:
        answer: What it answered.
    """

    def __init__(self, answer: str) -> None:
        self.answer = answer
        said = " ".join(answer[:200].split())
        super().__init__(
            "the model's answer holds no picture request; try again or say it differently"
            + (f" (it began: {said[:80]!r})" if said else " (it was empty)")
        )
