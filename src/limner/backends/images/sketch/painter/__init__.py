"""The painter: turns a scene brief into a picture. Loads numpy and Pillow; workers import it."""

from limner.backends.images.sketch.painter.picture import Report, paint_brief, seed_of

__all__ = ["Report", "paint_brief", "seed_of"]
