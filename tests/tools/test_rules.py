"""What breaks a rule of the house is told."""

from tools import measures, rules, source
from tools.complexity import complexity
from tools.source import SourceFile


def house(**texts: str) -> source.Package:
    """A house with these rooms, each one file."""
    rooms = {f"limner.{name}": SourceFile(f"limner.{name}", text) for name, text in texts.items()}
    return {"limner": SourceFile("limner", "", is_package=True), **rooms}


def test_a_good_house_has_no_faults() -> None:
    """Arrows down are no fault."""
    assert rules.faults(house(errors="x = 1", prompts="import limner.errors")) == []


def test_a_file_may_have_four_hundred_lines() -> None:
    """Not one more."""
    assert rules.faults(house(errors="x = 1\n" * 400)) == []
    assert rules.faults(house(errors="x = 1\n" * 401)) == [
        "limner.errors: 401 lines, more than 400"
    ]


def test_arrows_upward_circles_and_rooms_that_nobody_knows_are_faults() -> None:
    """Each is told where it is."""
    assert rules.faults(house(errors="import limner.cli", cli="")) == [
        "limner: errors imports cli, which stands above it"
    ]
    circle = rules.faults(house(errors="import limner.cli", cli="import limner.errors"))
    assert any("errors -> " in fault for fault in circle)
    assert "limner.attic: stands in no room" in rules.faults(house(attic=""))
    assert rules.faults(house(errors="from . import cli")) == ["limner.errors:1: relative import"]


def test_long_functions_and_private_names_of_others_are_faults() -> None:
    """A room's functions are measured together."""
    long = "def f():\n" + "    x = 1\n" * 22
    assert rules.faults(house(errors=long)) == ["limner.errors: p95 of its functions is 22 lines"]
    (fault,) = rules.faults(house(errors="y._z()\n"))
    assert "foreign private" in fault
    assert "limner.errors:1: _z" in fault


def test_a_folder_may_hold_twenty_files() -> None:
    """Its `__init__` is not counted."""
    package = house(errors="", **{f"prompts.f{number}": "" for number in range(20)})
    assert rules.faults(package) == []
    package |= house(**{"prompts.f20": ""})
    assert rules.faults(package) == ["limner.prompts: 21 files, more than 20"]


def test_the_ways_through_a_function_are_counted() -> None:
    """Branches, loops, conditions joined by and/or, filters."""
    text = (
        "def f(a, b):\n    if a and b or a:\n        return 1\n    for x in a:\n        pass\n"
        "    return [y for y in b if y] if a else None\n"
    )
    (function,) = SourceFile("a", text).functions
    assert complexity(function) == 1 + 3 + 1 + 2 + 1


def test_numbers_are_per_thousand_lines_of_code() -> None:
    """And shares are percentages; the smallest value that 95 of 100 do not exceed is theirs."""
    text = '"""Doc."""\ndef f(x: Any):  # type: ignore  # why\n    return x._y\nclass A: ...\n'
    numbers = measures.measure({"a": SourceFile("a", text)})
    assert (numbers.ignores, numbers.anys, numbers.foreign_private) == (1000 / 3,) * 3
    assert (numbers.documented, numbers.short_files, numbers.longest_file) == (0, 100, 4)
    assert [measures.percentile(range(1, 101), p) for p in (5, 50, 95, 100)] == [5, 50, 95, 100]
    assert measures.percentile([7], 95) == 7
