"""Names of models: files, that people call with and without their folder and their ending."""

import re
from collections.abc import Iterable

_ENDING = re.compile(r"\.(safetensors|ckpt|pt|pth|bin|gguf|sft)$", re.IGNORECASE)


def bare_name(name: str) -> str:
    """A model's name without folder and ending.

    Examples:
        >>> bare_name("sd15/dream_8.safetensors"), bare_name("flux1-dev")
        ('dream_8', 'flux1-dev')
    """
    return _ENDING.sub("", re.split(r"[/\\]", name)[-1])


def found_name(wanted: str, known: Iterable[str]) -> str:
    """A model's name as a server has it; as it was written if there is none, or are several.

    Examples:
        >>> found_name("dream_8", ["sd15/dream_8.safetensors", "flux1-dev.safetensors"])
        'sd15/dream_8.safetensors'
        >>> found_name("dream", ["a/dream.ckpt", "b/dream.ckpt"])
        'dream'
    """
    names = list(known)
    if wanted in names:
        return wanted
    alike = [name for name in names if bare_name(name) == bare_name(wanted)]
    return alike[0] if len(alike) == 1 else wanted
