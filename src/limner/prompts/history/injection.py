"""Putting an instruction into a conversation, and when not to."""

from collections.abc import Mapping, Sequence
from typing import Any

from limner.prompts.presets.preset import Preset

NOT_ILLUSTRATED = frozenset({"quiet", "impersonate", "side"})
"""Kinds of generation whose answer no reader sees as part of the story."""

TOOL_ROLES = ("tool", "function")
"""Whose messages are the results of a call."""


def inject(
    messages: Sequence[Mapping[str, Any]],
    instruction: str,
    *,
    depth: int = 0,
    role: str = "system",
) -> list[Mapping[str, Any]]:
    """The conversation with an instruction in it; the one given stays as it is.

    Do it after everything else that changes the conversation, so that depth 0 is really last.
    The results of tools follow the message that called them at once, or servers refuse the whole:
    an instruction that would part them stands before the call.

    Args:
        messages: The messages, oldest first.
        instruction: What to tell the model; a blank one is not put in.
        depth: How many messages follow it, at least; more than there are puts it first.
        role: Whose message it is.

    Raises:
        ValueError: `depth` is negative.

    Examples:
        >>> inject([{"role": "user", "content": "Hi"}], "Draw.", depth=1)[0]
        {'role': 'system', 'content': 'Draw.'}
    """
    if depth < 0:
        raise ValueError(f"depth must be at least 0, not {depth}")
    result = list(messages)
    if instruction.strip():
        at = max(0, len(result) - depth)
        while 0 < at < len(result) and result[at].get("role") in TOOL_ROLES:
            at -= 1
        result.insert(at, {"role": role, "content": instruction})
    return result


def should_inject(
    preset: Preset | str | None,
    *,
    kind: str | None = None,
    enabled: bool = True,
    dry_run: bool = False,
    independent: bool = False,
) -> bool:
    """Whether a request to a model gets the instruction to ask for pictures.

    Args:
        preset: The preset, or its instruction; with none or a blank one there is nothing to say.
        kind: What is generated. ``quiet`` (nobody sees it), ``impersonate`` (the user's own next
            words) and ``side`` (titles, tags, JSON) get none; any other kind, known or not, is
            an ordinary answer.
        enabled: Whether illustrating is switched on.
        dry_run: Whether the request is only made to count its tokens.
        independent: Whether another call of a model asks for the pictures afterwards.

    Examples:
        >>> should_inject("Draw."), should_inject("Draw.", kind="quiet"), should_inject(" ")
        (True, False, False)
    """
    text = preset.template if isinstance(preset, Preset) else preset or ""
    quiet = (kind or "").strip().lower() in NOT_ILLUSTRATED
    return enabled and bool(text.strip()) and not (quiet or dry_run or independent)
