"""Commands in a prompt: what picture servers execute instead of drawing it.

Servers read orders out of the words they are to draw: ``<lora:ink:1>`` loads a file,
``<sd_cpp_extra_args>{"batch_count": 500}</sd_cpp_extra_args>`` sets anything at all,
``--steps 150`` is a switch to scripts, ``__animals__`` and ``{a|b}`` are looked up or drawn by
lot. Who writes a tag asks for a picture and is not to give orders, so they are taken out of what
a text asks for, before styles and characters are joined to it: those are the owner's. Weights
(``(fox:1.2)``, ``{{fox}}``), ``BREAK``, ``[day:night:0.5]`` and ``||red|blue||`` say what is to be
seen, and stay.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

PASSES = 4
"""How deeply commands within commands are undone; after that their brackets go."""

LONGEST_TOLD = 60
"""Characters of a command that are told."""

_EXTRA = re.compile(r"<sd_cpp_extra_args>.*?(?:</sd_cpp_extra_args>|\Z)", re.I | re.S)
_BRACKETED = re.compile(r"</?[^\W\d][^<>]*>")
_OPENED = re.compile(r"<(?=/?[^\W\d])")
_TEMPLATE = re.compile(r"\$\{[^{}]*\}|\{%[^{}]*\}")
_LOT = re.compile(r"\{([^{}|]*)\|[^{}]*\}")
_SHARE = re.compile(r"\s*(?:[\d~-]*\$\$|[\d.]+::)")
_EMBEDDING = re.compile(r"\bembedding:(?=\S)", re.I)
_VALUE = r"""(?:\s+|=)(?:"[^"]*"|'[^']*'|[-+]?\d[\w.:]*|true\b|false\b)"""
_SWITCH = re.compile(rf"(?<!\S)--(?=[^\W\d])([\w-]+)({_VALUE})?", re.I)
_LOOKED_UP = re.compile(r"_{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncommanded:
    """A prompt without orders.

    Attributes:
        text: What is left to draw.
        commands: What was taken out, as it stood there.
    """

    text: str
    commands: tuple[str, ...] = ()


def without_commands(prompt: str) -> Uncommanded:
    """Take out of a prompt what a picture server would execute.

    Of a choice by lot the first is kept, of a name to be looked up its words; of a switch that has
    no value the word.

    Examples:
        >>> without_commands("a (fox:1.2) <lora:ink:1> --steps 150, {red|blue} __hats__")
        Uncommanded(text='a (fox:1.2), red hats',
                    commands=('<lora:ink:1>', '{red|blue}', '--steps 150', '__'))
        >>> without_commands("I <3 foxes -- a < b").commands
        ()
    """
    if not any(sign in prompt for sign in ("<", "--", "{", "__", "embedding:", "Embedding:")):
        return Uncommanded(text=prompt)
    taken: dict[str, None] = {}
    text = prompt
    for _ in range(PASSES):
        before = text
        for pattern, instead in _STEPS:
            text = pattern.sub(_noting(taken, instead), text)
        if text == before:
            break
    else:  # nested on purpose: whatever could still be read as a command loses its brackets
        text = re.sub(r"[<>{}|]", " ", text)
    if not taken:
        return Uncommanded(text=prompt)
    return Uncommanded(text=_tidy(text), commands=tuple(taken))


def _noting(
    taken: dict[str, None], instead: Callable[[re.Match[str]], str]
) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        if (kept := instead(found)) != found[0]:
            taken[found[0].strip()[:LONGEST_TOLD]] = None
        return kept

    return replace


def _blank(_: re.Match[str]) -> str:
    return " "


def _first(found: re.Match[str]) -> str:
    """The first of what would be drawn by lot, without its share."""
    return _SHARE.sub("", found[1]).strip()


def _word(found: re.Match[str]) -> str:
    """What a switch without a value says."""
    return "" if found[2] else found[1]


_STEPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_EXTRA, _blank),
    (_BRACKETED, _blank),
    (_OPENED, lambda _: ""),
    (_TEMPLATE, _blank),
    (_LOT, _first),
    (_EMBEDDING, lambda _: ""),
    (_SWITCH, _word),
    (_LOOKED_UP, _blank),
)


def _tidy(text: str) -> str:
    """No gaps where something was taken out."""
    return re.sub(r" +([,.;])(?=\s|$)", r"\1", re.sub(r"[ \t]{2,}", " ", text)).strip()
