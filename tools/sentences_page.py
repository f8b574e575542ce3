"""Write the page that leads from what limner says to its cause: ``make sentences``.

The sentences are read out of the code, cause and remedy out of the page about errors. With
``--check`` nothing is written, and what is wrong on the page is told.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from tools.sentences import GAP, Sentence, classes, sentences
from tools.source import ROOT, Package, inside, read

ERRORS = ROOT / "docs" / "errors.md"
PAGE = ROOT / "docs" / "sentences.md"
USAGE = "BadParameter"
"""What typer calls a wrong option."""

HEAD = f"""\
# What limner says, and what it means

Look for the words that you read: after `limner:` on the command line, as the reason of a missing
picture, in an answer of the server, or in its log. `{GAP}` stands for what differs: a name, a
number, an address. A sentence is sorted by its first words that are always the same.

Most sentences say themselves what to do; the columns beside them tell of
[their kind of error](errors.md). A sentence that is not here comes from the program that limner
asks, and stands behind limner's own words.

<!-- written by `make sentences` -->
"""

TABLE = ("| you read | its kind of error | what to do |", "|---|---|---|")


@dataclass(frozen=True, slots=True)
class Kind:
    """What the page about errors tells of one class.

    Attributes:
        section: The heading under which it stands.
        cause: Why it is raised.
        remedy: What to do.
    """

    section: str
    cause: str
    remedy: str


def kinds(page: str) -> dict[str, Kind]:
    """Read the tables of the page about errors, by the names of the classes."""
    found: dict[str, Kind] = {}
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        for names, cause, remedy in re.findall(
            r"^\| (.+?) \| (.+) \| (.+) \|$", part, re.MULTILINE
        ):
            for name in re.findall(r"`(\w+)`", names):
                found[name] = Kind(part.partition("\n")[0], cause, remedy)
    return found


def said(package: Package) -> list[Sentence]:
    """Return what users may read, in the order of the page."""
    shipped = {
        name: file for name, file in package.items() if not f"{name}.".startswith("limner.testing.")
    }
    errors = classes(inside(shipped, "limner.errors"))
    return sorted(sentences(shipped, {**errors, USAGE: None}), key=_place)


def page(found: list[Sentence], known: dict[str, Kind]) -> str:
    """Return the whole page."""
    return HEAD + "\n".join(_lines(found, known)) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or only look at it; 1 if it is not as it should be."""
    known = kinds(ERRORS.read_text(encoding="utf-8"))
    found = said(read("limner"))
    missing = sorted({sentence.error for sentence in found} - known.keys())
    if missing:
        sys.stderr.write(f"docs/errors.md does not tell of {', '.join(missing)}\n")
        return 1
    should = page(found, known)
    if arguments == ["--check"]:
        wrong = set(should.splitlines()) ^ set(PAGE.read_text(encoding="utf-8").splitlines())
        sys.stderr.write("".join(f"{line}\n" for line in sorted(wrong)))
        return 1 if wrong else 0
    PAGE.write_text(should, encoding="utf-8")
    return 0


def _place(sentence: Sentence) -> tuple[str, Sentence]:
    return (re.sub(r"^\W+", "", sentence.text).casefold(), sentence)


def _lines(found: list[Sentence], known: dict[str, Kind]) -> Iterator[str]:
    for letter, group in groupby(found, key=lambda sentence: _place(sentence)[0][:1].upper()):
        yield from (
            "",
            f"## {letter}",
            "",
            "| you read | its kind of error | what to do |",
            "|---|---|---|",
        )
        for sentence in group:
            kind = known[sentence.error]
            text = _code(re.sub(r"\s+", " ", sentence.text))
            yield f"| {text} | [{kind.cause}]({_link(kind)}) | {kind.remedy} |"


def _link(kind: Kind) -> str:
    return f"errors.md#{re.sub(r'[^a-z0-9 -]', '', kind.section.lower()).replace(' ', '-')}"


def _code(text: str) -> str:
    """A sentence to the letter, in a cell of a table."""
    marks = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{marks}{space}{text.replace('|', chr(92) + '|')}{space}{marks}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
