"""The drawings a picture is put together from.

Most are taken from the Noto emoji set (Apache-2.0, see ``LICENSE.noto.txt`` beside this file), some
are our own; ``tools/extract_art.py`` makes the one file they are kept in.
"""

from limner.backends.images.sketch.art.drawing import Facing, UnknownArt, facing, ids, svg

__all__ = ["Facing", "UnknownArt", "facing", "ids", "svg"]
