"""Numbers that tell how readable a package is."""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from tools.source import Package, SourceFile, foreign_private_names, public_definitions

SHORT = 60
"""Lines below which a file is short."""

LONG = 400
"""Lines above which a file is long."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of one room.

    A function's length is the code in its body: no blank lines, comments or docstrings. What is
    "per 1,000" is so per 1,000 lines of code in the same sense. Shares are percentages.
    """

    files: int
    lines: int
    median_file: float
    short_files: float
    long_files: int
    longest_file: int
    function_median: float
    function_p95: int
    function_longest: int
    complexity_p95: int
    complexity_highest: int
    ignores: float
    anys: float
    foreign_private: float
    type_checking: float
    documented: float


def measure(package: Package) -> Numbers:
    """Return the numbers of a package or of a part of one, which must hold some file."""
    files = list(package.values())
    lengths = [file.lines for file in files]
    functions = [length for file in files for length in file.lengths] or [0]
    paths = [ways for file in files for ways in file.complexities] or [1]
    thousands = sum(len(file.code_lines) for file in files) / 1000 or 1.0
    documents = [
        ast.get_docstring(node) is not None
        for file in files
        for _, node in public_definitions(file)
    ]
    return Numbers(
        files=len(files),
        lines=sum(lengths),
        median_file=statistics.median(lengths),
        short_files=_share([length < SHORT for length in lengths]),
        long_files=sum(length > LONG for length in lengths),
        longest_file=max(lengths),
        function_median=statistics.median(functions),
        function_p95=percentile(functions, 95),
        function_longest=max(functions),
        complexity_p95=percentile(paths, 95),
        complexity_highest=max(paths),
        ignores=sum(file.text.count("type: ignore") for file in files) / thousands,
        anys=sum(map(_anys, files)) / thousands,
        foreign_private=sum(len(foreign_private_names(file)) for file in files) / thousands,
        type_checking=_share([file.has_type_checking_block for file in files]),
        documented=_share(documents),
    )


def folders(package: Package) -> Counter[str]:
    """Count the files that stand directly in each folder, its ``__init__`` left out."""
    return Counter(
        module.rpartition(".")[0] for module, file in package.items() if not file.is_package
    )


def percentile(values: Sequence[int], percent: float) -> int:
    """Return the smallest value that is not exceeded by so many of 100 values."""
    return sorted(values)[max(ceil(len(values) * percent / 100) - 1, 0)]


def _share(truths: list[bool]) -> float:
    return 100 * sum(truths) / len(truths) if truths else 100.0


def _anys(file: SourceFile) -> int:
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in file.nodes)
