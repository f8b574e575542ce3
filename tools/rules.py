"""The rules of the house: which room may know which, and how large a thing may grow."""

from __future__ import annotations

from tools import arrows, measures
from tools.source import Package, foreign_private_names, inside, relative_imports

PACKAGE = "limner"

FILE_LINES = 400
"""The most lines a file may have."""

FUNCTION_LINES = 21
"""The most lines of code that 95 of 100 functions of a room may have in their bodies."""

FOREIGN_PRIVATE = 3.0
"""The most private names of other objects that a room may use, per 1,000 lines of code."""

FOLDER_FILES = 20
"""The most files a folder may hold, its ``__init__`` not counted."""

STOREYS: dict[str, arrows.Storeys] = {
    "limner": [
        frozenset({"errors"}),
        frozenset({"closing", "tracing", "uninterrupted", "virtual_time"}),
        frozenset({"scheduling"}),
        frozenset({"prompts"}),
        frozenset({"illustration"}),
        frozenset({"simulation", "cluster"}),
        frozenset({"backends"}),
        frozenset({"storage"}),
        frozenset({"config"}),
        frozenset({"telemetry"}),
        frozenset({"composition"}),
        frozenset({"server"}),
        frozenset({"cli"}),
        frozenset({"__main__", "testing"}),
    ],
    "limner.prompts": [
        frozenset({"grammar"}),
        frozenset({"presets"}),
        frozenset({"history"}),
        frozenset({"composition"}),
        frozenset({"scenes"}),
    ],
    "limner.illustration": [
        frozenset({"model"}),
        frozenset({"ports"}),
        frozenset({"capabilities"}),
        frozenset({"endurance"}),
        frozenset({"rendering"}),
        frozenset({"illustrated"}),
        frozenset({"beat", "store_keeper"}),
        frozenset({"leisure"}),
        frozenset({"ledger_notes"}),
        frozenset({"generation"}),
        frozenset({"keyed_lock", "shared_context"}),
        frozenset({"sessions"}),
        frozenset({"operations"}),
        frozenset(
            {
                "assembly",
                "backend_address",
                "illustrator",
                "memory_store",
                "options",
                "plugins",
            }
        ),
        frozenset({"blocking"}),
    ],
    "limner.scheduling": [
        frozenset({"timer"}),
        frozenset({"limits"}),
        frozenset({"jobs"}),
        frozenset({"engine"}),
        frozenset({"ordered_map", "submission", "inspection", "control", "limiter"}),
        frozenset({"tools"}),
    ],
}
"""What stands in a folder, from the ground up; each storey may import from those before it."""


def rooms(package: Package) -> list[str]:
    """Return the dotted names of the rooms, from the ground up, without the tools for tests."""
    names = [f"{PACKAGE}.{name}" for storey in STOREYS[PACKAGE] for name in sorted(storey)]
    return [name for name in names if name in package and not name.endswith((".testing", "__"))]


def faults(package: Package) -> list[str]:
    """Return what breaks the rules, a line each."""
    between = arrows.between_files(package)
    return [
        *_long_files(package),
        *_wrong_rooms(package),
        *_crowded_folders(package),
        *_circles(package, between),
        *_upward_arrows(package, between),
        *(f"{place}: relative import" for place in relative_imports(package)),
        *(f"{module}: stands in no room" for module in _homeless(package)),
    ]


def _long_files(package: Package) -> list[str]:
    return [
        f"{module}: {file.lines} lines, more than {FILE_LINES}"
        for module, file in package.items()
        if file.lines > FILE_LINES
    ]


def _wrong_rooms(package: Package) -> list[str]:
    found = []
    for name in rooms(package):
        room = inside(package, name)
        numbers = measures.measure(room)
        if numbers.function_p95 > FUNCTION_LINES:
            found.append(f"{name}: p95 of its functions is {numbers.function_p95} lines")
        if numbers.foreign_private > FOREIGN_PRIVATE:
            places = [place for file in room.values() for place in foreign_private_names(file)]
            found.append(f"{name}: {numbers.foreign_private:.1f} foreign private names: {places}")
    return found


def _crowded_folders(package: Package) -> list[str]:
    return [
        f"{folder}: {count} files, more than {FOLDER_FILES}"
        for folder, count in measures.folders(package).items()
        if count > FOLDER_FILES
    ]


def _circles(package: Package, between: arrows.Arrows) -> list[str]:
    # The public names of the whole package are loaded on first use: no circle goes through it.
    between_files = {module: ends for module, ends in between.items() if module != PACKAGE}
    found = [" -> ".join(circle) for circle in arrows.circles(between_files)]
    for folder in sorted(module for module, file in package.items() if file.is_package):
        parts = arrows.grouped(arrows.between_parts(between_files, folder))
        found += [f"{folder}: {' -> '.join(circle)}" for circle in arrows.circles(parts)]
    return found


def _upward_arrows(package: Package, between: arrows.Arrows) -> list[str]:
    return [
        f"{folder}: {start} imports {end}, which stands above it"
        for folder, storeys in STOREYS.items()
        if folder in package
        for start, end in arrows.upward(arrows.between_parts(between, folder), storeys)
    ]


def _homeless(package: Package) -> list[str]:
    known = {name for storey in STOREYS[PACKAGE] for name in storey}
    return [module for module in package.keys() - {PACKAGE} if module.split(".")[1] not in known]
