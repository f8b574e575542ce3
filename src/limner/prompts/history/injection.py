"""Putting an instruction into a conversation, and when not to."""

from collections.abc import Mapping, Sequence
from typing import Any

from limner.prompts.presets.preset import Preset

NOT_ILLUSTRATED = frozenset({"quiet", "impersonate", "side"})
"""Kinds of generation whose answer no reader sees as part of the story."""

SYSTEM_ROLES = ("system", "developer")
"""Who tells the model how to answer."""

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


def instruct(
    messages: Sequence[Mapping[str, Any]], instruction: str, *, depth: int = 0
) -> list[Mapping[str, Any]]:
    r"""The conversation with an instruction where every chat template accepts it.

    Many templates (Mistral's, Gemma's) want the user and the model to take turns, behind one system
    message at most. So unless the conversation itself has a system message further on, the
    instruction is added to one that is there: to the last of the user's before its place or, where
    that would be the beginning, to the first system message.

    Args:
        messages: The messages, oldest first.
        instruction: What to tell the model; a blank one is not put in.
        depth: How many messages follow it, at least, as for `inject`.

    Raises:
        ValueError: `depth` is negative.

    Examples:
        >>> talk = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]
        >>> instruct(talk, "Draw.")[1]["content"]
        'Hi\n\nDraw.'
        >>> instruct(talk, "Draw.", depth=9)[0]["content"]
        'Be kind.\n\nDraw.'
        >>> instruct([*talk, {"role": "system", "content": "Now."}], "Draw.")[-1]
        {'role': 'system', 'content': 'Draw.'}
    """
    roles = [message.get("role") for message in messages]
    begins = next((i for i, role in enumerate(roles) if role not in SYSTEM_ROLES), len(roles))
    if any(role in SYSTEM_ROLES for role in roles[begins:]) or not instruction.strip():
        return inject(messages, instruction, depth=depth)
    if depth < 0:
        raise ValueError(f"depth must be at least 0, not {depth}")
    end = max(0, len(roles) - depth)
    users = [i for i in range(begins, end) if roles[i] == "user"]
    if not (users or begins):  # nothing is there to add it to
        return inject(messages, instruction, depth=len(messages))
    at = users[-1] if users else begins - 1
    told = {**messages[at], "content": _added(messages[at].get("content"), instruction)}
    return [*messages[:at], told, *messages[at + 1 :]]


def _added(content: Any, instruction: str) -> Any:
    if isinstance(content, list):
        return [*content, {"type": "text", "text": instruction}]
    return f"{content}\n\n{instruction}" if isinstance(content, str) and content else instruction


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
