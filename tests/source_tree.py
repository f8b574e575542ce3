"""Reads the package as text: what each file imports, and whose private names it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"

Tree = dict[str, ast.Module]
"""The files of a package by the names of their modules."""


def read(package: str) -> Tree:
    """Parse all files of a package.

    Args:
        package: Its dotted name.
    """
    found: Tree = {}
    for file in (SOURCE / Path(*package.split("."))).rglob("*.py"):
        parts = file.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = ast.parse(file.read_text())
    return found


def imports(tree: Tree, module: str) -> set[str]:
    """Return the modules of a package that one of them imports, inside functions as well."""
    found: set[str] = set()
    for node in ast.walk(tree[module]):
        if isinstance(node, ast.ImportFrom):
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= named if named <= tree.keys() else {node.module or ""} | named
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & tree.keys() - {module}


def circle(tree: Tree) -> list[str]:
    """Return the modules of one circle of imports; none if there is no circle."""
    graph = {module: imports(tree, module) for module in tree}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names: list[str] = error.args[1]
        return names
    return []


def type_checking_blocks(tree: Tree) -> list[str]:
    """Return the places of blocks that only type checkers see."""
    return [
        f"{module}:{node.lineno}"
        for module, file in tree.items()
        for node in ast.walk(file)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]


def foreign_private_names(tree: Tree) -> list[str]:
    """Return the places where a file uses a private name that is not its own.

    A name is a file's own if it is defined there: as a function, a class, a field of a class, or
    an attribute that a method sets.
    """
    found: list[str] = []
    for module, file in tree.items():
        own = set(_defined(file))
        for node in ast.walk(file):
            if isinstance(node, ast.Attribute):
                names = {node.attr}
            elif isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
            else:
                continue
            foreign = sorted(name for name in names if _is_private(name) and name not in own)
            found += [f"{module}:{node.lineno}: {name}" for name in foreign]
    return found


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def _defined(file: ast.Module) -> Iterator[str]:
    for node in ast.walk(file):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                targets = part.targets if isinstance(part, ast.Assign) else []
                targets += [part.target] if isinstance(part, ast.AnnAssign) else []
                yield from (target.id for target in targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield from [node.attr] if ast.unparse(node.value) in ("self", "cls") else []
