"""The embedded picture backend: storybook pictures from the words of a prompt.

No model and no network take part: a reader finds the place, the hour, the weather and the
subjects in the prompt, and a painter sets them out on a page.
"""

from limner.backends.images.sketch.backend import SketchBackend

__all__ = ["SketchBackend"]
