"""A picture backend of your own: anything with `generate`. This one paints plain colours."""

import asyncio
import hashlib
import io

from PIL import Image as Canvas

from limner import Illustrator, Image, ImageRequest


class Swatches:
    """Gives each prompt a colour of its own."""

    async def generate(self, request: ImageRequest) -> Image:
        """One plain picture in the colour of the prompt."""
        red, green, blue = hashlib.sha256(request.prompt.encode()).digest()[:3]
        canvas = Canvas.new("RGB", (request.width, request.height), (red, green, blue))
        file = io.BytesIO()
        canvas.save(file, "PNG")
        return Image(
            data=file.getvalue(),
            media_type="image/png",
            width=request.width,
            height=request.height,
        )


async def main() -> None:
    """Illustrate two sentences in colours."""
    async with Illustrator(backend=Swatches(), width=64, height=64) as illustrator:
        result = await illustrator.illustrate(
            'The sea. <!--img-prompt="a calm sea"--> The fire. <!--img-prompt="embers"-->'
        )
    for slot in result.slots:
        print(slot.prompt, slot.image)


asyncio.run(main())
