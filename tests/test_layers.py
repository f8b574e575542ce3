"""The house: its rules hold, and its drawing shows it as it is."""

import ast
from pathlib import Path

import pytest
from tools import arrows, house, rules, source
from tools.source import Package, inside


@pytest.fixture(scope="module")
def package() -> Package:
    """All of limner, as text."""
    return source.read(rules.PACKAGE)


def test_no_rule_of_the_house_is_broken(package: Package) -> None:
    """Sizes of files, functions and folders, circles, arrows upwards, private names of others."""
    assert len(package) > 500
    assert rules.faults(package) == []


def test_every_room_is_measured(package: Package) -> None:
    """The rooms of the rules are the folders that are there, without the tools for tests."""
    parts = {module.split(".")[1] for module in package if module != rules.PACKAGE}
    known = {name.rpartition(".")[2] for name in rules.rooms(package)}
    assert known == parts - {"__main__", "testing"}
    assert len(list(house.table(package))) == 3 + len(known)


def test_no_room_imports_the_tools_for_tests(package: Package) -> None:
    """Nor the package itself, but for its version."""
    between = arrows.between_parts(arrows.between_files(package), rules.PACKAGE)
    assert [start for start, end in between if end == "testing" and start != "testing"] == []
    assert source.names_from(package, rules.PACKAGE) <= {"__version__", *dict.fromkeys(package)}


@pytest.mark.parametrize("room", ["limner.scheduling", "limner.prompts"])
def test_these_rooms_use_no_private_name_that_is_not_their_files_own(
    package: Package, room: str
) -> None:
    """Neither of another file, be it a base class's, nor of somebody else's package."""
    python = {"_getframe"}  # the only way to see who enters a block; `sys` documents it
    files = inside(package, room).values()
    found = [place for file in files for place in source.foreign_private_names(file, True)]
    assert [place for place in found if place.split(": ")[1] not in python] == []
    assert [file.module for file in files if file.has_type_checking_block] == []


def test_the_backends_use_no_private_name_of_one_anothers_files(package: Package) -> None:
    """Be it a base class's; what is left is of `os`, and of pipelines of diffusers."""
    files = inside(package, "limner.backends").values()
    found = [place for file in files for place in source.foreign_private_names(file, True)]
    assert {place.rpartition(": ")[2] for place in found} <= {"_exit", "_interrupt"}


def test_no_folder_shows_itself_to_its_own_files(package: Package) -> None:
    """An `__init__` shows what is in the folder; nobody in there looks at it."""
    between = arrows.between_files(package)
    rooms = rules.STOREYS.keys() - {rules.PACKAGE}
    assert [
        module for room in rooms for module in inside(package, room) if room in between[module]
    ] == []


def test_the_drawing_on_the_page_of_the_design_is_up_to_date(package: Package) -> None:
    """Otherwise `make house` draws it again."""
    assert house.PAGE.read_text() == house.drawn(package)


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

SOURCE = source.SOURCE / "limner"


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
