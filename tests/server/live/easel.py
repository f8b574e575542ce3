"""A backend that draws when it is told to, and shows meanwhile what it is told to."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import PIL.Image

from limner.illustration import Image, ImageRequest

GREEN = "#1ea01e"


def picture(colour: str, size: tuple[int, int] = (768, 512), kind: str = "PNG") -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    PIL.Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


@dataclass(slots=True)
class Easel:
    """Holds every picture until it is let go, or fails them.

    Attributes:
        requests: What was asked for, in order.
        done: Lets all pictures end.
        error: How they end then, if not well.
    """

    requests: list[ImageRequest] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None

    async def generate(self, request: ImageRequest) -> Image:
        """Hold a picture until it is let go."""
        self.requests.append(request)
        await self.done.wait()
        if self.error is not None:
            raise self.error
        size = request.width, request.height
        return Image(
            data=picture(GREEN, size), media_type="image/png", width=size[0], height=size[1]
        )

    def tell(self, fraction: float, preview: bytes | None = None) -> None:
        """Tell of every picture how far it is."""
        for request in self.requests:
            assert request.progress is not None
            request.progress(fraction, preview)


def tags(prompts: Sequence[str], attributes: str = "") -> str:
    """A story that asks for these pictures."""
    return " ".join(f'<!--img-prompt="{prompt}"{attributes}--> And on.' for prompt in prompts)
