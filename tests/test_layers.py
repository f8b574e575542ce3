"""The house: imports point only upwards in the list of rooms."""

import ast
from pathlib import Path

import pytest
from tests import source_tree

SOURCE = source_tree.SOURCE / "limner"

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
    "composition",
    "server",
    "cli",
]
"""Each may import from those before it. `testing` stands outside and may import from all."""


WINGS = {
    "limner.scheduling": [
        {"timer"},
        {"limits"},
        {"jobs"},
        {"engine"},
        {"ordered_map", "submission", "inspection", "control", "limiter"},
        {"tools"},
    ],
    "limner.illustration": [
        {"model"},
        {"ports"},
        {"capabilities"},
        {"rendering"},
        {"illustrated"},
        {"generation"},
        {"keyed_lock", "shared_context"},
        {"sessions"},
        {"operations"},
        {"backend_address", "memory_store", "plugins", "options", "assembly", "illustrator"},
    ],
}
"""The wings of those rooms that have them, likewise; a room's own `__init__` stands after all."""


EXTRAS = ("limner.illustration.rendering.",)
"""Where what is imported for type checkers alone is loaded late: it needs more than Python."""


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


COMPOSED = {
    "Limiter",
    "LimiterGroup",
    "LearnedLimits",
    "Illustrator",
    "Budget",
    "make_backend",
    "make_pool",
    "make_text_model",
    "Library.open",
}
"""What is made of settings, and therefore in one room only."""


def calls(file: Path) -> set[str]:
    """What a file calls, by the last two names of it and by the last."""
    found = [node.func for node in ast.walk(ast.parse(file.read_text())) if type(node) is ast.Call]
    whole = [ast.unparse(function).split(".") for function in found]
    return {names[-1] for names in whole} | {".".join(names[-2:]) for names in whole}


@pytest.mark.parametrize("room", ["cli", "server"])
def test_commands_and_server_have_their_parts_made_in_one_room(room: str) -> None:
    """Neither makes a limiter, a backend or an illustrator of its own, past the settings."""
    wrong = {
        str(file.relative_to(SOURCE)): sorted(made)
        for file in (SOURCE / room).rglob("*.py")
        if (made := calls(file) & COMPOSED)
    }
    assert wrong == {}


def test_the_one_room_makes_all_of_it() -> None:
    """So the names above are those that are called."""
    made: set[str] = set().union(*map(calls, (SOURCE / "composition").rglob("*.py")))
    assert COMPOSED - made == {"LimiterGroup"}


@pytest.mark.parametrize("room", WINGS)
def test_inside_a_room_imports_go_in_no_circle(room: str) -> None:
    """Not even for type checkers alone."""
    tree = source_tree.read(room)
    assert len(tree) > 10
    assert source_tree.circle(tree) == []
    blocks = source_tree.type_checking_blocks(tree)
    assert [place for place in blocks if not place.startswith(EXTRAS)] == []


def test_the_backends_import_in_no_circle() -> None:
    """Nor do they use private names of one another's files."""
    tree = source_tree.read("limner.backends")
    assert source_tree.circle(tree) == []
    foreign = {place.rpartition(": ")[2] for place in source_tree.foreign_private_names(tree)}
    assert foreign <= {"_exit", "_interrupt"}  # of `os`, and of pipelines of diffusers


@pytest.mark.parametrize("room", WINGS)
def test_inside_a_room_imports_point_only_upwards_in_its_wings(room: str) -> None:
    """What is further out knows what is further in, and never the other way round."""
    tree = source_tree.read(room)

    def wing(module: str) -> int:
        part = module.removeprefix(room).split(".")[1]
        return next(index for index, wing in enumerate(WINGS[room]) if part in wing)

    wrong = [
        f"{module}: {other}"
        for module in tree.keys() - {room}
        for other in source_tree.imports(tree, module) - {room}
        if wing(other) > wing(module)
    ]
    assert wrong == []
    assert [module for module in tree if room in source_tree.imports(tree, module)] == []


@pytest.mark.parametrize("room", WINGS)
def test_inside_a_room_private_names_are_used_only_where_they_are_defined(room: str) -> None:
    """Neither by another file of the room, nor of somebody else's package."""
    python = {"_getframe"}  # the only way to see who enters a block; `sys` documents it
    found = source_tree.foreign_private_names(source_tree.read(room))
    assert [place for place in found if place.split(": ")[1] not in python] == []


def test_the_walker_sees_what_it_looks_for() -> None:
    """A circle, a block for type checkers, and each way to somebody else's private name."""
    texts = {
        "a": "import b\nclass A:\n    _own: int\n    def f(self, b):\n        b._own = b._theirs",
        "b": "def f():\n    from a import _hidden\n    import c",
        "c": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nx = y._z",
        "d": "import a\nclass D:\n    def __init__(self):\n        self._d = 1\nd._d, d.__dict__",
    }
    tree = {name: ast.parse(text) for name, text in texts.items()}
    assert source_tree.imports(tree, "b") == {"a", "c"}
    assert set(source_tree.circle(tree)) in ({"a", "b"}, {"a", "b", "c"})
    assert source_tree.type_checking_blocks(tree) == ["c:2"]
    assert source_tree.foreign_private_names(tree) == ["a:5: _theirs", "b:2: _hidden", "c:4: _z"]


def test_no_file_grows_past_four_hundred_lines() -> None:
    """One concept a file: none is over 400 lines unless its reason is listed here."""
    reasons: dict[str, str] = {}
    long = {
        str(file.relative_to(SOURCE)): lines
        for file in SOURCE.rglob("*.py")
        if (lines := len(file.read_text().splitlines())) > 400
    }
    assert set(long) <= set(reasons)
