"""Reads a Python package as text: its files, what each imports, whose private names it uses."""

from __future__ import annotations

import ast
import io
import tokenize
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.complexity import complexity

ROOT = Path(__file__).parents[1]
"""The working tree."""

SOURCE = ROOT / "src"

Function = ast.FunctionDef | ast.AsyncFunctionDef

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class SourceFile:
    """One file of a package.

    Args:
        module: Its dotted name; a package has the name of its folder.
        text: What is in it.
        is_package: Whether it is the ``__init__`` of a folder.
    """

    module: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Everything in its tree."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def lines(self) -> int:
        """How many lines it has, of any kind."""
        return len(self.text.splitlines())

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """The numbers of the lines with code: no blank ones, no comments, no docstrings."""
        found: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in _NO_CODE:
                found.update(range(token.start[0], token.end[0] + 1))
        for node in self.nodes:
            if isinstance(node, ast.Expr) and _is_text(node.value):
                found.difference_update(range(node.lineno, (node.end_lineno or 0) + 1))
        return frozenset(found)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """All functions and methods, nested ones as well."""
        return tuple(node for node in self.nodes if isinstance(node, Function))

    @cached_property
    def has_type_checking_block(self) -> bool:
        """Whether a block of it is seen by type checkers alone."""
        return any(
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for node in self.nodes
        )

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """The code lines in the bodies of its functions."""
        lines = sorted(self.code_lines)
        return tuple(
            bisect_right(lines, one.end_lineno or 0) - bisect_left(lines, one.body[0].lineno)
            for one in self.functions
        )

    @cached_property
    def complexities(self) -> tuple[int, ...]:
        """The number of ways through each of its functions."""
        return tuple(complexity(function) for function in self.functions)

    @cached_property
    def imported(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """What it imports, also inside functions: a module, and the full names out of it."""
        found: list[tuple[str, frozenset[str]]] = []
        for node in self.nodes:
            if isinstance(node, ast.ImportFrom):
                names = frozenset(f"{node.module}.{alias.name}" for alias in node.names)
                found.append((node.module or "", names))
            elif isinstance(node, ast.Import):
                found += [(alias.name, frozenset()) for alias in node.names]
        return tuple(found)


Package = dict[str, SourceFile]
"""The files of a package by the names of their modules."""


def read(name: str, source: Path = SOURCE) -> Package:
    """Read all files of a package.

    Args:
        name: Its dotted name.
        source: The folder in which its top package stands.
    """
    found: Package = {}
    for file in sorted((source / Path(*name.split("."))).rglob("*.py")):
        parts = file.relative_to(source).with_suffix("").parts
        module = ".".join(parts).removesuffix(".__init__")
        found[module] = SourceFile(module, file.read_text(), file.name == "__init__.py")
    return found


def inside(package: Package, name: str) -> Package:
    """Return the part of a package that has this dotted name: one module, or a folder's files."""
    return {module: file for module, file in package.items() if f"{module}.".startswith(f"{name}.")}


def imports(package: Package, module: str) -> set[str]:
    """Return the modules of a package that one of them imports, inside functions as well."""
    found: set[str] = set()
    for origin, names in package[module].imported:
        found |= names if names and names <= package.keys() else {origin, *names}
    return found & package.keys() - {module}


def names_from(package: Package, module: str) -> set[str]:
    """Return the names that files of a package import from one of its modules; a file's in full."""
    found = {
        alias.name
        for file in package.values()
        for node in file.nodes
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }
    return {f"{module}.{name}" if f"{module}.{name}" in package else name for name in found}


def relative_imports(package: Package) -> list[str]:
    """Return the places of imports that do not say the whole name."""
    return [
        f"{module}:{node.lineno}"
        for module, file in package.items()
        for node in file.nodes
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def foreign_private_names(file: SourceFile, inherited: bool = False) -> list[str]:
    """Return the places where a file uses a private name that is not its own.

    A name is a file's own if it is defined there: as a function, a class, a field of a class, or
    an attribute that a method sets.

    Args:
        file: Where to look.
        inherited: Whether a name counts that an object has from a base class of another file.
    """
    own = set(_defined(file))
    found: list[str] = []
    for node in file.nodes:
        if isinstance(node, ast.Attribute):
            mine = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            names = set() if mine and not inherited else {node.attr}
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
        else:
            continue
        foreign = sorted(name for name in names if _is_private(name) and name not in own)
        found += [f"{file.module}:{node.lineno}: {name}" for name in foreign]
    return found


def public_definitions(file: SourceFile) -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Yield the classes, methods and functions without an underscore, by their dotted names.

    What stands in a private class or in a function is not public; nor is a magic method.
    """
    yield from _public(file.module, file.tree)


def _public(path: str, node: ast.AST) -> Iterator[tuple[str, ast.ClassDef | Function]]:
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.ClassDef | Function) and not part.name.startswith("_"):
            yield f"{path}.{part.name}", part
            if isinstance(part, ast.ClassDef):
                yield from _public(f"{path}.{part.name}", part)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def _defined(file: SourceFile) -> Iterator[str]:
    for node in file.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                targets = part.targets if isinstance(part, ast.Assign) else []
                targets += [part.target] if isinstance(part, ast.AnnAssign) else []
                yield from (target.id for target in targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield from [node.attr] if ast.unparse(node.value) in ("self", "cls") else []
