"""The house: imports point only upwards in the list of rooms."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "limner"

ROOMS = [
    "errors",
    "virtual_time",
    "scheduling",
    "prompts",
    "illustration",
    "simulation",
    "backends",
    "storage",
    "config",
    "server",
    "cli",
]
"""Each may import from those before it. `testing` stands outside and may import from all."""


def imports(file: Path) -> set[str]:
    """The limner modules a file imports, also inside functions, but not only for type checking."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            if node.module == "limner":
                found |= {alias.name for alias in node.names}
            elif node.module and node.module.startswith("limner."):
                found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("limner.")}
    return found - {"__version__"}


def test_imports_point_only_upwards() -> None:
    """No room imports from a room below it, and none imports the test tools."""
    wrong = []
    for file in SOURCE.rglob("*.py"):
        room = file.relative_to(SOURCE).parts[0].removesuffix(".py")
        if room in ("__init__", "__main__", "testing"):
            continue
        assert room in ROOMS, f"{file} stands in no known room"
        allowed = set(ROOMS[: ROOMS.index(room) + 1])
        wrong += [f"{file.relative_to(SOURCE)}: {name}" for name in imports(file) - allowed]
    assert wrong == []


def test_no_file_grows_past_four_hundred_lines() -> None:
    """One concept a file: none is over 400 lines unless its reason is listed here."""
    reasons: dict[str, str] = {}
    long = {
        str(file.relative_to(SOURCE)): lines
        for file in SOURCE.rglob("*.py")
        if (lines := len(file.read_text().splitlines())) > 400
    }
    assert set(long) <= set(reasons)
