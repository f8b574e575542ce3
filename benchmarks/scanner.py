"""What scanning costs per 4-character chunk, beside a rescan of the whole text at each chunk.

Run it from the repository: ``.venv/bin/python -m benchmarks.scanner``. Every figure is the median
of several passes, in microseconds of CPU time per chunk; the whole-text rescan is sampled.
"""

import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.table import Table

from limner.prompts import PromptScanner, PromptTag, Text

CHUNK = 4
PASSES = 7
SIZES = (5_000, 50_000, 500_000)
RESCAN_SAMPLES = 200
WORDS = (
    "the",
    "fox",
    "went",
    "over",
    "hill",
    "and",
    "river",
    "where",
    "an",
    "old",
    "lamp",
    "burned",
)
TAG = '<!--img-prompt="a fox on a hill, an old lamp, evening light, ink and wash"-->'
RESCAN = re.compile(r'<!--img-prompt="((?:[^"\\]|\\.)*)"\s*-->|<img_prompt="((?:[^"\\]|\\.)*)"\s*>')


def prose(size: int) -> str:
    """Words in lines of about 70 characters, paragraphs, no tags."""
    random_words = random.Random(7)
    pieces: list[str] = []
    length = line = 0
    while length < size:
        word = random_words.choice(WORDS)
        line += len(word) + 1
        word += " " if line < 70 else random_words.choice(("\n", "\n", ".\n\n"))
        line = 0 if word.endswith("\n") else line
        pieces.append(word)
        length += len(word)
    return "".join(pieces)[:size]


def story(size: int) -> str:
    """Prose with one tag in about a thousand characters."""
    plain = prose(size)
    step = 1000 - len(TAG)
    return TAG.join(plain[at : at + step] for at in range(0, size, step))[:size]


def fenced(size: int) -> str:
    """Half prose, half fenced code, with one tag in about a thousand characters."""
    plain = story(size)
    return "".join(
        plain[at : at + 500] + f"\n```python\n{plain[at + 500 : at + 1000]}\n```\n"
        for at in range(0, size, 1000)
    )[:size]


def repeated(unit: str) -> Callable[[int], str]:
    """Nothing but one unit, again and again."""
    return lambda size: (unit * (size // len(unit) + 1))[:size]


def chunks(text: str, size: int = CHUNK) -> list[str]:
    """The text in pieces of one size."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def scan(pieces: Sequence[str], patterns: list[str] | None = None) -> float:
    """Seconds to feed all pieces and finish."""
    scanner = PromptScanner(patterns)
    feed = scanner.feed
    began = time.process_time()
    for piece in pieces:
        feed(piece)
    scanner.finish()
    return time.process_time() - began


def per_chunk(text: str, patterns: list[str] | None = None, passes: int = PASSES) -> float:
    """Median microseconds per chunk."""
    pieces = chunks(text)
    return statistics.median(scan(pieces, patterns) for _ in range(passes)) / len(pieces) * 1e6


def rescan(text: str) -> float:
    """Mean microseconds of `finditer` over the text so far, at lengths spread over the text."""
    step = max(CHUNK, len(text) // RESCAN_SAMPLES)
    prefixes = [text[:end] for end in range(step, len(text) + 1, step)]
    began = time.process_time()
    for prefix in prefixes:
        for match in RESCAN.finditer(prefix):
            match.end()
    return (time.process_time() - began) / len(prefixes) * 1e6


def check(text: str) -> None:
    """The scanner must find what the rescan finds, or its speed means nothing."""
    scanner = PromptScanner()
    pieces: list[Text | PromptTag] = [p for piece in chunks(text) for p in scanner.feed(piece)]
    pieces += scanner.finish()
    found = [p.source for p in pieces if isinstance(p, PromptTag)]
    assert found == [match[0] for match in RESCAN.finditer(text)]
    assert "".join(p.source for p in pieces) == text


def rows() -> Iterator[tuple[str, Callable[[int], str], list[str] | None]]:
    """The inputs: name, text of a size, patterns."""
    yield "prose without tags", prose, None
    yield "story, 1 tag per 1000 characters", story, None
    yield "half fenced code, 1 tag per 1000", fenced, None
    yield "a tag that never closes", lambda size: '<!--img-prompt="' + prose(size), None
    yield "HTML-like", repeated("<p>A <b>fox</b> and a <i>lamp</i>.</p>\n"), None
    yield "backticks: `a` ``b`` ...", repeated("`a` ``b`` c "), None
    yield "every character <", repeated("<"), None
    yield "every character `", repeated("`"), None
    yield "false starts", repeated('<!--img-prompt="a" b '), None
    yield r"pattern \[img:(.*?)\], story", story, [r"\[img:(.*?)\]"]


def main() -> None:
    """Measure and print."""
    check(story(50_000))
    console = Console(width=100)
    table = Table("microseconds per 4-character chunk", *(f"{size:,}" for size in SIZES))
    figures: dict[str, list[float]] = {}
    for name, make, patterns in rows():
        figures[name] = [
            per_chunk(make(size), patterns, PASSES if size < 500_000 else 3) for size in SIZES
        ]
        table.add_row(name, *(f"{figure:.2f}" for figure in figures[name]))
    rescans = [statistics.median(rescan(story(size)) for _ in range(3)) for size in SIZES]
    table.add_row("whole-text rescan (re), story", *(f"{figure:.1f}" for figure in rescans))
    console.print(table)
    own = figures["story, 1 tag per 1000 characters"]
    plain = figures["prose without tags"]
    open_tag = figures["a tag that never closes"]
    console.print(f"story, 500,000 / 5,000: {own[2] / own[0]:.2f} (at most 2)")
    console.print(f"never closed / plain at 50,000: {open_tag[1] / plain[1]:.2f} (at most 10)")
    console.print(f"rescan / scanner at 50,000: {rescans[1] / own[1]:.1f} (at least 10)")


if __name__ == "__main__":
    main()
