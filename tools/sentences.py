"""Reads what limner says out of its code: the sentence of each error, where it is raised.

What is known only when it runs stands as ``…``. A sentence that is put together elsewhere, such as
by a function, is not found; what is put together in the constructor of an error is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tools.source import Function, Package

GAP = "…"
"""What stands for what is known only when it runs."""

SHORTEST = 12
"""Fewer letters than this, without the gaps, lead nobody to a sentence."""


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """What an error says.

    Attributes:
        text: The sentence, with gaps.
        error: The name of its class.
    """

    text: str
    error: str


Classes = Mapping[str, ast.ClassDef | None]
"""Classes of errors by their names; of one that stands elsewhere only the name."""


def sentences(package: Package, errors: Classes) -> set[Sentence]:
    """Return what the errors of these classes say, wherever a package makes one."""
    return {
        Sentence(text, call.error)
        for file in package.values()
        for call in _made(file.tree, errors, {})
        for text in call.texts
        if len(re.sub(r"[^\w]", "", text)) >= SHORTEST
    }


def classes(package: Package) -> dict[str, ast.ClassDef]:
    """Return the classes of a package that are errors, by their names."""
    every = {
        node.name: node
        for file in package.values()
        for node in file.nodes
        if isinstance(node, ast.ClassDef)
    }
    return {name: node for name, node in every.items() if _is_error(name, every)}


def _is_error(name: str, every: Mapping[str, ast.ClassDef]) -> bool:
    """Whether a class is Python's root of errors, or derives from it by way of these."""
    bases = every[name].bases if name in every else []
    return name == "Exception" or any(_is_error(ast.unparse(base), every) for base in bases)


@dataclass(frozen=True, slots=True)
class _Call:
    error: str
    texts: tuple[str, ...]


def _made(node: ast.AST, errors: Classes, known: Mapping[str, tuple[str, ...]]) -> Iterator[_Call]:
    """Calls of the classes, with what is known of the variables of the function around them."""
    if isinstance(node, Function):
        known = _variables(node)
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        if name in errors:
            yield _Call(name, tuple(_said(node, errors[name], known)))
    for part in ast.iter_child_nodes(node):
        yield from _made(part, errors, known)


def _said(
    call: ast.Call, error: ast.ClassDef | None, known: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """What one call says: its first words, or what the constructor makes of its arguments."""
    methods = [part for part in error.body if isinstance(part, ast.FunctionDef)] if error else []
    made = next((method for method in methods if method.name == "__init__"), None)
    names = [argument.arg for argument in made.args.args[1:]] if made else []
    if made is None or names[:1] == ["message"]:
        if call.args:
            yield from _texts(call.args[0], known)
        return
    words = [*zip(names, call.args, strict=False), *((key.arg, key.value) for key in call.keywords)]
    given = {name: tuple(_texts(value, known)) for name, value in words if name}
    for node in ast.walk(made):
        if isinstance(node, ast.Call) and node.args and _is_super(node.func):
            yield from _texts(node.args[0], _variables(made, given))


def _is_super(function: ast.expr) -> bool:
    return ast.unparse(function) == "super().__init__"


def _variables(
    function: Function, given: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, tuple[str, ...]]:
    """The texts that a function gives names to, or is given."""
    known = {name: texts for name, texts in (given or {}).items() if texts}
    found: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts = tuple(_texts(node.value, known))
            if texts:
                name = node.targets[0].id
                found[name] = (*found.get(name, ()), *texts)
    return found | known


def _texts(node: ast.expr, known: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The texts that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield _joined(node, known)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, known)
        yield from _texts(node.orelse, known)
    elif isinstance(node, ast.Name):
        yield from known.get(node.id, ())
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = (next(_texts(side, known), GAP) for side in (node.left, node.right))
        yield f"{left}{right}"


def _joined(text: ast.JoinedStr, known: Mapping[str, tuple[str, ...]]) -> str:
    """A text with values in it; where one may be several things, only the gap is certain."""
    pieces: list[str] = []
    for part in text.values:
        value = part.value if isinstance(part, ast.FormattedValue) else part
        found = list(_texts(value, known))
        certain = len(found) == 1 or isinstance(value, ast.IfExp)
        pieces.append(found[0] if found and certain else GAP)
    return re.sub(f"{GAP}+", GAP, "".join(pieces))
