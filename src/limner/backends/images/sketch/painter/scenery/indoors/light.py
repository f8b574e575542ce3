"""How colours look indoors."""

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.colour import Colour, mix, rgb
from limner.backends.images.sketch.scene import Time, Weather

WOOD = rgb("9a6a45")


def indoors(stage: Stage, local: Colour, lit: float = 0.6) -> Colour:
    """A colour indoors: warm by lamp, dimmer by night."""
    dim = {Time.NIGHT: 0.66, Time.SUNSET: 0.82, Time.DAWN: 0.88}.get(stage.scene.time, 0.97)
    if stage.scene.weather in (Weather.STORM, Weather.RAIN):
        dim *= 0.9
    shade = mix((0.62, 0.52, 0.60), (1.04, 0.97, 0.86), lit)
    return (local[0] * shade[0] * dim, local[1] * shade[1] * dim, local[2] * shade[2] * dim)
