"""The embedded picture backend: storybook pictures from the words of a prompt.

No model and no network take part: a reader finds the place, the hour, the weather and the
subjects in the prompt, and a painter sets them out on a page.

The backend is loaded on first use: the painter's own process, which is in this package as well,
begins without what only the backend needs.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limner.backends.images.sketch.backend import SketchBackend

__all__ = ["SketchBackend"]


def __getattr__(name: str) -> Any:
    if name == "SketchBackend":
        from limner.backends.images.sketch import backend

        return backend.SketchBackend
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
