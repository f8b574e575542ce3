"""Whether the site tells of every public name: the end of ``make docs``.

A package is public if a page of ``docs/reference`` names it; the names in its ``__all__`` have to
stand in the site's inventory, into which only comes what has a docstring.
"""

from __future__ import annotations

import ast
import re
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
HEAD_LINES = 4
"""What stands before the compressed part of a Sphinx inventory, version 2."""


def packages() -> list[str]:
    """The packages that the pages of the reference name, in their order."""
    pages = (page.read_text(encoding="utf-8") for page in sorted(REFERENCE.glob("*.md")))
    names = [name for page in pages for name in re.findall(r"^::: (\S+)$", page, re.MULTILINE)]
    return [name for name in names if _file_of(name).exists()]


def public_names(package: str) -> list[str]:
    """What a package's ``__all__`` names, read and not imported."""
    for node in ast.parse(_file_of(package).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def inventory(site: Path) -> set[str]:
    """The names that the site has, from its ``objects.inv``."""
    head = site.joinpath("objects.inv").read_bytes().split(b"\n", HEAD_LINES)
    lines = zlib.decompress(head[HEAD_LINES]).decode().splitlines()
    return {line.split()[0] for line in lines if line.strip()}


def missing(site: Path) -> list[str]:
    """The public names that the site does not have."""
    there = inventory(site)
    wanted = (f"{package}.{name}" for package in packages() for name in public_names(package))
    return [name for name in wanted if not {name, _named_twice(name)} & there]


def _file_of(package: str) -> Path:
    return ROOT.joinpath("src", *package.split("."), "__init__.py")


def _named_twice(name: str) -> str:
    # A function that is named as its module is known to the site as what is in the module.
    return f"{name}.{name.rpartition('.')[2]}"


def main(arguments: list[str]) -> int:
    """Look at the site in a folder; 1 if it lacks a name."""
    lacking = missing(ROOT / arguments[0])
    for name in lacking:
        print(f"{name} has no docstring, or its package no page", file=sys.stderr)
    names = sum(len(public_names(package)) for package in packages())
    print(f"{names} public names of {len(packages())} packages, {len(lacking)} of them not told of")
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
