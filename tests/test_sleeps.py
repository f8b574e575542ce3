"""Tests wait for conditions: nothing sleeps on a real clock, but through `tests.waiting`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

VIRTUAL = {
    "backends/images/learning/limited_server.py",
    "illustration/making.py",
    "illustration/patience/odd_server.py",
    "illustration/patience/sick_server.py",
    "illustration/slow_servers.py",
    "scheduling/work.py",
}
"""Helpers of tests that run on virtual time, where a sleep takes none."""

REAL = re.compile(
    r"real_time|asyncio\.run\(|Runner\((?!loop_factory=VirtualLoop)|threading|subprocess|new_event_loop"
)
"""A file in which this is not found runs on virtual time throughout."""


def sleeps(file: ast.AST) -> Iterator[ast.Call]:
    """The calls of functions named ``sleep`` that sleep, or may."""
    for node in ast.walk(file):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "sleep":
            zero = len(node.args) == 1 and ast.unparse(node.args[0]) == "0"
            if not zero:
                yield node


def is_virtual(part: ast.stmt, source: str) -> bool:
    """Whether a part of a file of tests runs on virtual time."""
    if not REAL.search(source):
        return True
    marked = "pytestmark = pytest.mark.real_time" in source
    if isinstance(part, ast.AsyncFunctionDef) and part.name.startswith("test_"):
        return not marked and not any("real_time" in ast.unparse(d) for d in part.decorator_list)
    # A test that is no coroutine brings its own loop, and says which.
    return isinstance(part, ast.FunctionDef) and "run_virtual(" in ast.unparse(part)


def real_sleeps(source: str, *, virtual: bool = False) -> list[int]:
    """The lines of a file that sleep on a real clock.

    Args:
        source: The file.
        virtual: Whether it is known to run on virtual time.
    """
    return [
        call.lineno
        for part in ast.parse(source).body
        for call in sleeps(part)
        if ast.unparse(call.func).startswith("time.") or not (virtual or is_virtual(part, source))
    ]


def test_nothing_sleeps_on_a_real_clock() -> None:
    """A machine that is busy makes any sleep too short, and one at rest makes it too long."""
    found = []
    for file in sorted(TESTS.rglob("*.py")):
        name = file.relative_to(TESTS).as_posix()
        if name == "waiting.py":
            continue
        # Helpers in files of their own serve whoever calls them, on whatever clock.
        source = file.read_text()
        source = source if file.name.startswith("test_") else f"{source}\n# real_time"
        found += [f"{name}:{line}" for line in real_sleeps(source, virtual=name in VIRTUAL)]
    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("async def test_it():\n    await asyncio.sleep(1)", []),
        ("async def helper():\n    await asyncio.sleep(0.1)", []),
        ("async def helper():\n    await asyncio.sleep(0.1)\n# real_time", [2]),
        ("@pytest.mark.real_time\nasync def test_it():\n    await asyncio.sleep(1)", [3]),
        ("pytestmark = pytest.mark.real_time\nasync def test_it():\n    await sleep(1)", [3]),
        ("@pytest.mark.real_time\nasync def test_it():\n    await asyncio.sleep(0)", []),
        ("def test_it():\n    time.sleep(0.1)", [2]),
        ("def test_it():\n    asyncio.run(asyncio.sleep(1))", [2]),
        ("import threading\ndef test_it():\n    run_virtual(asyncio.sleep(1))", []),
        ("class Slow:\n    async def go(self):\n        await sleep(self.n)\n# real_time", [3]),
    ],
)
def test_what_counts_as_a_real_sleep(source: str, lines: list[int]) -> None:
    """Whatever runs, or may run, on a loop that is not virtual."""
    assert real_sleeps(source) == lines
