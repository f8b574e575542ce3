"""How many ways lead through a function."""

from __future__ import annotations

import ast

_BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.comprehension,
    ast.match_case,
    ast.Assert,
)


def complexity(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the number of ways through a function: 1, and 1 more for each branch in it."""
    found = 1
    for node in ast.walk(function):
        found += isinstance(node, _BRANCHES)
        found += len(node.ifs) if isinstance(node, ast.comprehension) else 0
        found += len(node.values) - 1 if isinstance(node, ast.BoolOp) else 0
    return found
