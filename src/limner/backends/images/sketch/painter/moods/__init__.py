"""What is in the air besides the weather: smoke and fire, neon, grain."""

from limner.backends.images.sketch.painter.moods.fire import paint_fires
from limner.backends.images.sketch.painter.moods.light import paint_neon, paint_rays, without_colour

__all__ = ["paint_fires", "paint_neon", "paint_rays", "without_colour"]
