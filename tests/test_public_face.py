"""What a package promises in `__all__` is there, and nothing hides behind the lazy face."""

import importlib

import pytest

import limner

PACKAGES = [
    "limner",
    "limner.scheduling",
    "limner.prompts",
    "limner.illustration",
    "limner.backends.text",
    "limner.testing",
]


@pytest.mark.parametrize("name", PACKAGES)
def test_every_promised_name_is_there_and_documented(name: str) -> None:
    """Each name of `__all__` exists; classes and functions have a docstring."""
    package = importlib.import_module(name)
    for public in package.__all__:
        thing = getattr(package, public)
        if callable(thing) and not hasattr(thing, "__args__"):
            assert thing.__doc__, f"{name}.{public}"


def test_an_unknown_name_is_an_attribute_error() -> None:
    """The lazy face fails like any module."""
    with pytest.raises(AttributeError, match="no attribute 'Painter'"):
        limner.Painter  # noqa: B018 - the access is what is tested


def test_dir_lists_the_public_names() -> None:
    """Completion in a shell sees them before they are loaded."""
    assert set(limner.__all__) <= set(dir(limner))
