"""limner illustrates text while a language model is still writing it.

General layout, each room importing only from those before it:

- ``errors``: the whole exception tree
- ``scheduling``: who may run now; usable alone, standard library only
- ``prompts``: what the text asks for: the tag grammar and its scanner
- ``illustration``: one message being illustrated: session, slots, operations, rendering
- ``backends``: ``images`` draw, ``text`` streams; one server a file
- ``storage``: where messages and pictures are kept
- ``server``, ``cli``: how people meet it

The names below are loaded on first use, so that ``import limner.scheduling`` stays light.
"""

TYPE_CHECKING = False  # as type checkers read it; importing `typing` is most of a short command
if TYPE_CHECKING:
    from limner.illustration import (
        Illustrated,
        Illustrator,
        Image,
        ImageBackend,
        ImageRequest,
        illustrate,
    )
    from limner.prompts import PromptScanner, PromptTag, find_prompts
    from limner.scheduling import Barrier, Limiter, LimiterGroup

__version__ = "0.2.0"

__all__ = [
    "Barrier",
    "Illustrated",
    "Illustrator",
    "Image",
    "ImageBackend",
    "ImageRequest",
    "Limiter",
    "LimiterGroup",
    "PromptScanner",
    "PromptTag",
    "find_prompts",
    "illustrate",
]

_HOMES = {
    "limner.illustration": (
        "Illustrated",
        "Illustrator",
        "Image",
        "ImageBackend",
        "ImageRequest",
        "illustrate",
    ),
    "limner.prompts": ("PromptScanner", "PromptTag", "find_prompts"),
    "limner.scheduling": ("Barrier", "Limiter", "LimiterGroup"),
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'limner' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
