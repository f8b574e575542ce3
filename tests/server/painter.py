"""A backend whose pictures can be told apart at a glance, in whatever encoding they come."""

import io

import PIL.Image

from limner.illustration import Image, ImageRequest
from limner.testing import ScriptedBackend

COLOURS = {
    "red": (200, 30, 30),
    "blue": (30, 30, 200),
    "green": (30, 160, 30),
    "white": (240, 240, 240),
}


class Painter(ScriptedBackend):
    """Draws a plain picture of the asked size: the first is red, the next ones blue and so on."""

    async def generate(self, request: ImageRequest) -> Image:
        """Draw it in the time a scripted picture takes."""
        await ScriptedBackend.generate(self, request)
        colour = (list(COLOURS.values()) * len(self.calls))[len(self.calls) - 1]
        out = io.BytesIO()
        PIL.Image.new("RGBA", (request.width, request.height), (*colour, 255)).save(out, "PNG")
        return Image(
            data=out.getvalue(), media_type="image/png", width=request.width, height=request.height
        )


def colour_of(data: bytes) -> str:
    """The colour in the middle of a picture."""
    with PIL.Image.open(io.BytesIO(data)) as picture:
        seen = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(seen, tuple)
    near = {
        name: sum(abs(a - b) for a, b in zip(seen, colour, strict=True))
        for name, colour in COLOURS.items()
    }
    name = min(near, key=lambda name: near[name])
    assert near[name] < 30, seen
    return name
