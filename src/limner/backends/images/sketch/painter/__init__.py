"""The painter: turns a scene into a picture. Loads numpy and Pillow; workers import it."""

from limner.backends.images.sketch.painter.picture import Report, paint_scene, seed_of

__all__ = ["Report", "paint_scene", "seed_of"]
