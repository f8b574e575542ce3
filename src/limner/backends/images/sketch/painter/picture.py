"""From a scene to the encoded picture."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from io import BytesIO

from PIL import Image

from limner.backends.images.sketch.painter.buildings.lamplight import paint_lamplight
from limner.backends.images.sketch.painter.finish import finish
from limner.backends.images.sketch.painter.layout.artwork import Artwork, load
from limner.backends.images.sketch.painter.layout.composition import compose
from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.moods import (
    paint_fires,
    paint_neon,
    paint_rays,
    without_colour,
)
from limner.backends.images.sketch.painter.scenery import SCENERY, Scenery
from limner.backends.images.sketch.painter.sky.weather import paint_air
from limner.backends.images.sketch.painter.subjects.accents import paint_birds, paint_sail
from limner.backends.images.sketch.painter.subjects.figures import paint_figures
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.frame import Frame
from limner.backends.images.sketch.painter.surface.palette import tones
from limner.backends.images.sketch.scene import Place, Scene

QUALITY = 88
"""Of the WebP encoding, 0 to 100."""

Report = Callable[[float], None]
"""Told the fraction of the work that is done."""


def seed_of(prompt: str) -> int:
    """The seed a prompt has of its own: the first 31 bits of its SHA-256.

    >>> seed_of("a small fox") == seed_of("a small fox")
    True
    """
    return int.from_bytes(sha256(prompt.encode("utf-8", "surrogatepass")).digest()[:4]) >> 1


def paint_scene(
    scene: Scene, *, width: int, height: int, seed: int, report: Report = lambda _: None
) -> bytes:
    """Paint what a scene asks for.

    Args:
        scene: What to show.
        width: In pixels.
        height: In pixels.
        seed: Chooses among the many pictures of one scene.
        report: Told how far the work is, between its stages.

    Returns:
        A WebP file of exactly that size; the same bytes for the same arguments, as long as the
        libraries keep their versions.
    """
    frame = Frame(width, height)
    name = str(seed)
    light = tones(scene.time, scene.weather, mood=scene.mood, seed=name)
    art = artworks(scene)
    stage = compose(scene, frame, light, name, art)
    canvas = Canvas(frame, seed=stage.number("canvas"))
    scenery = SCENERY[stage.scene.place]
    report(0.05)
    _paint_background(canvas, stage, scenery)
    report(0.45)
    paint_figures(canvas, stage, art, back=True)
    scenery.middle(canvas, stage)
    report(0.6)
    paint_figures(canvas, stage, art, back=False)
    scenery.front(canvas, stage)
    paint_air(canvas, stage)
    paint_lamplight(canvas, stage)
    paint_neon(canvas, stage)
    without_colour(canvas, stage)
    report(0.75)
    picture = finish(canvas, stage)
    report(0.92)
    return _encoded(picture)


def _paint_background(canvas: Canvas, stage: Stage, scenery: Scenery) -> None:
    scenery.back(canvas, stage)
    paint_fires(canvas, stage)
    paint_rays(canvas, stage)
    paint_birds(canvas, stage)
    if stage.scene.place in (Place.SEA, Place.SHORE, Place.LAKE):
        paint_sail(canvas, stage)


def _encoded(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, method=3)
    return file.getvalue()


def artworks(scene: Scene) -> Mapping[str, Artwork]:
    """The drawings of a scene's subjects; one the collection does not have is left out."""
    found: dict[str, Artwork] = {}
    for subject in (one for group in scene.subjects for one in group.each()):
        try:
            found[subject.drawing] = load(subject)
        except (LookupError, ValueError):
            continue
    return found
