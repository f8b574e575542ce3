"""What a question says of its conversation, and whether its answer is to go on. Pure."""

from collections.abc import Sequence
from typing import Any

from limner.illustration import Role
from limner.server.proxy.history.fingerprint import Turn, goes_on, turns

CONTINUE = "continue"
"""What SillyTavern calls an answer that goes on in the last one."""
LARGE = 4096
"""Characters of a conversation that are read in a thread."""
_NUDGED = [Role.ASSISTANT, Role.USER]


def goes_on_in_last(shown: Any, generation: str | None) -> bool:
    """Whether the answer goes on in the last one: as the front-end tells, or by what it says.

    Args:
        shown: The messages as the front-end sent them.
        generation: What the answer is for, where it tells.
    """
    return goes_on(shown) if generation is None else generation == CONTINUE


def said_before(
    shown: Any,
    restored: Any = None,
    *,
    generation: str | None = None,
    patterns: Sequence[str] | None = None,
) -> tuple[list[Turn], bool]:
    """What was said before an answer, and whether that goes on in the last turn of it.

    Where an answer is known to go on, what the user seems to say behind it is the front-end's own
    way of asking for that.

    Args:
        shown: The messages as the front-end sent them.
        restored: The same with tags in the place of pictures.
        generation: What the answer is for, in SillyTavern's words, where the front-end tells.
        patterns: Tag patterns in place of the defaults.

    Examples:
        >>> said = [{"role": "assistant", "content": "I"}, {"role": "user", "content": "(On!)"}]
        >>> told, going = said_before(said, generation="continue")
        >>> len(told), going, said_before(said)[1], said_before(said[:1], generation="normal")[1]
        (1, True, False, False)
    """
    said = turns(shown, restored, patterns=patterns)
    if generation == CONTINUE and [turn.role for turn in said[-2:]] == _NUDGED:
        said = said[:-1]
    last = said[-1].role if said else None
    return said, last is Role.ASSISTANT and goes_on_in_last(shown, generation)


def is_large(shown: object) -> bool:
    """Whether reading so much holds up everybody else for longer than a thread would."""
    if not isinstance(shown, list):
        return False
    texts = (message.get("content") for message in shown if isinstance(message, dict))
    return sum(len(text) if isinstance(text, str) else LARGE for text in texts if text) > LARGE
