"""docs/limiter.md says what is true."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
from collections.abc import Awaitable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

import limner.scheduling

DOCS = Path(__file__).parents[2] / "docs" / "limiter.md"
TESTS = Path(__file__).parent


def blocks(kind: str) -> list[str]:
    """Return the code blocks of the page that are fenced so."""
    return re.findall(rf"```{kind}\n(.*?)```", DOCS.read_text(), re.DOTALL)


def pieces(block: str) -> Iterator[tuple[ast.stmt, str | None]]:
    """Take a block apart: each statement, and what is said to be the value of its last line."""
    lines = block.splitlines()
    for node in ast.parse(block).body:
        line = "".join(lines[node.end_lineno or 0 :][:1])
        yield node, line.removeprefix("# -> ") if line.startswith("# -> ") else None


def compiled(node: ast.stmt, *, said: bool) -> CodeType:
    """Compile a statement; if something is said of its last line, it stands in ``_`` afterwards."""
    if said:
        last = node.body[-1] if isinstance(node, ast.AsyncWith) else node
        assert isinstance(last, ast.Expr), ast.unparse(node)
        kept = ast.Assign([ast.Name("_", ast.Store())], last.value)
        if isinstance(node, ast.AsyncWith):
            node.body[-1] = kept
        else:
            node = kept
    module = ast.fix_missing_locations(ast.Module([node], []))
    code: CodeType = compile(module, "docs", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


async def test_every_code_block_runs_and_gives_what_it_says() -> None:
    """Blocks run in order in one namespace; `# -> value` is the value of the line above."""
    names: dict[str, Any] = {}
    checked = 0
    for block in blocks("python"):
        for node, said in pieces(block):
            running = eval(compiled(node, said=said is not None), names)
            if isinstance(running, Awaitable):
                await running
            if said is not None:
                assert repr(names["_"]) == said, ast.unparse(node)
                checked += 1
    assert checked > 40


@pytest.mark.parametrize("block", blocks("python3"))
def test_every_script_runs_and_gives_what_it_says(block: str) -> None:
    """A script has a namespace of its own, and no loop but those it makes."""
    names: dict[str, Any] = {}
    for node, said in pieces(block):
        exec(compiled(node, said=said is not None), names)
        assert said is None or repr(names["_"]) == said


def test_every_test_the_tables_name_exists() -> None:
    """A row's proof can be run."""
    named = set(re.findall(r"`(test_\w+)`", DOCS.read_text())) - {"test_defects", "test_model"}
    defined = set()
    for file in TESTS.glob("test_*.py"):
        defined |= set(re.findall(r"def (test_\w+)", file.read_text()))
    assert named - defined == set()
    assert {name for name in defined if name.startswith("test_defect_")} <= named


@pytest.mark.parametrize(
    "name",
    [m.name for m in pkgutil.walk_packages(limner.scheduling.__path__, "limner.scheduling.")],
)
def test_every_example_in_a_docstring_is_true(name: str) -> None:
    """Public docstrings show what really happens."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0
