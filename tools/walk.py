"""Walk six flows through limner in real runs, and write down the files on the way: ``make walk``.

The prose of ``docs/walk.md`` is written by hand; the lists between its marks are written here, each
file with the first line of what it says of itself. With ``--check`` nothing is written: the
command fails if a list is not what was seen in any of three runs, as somewhat more or less happens
at the same time on a busy machine.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Mapping, Sequence

from tools.flows import FLOWS, Walks, walk_all
from tools.source import ROOT
from tools.trace import PACKAGE

PAGE = ROOT / "docs" / "walk.md"

RUNS = 3
"""How often the flows are walked until each list was seen."""

MEANWHILE = {
    "link": ("scheduling/engine/core.py", "scheduling/engine/engine.py"),
    "start": ("storage/repositories/message_repository.py",),
}
"""What goes on beside a flow, and comes before its end or after it as the machine is busy: the
picture is queued while its link is sent; a look at the library while the server begins."""

BOUNDS = {
    "chunk": 21,
    "link": 123,
    "picture": 141,
    "run": 8,
    "run-rates": 12,
    "run-listener": 14,
    "regenerate": 135,
    "settings": 2,
    "start": 206,
    "leave": 56,
}
"""The most files that each flow may enter. These numbers may only go down; only of a start, which
makes a new library, each new version of the tables is one more."""

_BLOCK = re.compile(r"<!-- files: (?P<name>[\w-]+) -->\n(?P<list>.*?)<!-- end -->", re.DOTALL)


def listed(page: str) -> dict[str, list[str]]:
    """Return the lines of each list on a page, without their numbers, by the flow's name."""
    return {
        found["name"]: re.findall(r"^\d+\. (.*)$", found["list"], re.MULTILINE)
        for found in _BLOCK.finditer(page)
    }


def written(page: str, lists: Mapping[str, list[str]]) -> str:
    """Return a page with these lists between its marks."""

    def block(found: re.Match[str]) -> str:
        lines = lists[found["name"]]
        numbered = "".join(f"{number}. {line}\n" for number, line in enumerate(lines, 1))
        return f"<!-- files: {found['name']} -->\n\n{numbered}\n<!-- end -->"

    return _BLOCK.sub(block, page)


def lines_of(walks: Walks) -> dict[str, list[str]]:
    """Return the list of each flow: its files in order, and what each says of itself."""
    return {name: [_line(file) for file in walk.files] for name, walk in walks.items()}


def too_long(page: str, bounds: Mapping[str, int]) -> list[str]:
    """Return the flows that enter more files than they may, and those that are not on the page."""
    lists = listed(page)
    return [
        f"{name}: {len(lists.get(name, []))} files, at most {bound} are allowed"
        for name, bound in bounds.items()
        if not 0 < len(lists.get(name, [])) <= bound
    ]


def wrong_lists(page: str) -> list[str]:
    """Walk, and return what is wrong on the page: never seen, or always seen and not on it.

    What goes on in the background, such as the look a server takes at its library after its start,
    may fall into a flow or behind its end. So the flows are walked again where something differs.
    """
    wrong = [f"{name}: not on the page" for name in FLOWS]
    runs: list[dict[str, list[str]]] = []
    while wrong and len(runs) < RUNS:
        runs.append(lines_of(_walked()))
        wrong = _differences(listed(page), runs)
    return wrong


def _walked() -> Walks:
    """Walk; a flow whose end was not seen, as happens to who looks at every call, is walked again.

    Raises:
        RuntimeError: It was not seen in any of three walks, or something else went wrong.
    """
    for _ in range(RUNS - 1):
        try:
            return walk_all()
        except RuntimeError as error:
            if not isinstance(error.__cause__, TimeoutError):
                raise
    return walk_all()


def _differences(
    lists: Mapping[str, list[str]], runs: Sequence[Mapping[str, list[str]]]
) -> list[str]:
    wrong = []
    for name in FLOWS:
        known, seen = {*lists.get(name, ())}, [{*run[name]} for run in runs]
        ever, always = set[str]().union(*seen), seen[0].intersection(*seen)
        meanwhile = tuple(f"[{file}]" for file in MEANWHILE.get(name, ()))
        wrong += [
            f"{name}: {line}"
            for line in sorted((known - ever) | (always - known))
            if not line.startswith(meanwhile)
        ]
    return wrong


def main(arguments: list[str]) -> int:
    """Write the lists, or check them; 1 if a list is wrong or too long."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, and compare")
    if parser.parse_args(arguments).check:
        wrong = wrong_lists(PAGE.read_text())
    else:
        walks = walk_all()
        for name, walk in walks.items():
            sys.stdout.write(f"{name}: {len(walk.files)} files, {walk.moves} moves between them\n")
        PAGE.write_text(written(PAGE.read_text(), lines_of(walks)))
        wrong = []
    wrong += too_long(PAGE.read_text(), BOUNDS)
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


def _line(file: str) -> str:
    text = ast.get_docstring(ast.parse((PACKAGE / file).read_text())) or ""
    return f"[{file}](../src/limner/{file}): {text.partition(chr(10))[0]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
