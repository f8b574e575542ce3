r"""What a prompt for an image model is made of: blocks, and in them items separated by commas.

::

    a lighthouse at dusk, (mist, rain:1.2) | 1girl, red coat | 1boy, blue eyes
    └──────────── the base block ───────┘   └─ a character ┘  └─ a character ┘

A ``|`` separates blocks and a ``,`` items, but neither does inside ``( )``, ``[ ]``, ``{ }`` nor
behind a backslash, and a comma does not inside a numeric weight ``1.2:: … ::``, which ends with its
block at the latest. A bracket without a partner is a plain character, as in ``:)``. Each kind of
bracket is matched on its own.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

_MARK = re.compile(r"\\.|[()\[\]{}|,]|(?<![^\s,|()\[\]{}])-?\d++(?:\.\d++)?+::|::", re.DOTALL)
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_BRACKETS = frozenset("([{")


def split_blocks(prompt: str) -> list[str]:
    r"""The blocks of a prompt, as they stand; at least one.

    >>> split_blocks(r"a fox | (red|brown) fur \| paws")
    ['a fox ', ' (red|brown) fur \\| paws']
    """
    return _split(prompt, "|")


def split_items(block: str) -> list[str]:
    """The items of one block, trimmed; blank ones are left out.

    >>> split_items("a fox, (red fur, snow:1.2),, 1.5::dusk, mist::")
    ['a fox', '(red fur, snow:1.2)', '1.5::dusk, mist::']
    """
    return [item for part in _split(block, ",") if (item := _tidy(part))]


def join_items(items: Iterable[str]) -> str:
    """The items as one block: each once, the first of those that differ only in case or blanks.

    >>> join_items(["blue eyes", "a fox", "Blue  Eyes"])
    'blue eyes, a fox'
    """
    kept: dict[str, str] = {}
    for item in items:
        kept.setdefault(item_key(item), item)
    return ", ".join(kept.values())


def item_key(item: str) -> str:
    """What two items have in common that say the same."""
    return " ".join(item.split()).casefold()


def is_whole(part: str) -> bool:
    """Whether a part can be joined to any prompt: one block, and every bracket has its partner.

    A backslash at its end would escape what is joined to it, so that is not whole either.

    >>> is_whole("best quality, (a, b:1.2)"), is_whole("(a, b"), is_whole("a | b"), is_whole(":)")
    (True, False, False, False)
    """
    end = part.rstrip()
    escaping = (len(end) - len(end.rstrip("\\"))) % 2 == 1
    return not escaping and len(split_blocks(part)) == 1 and _enclosed(part)[1]


def _tidy(item: str) -> str:
    # A last backslash with nothing behind it would escape the comma that follows when joined.
    item = item.strip()
    slashes = len(item) - len(item.rstrip("\\"))
    return item[:-1].rstrip() if slashes % 2 else item


def _split(text: str, separator: str) -> list[str]:
    enclosed, _ = _enclosed(text)
    cuts = [-1]
    spans = iter(enclosed)
    span = next(spans, None)
    for mark in _MARK.finditer(text):
        at = mark.start()
        while span is not None and span[1] <= at:
            span = next(spans, None)
        inside = span is not None and span[0] <= at
        if mark[0] == separator and not inside:
            cuts.append(at)
    cuts.append(len(text))
    return [text[first + 1 : last] for first, last in pairwise(cuts)]


def _enclosed(text: str) -> tuple[list[tuple[int, int]], bool]:
    """The outermost stretches inside brackets or weights, in order, and whether all is paired."""
    open_at: dict[str, list[int]] = {"(": [], "[": [], "{": []}
    weight: int | None = None
    spans: list[tuple[int, int]] = []
    paired = True
    for mark in _MARK.finditer(text):
        sign = mark[0]
        if sign in _BRACKETS:
            open_at[sign].append(mark.start())
        elif sign in _CLOSERS:
            stack = open_at[_CLOSERS[sign]]
            paired &= bool(stack)
            if stack:
                spans.append((stack.pop(), mark.end()))
        elif sign == "|":
            weight = None  # a weight ends with its block
        elif sign == "::":
            paired &= weight is not None
            if weight is not None:
                spans.append((weight, mark.end()))
            weight = None
        elif sign.endswith("::"):
            paired &= weight is None
            weight = mark.start()
    return _outermost(spans), paired and weight is None and not any(open_at.values())


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
