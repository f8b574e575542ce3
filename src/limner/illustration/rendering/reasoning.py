"""Setting a model's reasoning (``<think>…</think>`` and its kin) apart from its story."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from limner.illustration.rendering.fence import Fence

_BEGIN = re.compile(r"<(think|thinking|reasoning)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A part of a reasoning block.

    Attributes:
        text: Its characters, without the tags around the block.
        begins: Whether this is the block's first part.
        ends: Whether this is its last.
    """

    text: str
    begins: bool = False
    ends: bool = False


def set_reasoning_apart(lines: Iterable[str]) -> Iterator[str | Reasoning]:
    r"""Pass lines on, with those of reasoning blocks outside code as `Reasoning`.

    A block that is never closed ends with the text.

    Examples:
        >>> list(set_reasoning_apart(["<think>Hm.</think>Once"]))
        [Reasoning(text='Hm.', begins=True, ends=True), 'Once']
    """
    fence = Fence()
    closing = ""
    begins = False
    for whole in lines:
        line = whole
        while line:
            if closing:
                end = re.search(closing, line, re.IGNORECASE)
                yield Reasoning(line[: end.start()] if end else line, begins, end is not None)
                begins = False
                closing = "" if end else closing
                line = line[end.end() :] if end else ""
            elif (found := _beginning(line, fence)) is None:
                yield line
                break
            else:
                closing = f"</{found[1]}>"
                begins = True
                if found.start():
                    yield line[: found.start()]
                line = line[found.end() :]
                if not line:
                    yield Reasoning("", begins=True)
                    begins = False
    if closing:
        yield Reasoning("", begins, ends=True)


def _beginning(line: str, fence: Fence) -> re.Match[str] | None:
    """Where reasoning begins in a line, unless the line or the place in it is code."""
    if fence.holds(line) or "<" not in line:
        return None
    found = _BEGIN.search(line)
    return found if found and line.count("`", 0, found.start()) % 2 == 0 else None
