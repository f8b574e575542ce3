"""The routes of the API in little time: what FastAPI sees in a signature, it sees once.

Most tests of the server begin one of their own, and each makes a hundred routes, of the same
functions every time. What their parameters and answers are takes FastAPI a sixth of a second to
find out, and is remembered here. The first API that a process makes is made as everybody's.
"""

import sys
from collections.abc import Callable
from typing import Any

PLACES = {
    "fastapi.dependencies.utils": "analyze_param",
    "fastapi.routing": "create_model_field",
}
"""What finds it out, where it is looked up: of a parameter, and of an answer.

They are FastAPI's own affair: where another release has them no more, or calls them otherwise, its
routes are made as everybody's, and the tests only take longer.
"""


def quickly_made() -> None:
    """From now on what this process has loaded of FastAPI remembers what it found out."""
    for module, name in PLACES.items():
        place: Any = sys.modules.get(module)
        if hasattr(place, name):
            setattr(place, name, remembered(getattr(place, name)))


def remembered(find: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which looks at the same objects once; it is given them by name."""
    known: dict[tuple[Any, ...], tuple[Any, dict[str, Any]]] = {}

    def found(*given: Any, **said: Any) -> Any:
        if given:
            return find(*given, **said)
        key = tuple((name, by_what_it_is(value)) for name, value in said.items())
        if key not in known:
            known[key] = find(**said), said  # as long as they are kept no others have their ids
        return known[key][0]

    return found


def by_what_it_is(value: Any) -> Any:
    """Names by what they are; all else by being this very object."""
    return (
        frozenset(value) if isinstance(value, set) else value if type(value) is str else id(value)
    )
