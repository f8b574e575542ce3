"""What is remembered of the routes that tests make again and again."""

from typing import Any

import pytest
from tests.quick_routes import remembered


def found_by(calls: list[dict[str, Any]], **said: Any) -> object:
    """Something new every time."""
    calls.append(said)
    return object()


def test_the_same_objects_are_looked_at_once() -> None:
    """And nobody looks at others by their ids when they are gone."""
    calls: list[dict[str, Any]] = []
    find = remembered(lambda **said: found_by(calls, **said))
    annotation = [int]
    assert find(name="a", annotation=annotation) is find(name="a", annotation=annotation)
    assert len({id(find(name="a", annotation=[int])) for _ in range(20)}) == 20
    assert len(calls) == 21


@pytest.mark.parametrize(
    "other", [{"name": "b"}, {"annotation": [int]}, {"names": {"x"}}, {"default": None}]
)
def test_whatever_is_said_otherwise_is_looked_at_anew(other: dict[str, Any]) -> None:
    """A name, an object, the names in a path, one argument more."""
    find = remembered(lambda **said: found_by([], **said))
    said = {"name": "a", "annotation": [int], "names": set[str]()}
    assert find(**said) is find(**said | {"name": "".join(["a"]), "names": set[str]()})
    assert find(**said) is not find(**said | other)


def test_what_is_given_without_names_is_passed_on() -> None:
    """A release of FastAPI that calls it so has it as it is."""
    assert remembered(lambda *given, **said: (given, said))(1, name="a") == ((1,), {"name": "a"})
