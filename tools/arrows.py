"""The arrows of a package: which file imports which, and which room or wing knows which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from tools.source import Package, imports

Arrows = Mapping[str, Iterable[str]]
"""Names, each with those that it knows."""

Storeys = Sequence[frozenset[str]]
"""Names that stand side by side, storey by storey; each may know those before it."""


def between_files(package: Package) -> dict[str, set[str]]:
    """Return what every module imports."""
    return {module: imports(package, module) for module in package}


def between_parts(arrows: Arrows, folder: str) -> Counter[tuple[str, str]]:
    """Count the imports between the files and folders that stand directly in a folder.

    A folder's own ``__init__`` is left out: it shows what is in the others.

    Args:
        arrows: What every module imports.
        folder: The dotted name of the folder.
    """
    found: Counter[tuple[str, str]] = Counter()
    for module, others in arrows.items():
        if not (start := _part(module, folder)):
            continue
        for end in (_part(other, folder) for other in others):
            if end and start != end:
                found[start, end] += 1
    return found


def circles(arrows: Arrows) -> list[list[str]]:
    """Return circles, each along its arrows, until no more are left when each is cut once."""
    left = {start: set(ends) for start, ends in arrows.items()}
    found = []
    while names := _circle(left):
        found.append(names)
        left[names[0]].discard(names[1])
    return found


def reachable(arrows: Arrows, start: str) -> set[str]:
    """Return all that a name knows, directly or through others."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = set(arrows.get(waiting.pop(), ())) - found
        found |= fresh
        waiting += fresh
    return found


def upward(between: Iterable[tuple[str, str]], storeys: Storeys) -> list[tuple[str, str]]:
    """Return the arrows that lead from one storey to a later one, or to or from none at all."""
    height = {name: index for index, names in enumerate(storeys) for name in names}
    return sorted(
        (start, end)
        for start, end in between
        if height.get(end, len(storeys)) > height.get(start, -1)
    )


def grouped(between: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return pairs as names with those that each knows."""
    found: dict[str, set[str]] = {}
    for start, end in between:
        found.setdefault(start, set()).add(end)
    return found


def _part(module: str, folder: str) -> str:
    """Return the name of what a module stands in, directly below a folder; '' if elsewhere."""
    head, _, rest = module.partition(f"{folder}.")
    return rest.partition(".")[0] if not head else ""


def _circle(arrows: Arrows) -> list[str]:
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        names: list[str] = error.args[1]
        return names[::-1]
    return []
