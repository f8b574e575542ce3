"""The public face of the package."""

from __future__ import annotations

import limner.scheduling as package


def test_all_is_sorted_complete_and_documented() -> None:
    """Every public name is listed and has a docstring of its own."""
    names = package.__all__
    assert names == sorted(names)
    modules = {"Any"}
    public = {
        name
        for name, value in vars(package).items()
        if not name.startswith("_") and name not in modules and not hasattr(value, "__path__")
        if getattr(value, "__module__", "").startswith("limner") and isinstance(value, type)
    }
    assert public <= set(names)
    for name in names:
        assert getattr(package, name).__doc__, name
