"""docs/limiter.md says what is true."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
from collections.abc import Awaitable
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

import limner.scheduling

DOCS = Path(__file__).parents[2] / "docs" / "limiter.md"
TESTS = Path(__file__).parent


async def evaluate(code: CodeType, names: dict[str, Any]) -> Any:
    """Run code that may await at its top level."""
    value = eval(code, names)
    return await value if isinstance(value, Awaitable) else value


async def test_every_code_block_runs_and_gives_what_it_says() -> None:
    """Blocks run in order in one namespace; `# -> value` is the value of the line above."""
    names: dict[str, Any] = {}
    checked = 0
    for block in re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL):
        lines = block.splitlines()
        for node in ast.parse(block, type_comments=False).body:
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            said = lines[(node.end_lineno or 0) :][:1]
            said = [line for line in said if line.startswith("# -> ")]
            if said and isinstance(node, ast.Expr):
                expression = ast.Expression(node.value)
                value = await evaluate(compile(expression, "docs", "eval", flags), names)
                assert repr(value) == said[0].removeprefix("# -> "), ast.unparse(node)
                checked += 1
            elif isinstance(node, ast.AsyncWith) and said:
                *body, last = node.body
                assert isinstance(last, ast.Expr)
                node.body = [*body, ast.Assign([ast.Name("_", ast.Store())], last.value)]
                module = ast.fix_missing_locations(ast.Module([node], []))
                await evaluate(compile(module, "docs", "exec", flags), names)
                assert repr(names["_"]) == said[0].removeprefix("# -> ")
                checked += 1
            else:
                assert not said, said
                await evaluate(compile(ast.Module([node], []), "docs", "exec", flags), names)
    assert checked > 15


def test_every_test_the_tables_name_exists() -> None:
    """A row's proof can be run."""
    named = set(re.findall(r"`(test_\w+)`", DOCS.read_text())) - {"test_defects", "test_model"}
    defined = set()
    for file in TESTS.glob("test_*.py"):
        defined |= set(re.findall(r"def (test_\w+)", file.read_text()))
    assert named - defined == set()
    assert {name for name in defined if name.startswith("test_defect_")} <= named


@pytest.mark.parametrize("name", [m.name for m in pkgutil.iter_modules(limner.scheduling.__path__)])
def test_every_example_in_a_docstring_is_true(name: str) -> None:
    """Public docstrings show what really happens."""
    module = importlib.import_module(f"limner.scheduling.{name}")
    assert doctest.testmod(module).failed == 0
