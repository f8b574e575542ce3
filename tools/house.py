"""Measure the house, and draw it: ``make house``.

Prints the numbers of the whole package and of every room as a Markdown table, the most crowded
folders, and what breaks the rules; draws the rooms in ``docs/design.md``. With ``--docstrings``
it lists the first line of every public docstring instead, to be read in one go.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator

from tools import drawing, measures, rules
from tools.source import ROOT, Package, inside, public_definitions, read

PAGE = ROOT / "docs" / "design.md"

NOT_DRAWN = frozenset({"__main__", "testing"})
"""Outside of the order: the one starts the program, the other may know all."""

HEAD = (
    "| | files | lines | median file | <60 | >400 | longest | function median/p95/max "
    "| complexity p95/max | ignore/k | Any/k | foreign-private/k | TYPE_CHECKING | documented |"
)


def table(package: Package) -> Iterator[str]:
    """Yield the numbers as a Markdown table, the whole first."""
    whole = {
        module: file
        for module, file in package.items()
        if not f"{module}.".startswith(f"{rules.PACKAGE}.testing.")
    }
    yield HEAD
    yield "|---|" + "--:|" * (HEAD.count("|") - 2)
    yield _row(f"**{rules.PACKAGE}**", measures.measure(whole))
    for room in rules.rooms(package):
        yield _row(f"– {room.rpartition('.')[2]}", measures.measure(inside(package, room)))


def docstrings(package: Package) -> Iterator[str]:
    """Yield the first line of every public docstring, each after its name."""
    for module, file in package.items():
        yield f"{module}: {_first_line(file.tree)}"
        for name, node in public_definitions(file):
            yield f"{name}: {_first_line(node)}"


def drawn(package: Package) -> str:
    """Return the page of the design with the drawing as it should be."""
    return drawing.put(PAGE.read_text(), drawing.mermaid(package, rules.PACKAGE, NOT_DRAWN))


def main(arguments: list[str]) -> int:
    """Do what the command line asks for; 1 if a rule is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--docstrings", metavar="ROOM", help="list what limner.ROOM says of itself")
    wanted = parser.parse_args(arguments)
    package = read(rules.PACKAGE)
    if wanted.docstrings:
        part = inside(package, f"{rules.PACKAGE}.{wanted.docstrings}")
        sys.stdout.write("\n".join(docstrings(part)) + "\n")
        return 0
    faults = rules.faults(package)
    crowded = ", ".join(f"{name} {n}" for name, n in measures.folders(package).most_common(5))
    lines = [*table(package), "", f"Fullest folders: {crowded}", *faults]
    sys.stdout.write("\n".join(lines) + f"\n{len(faults)} rules broken\n")
    PAGE.write_text(drawn(package))
    return 1 if faults else 0


def _row(name: str, n: measures.Numbers) -> str:
    cells = [
        name,
        str(n.files),
        f"{n.lines / 1000:.1f}k",
        f"{n.median_file:.0f}",
        f"{n.short_files:.0f}%",
        str(n.long_files),
        str(n.longest_file),
        f"{n.function_median:.0f}/{n.function_p95}/{n.function_longest}",
        f"{n.complexity_p95}/{n.complexity_highest}",
        f"{n.ignores:.1f}",
        f"{n.anys:.1f}",
        f"{n.foreign_private:.1f}",
        f"{n.type_checking:.0f}%",
        f"{n.documented:.0f}%",
    ]
    return f"| {' | '.join(cells)} |"


def _first_line(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return (ast.get_docstring(node) or "-").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
