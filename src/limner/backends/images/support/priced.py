"""A backend of which somebody knows what its pictures cost."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from limner.closing import Closing
from limner.illustration.capabilities import close, identity_of
from limner.illustration.model.cost import Price, told_cost
from limner.illustration.model.image import Image, ImageRequest
from limner.illustration.ports import ImageBackend


class PricedBackend(Closing):
    """Tells of each picture what it cost, where its server does not: a price from a list.

    Args:
        inner: What draws; closed with this.
        prices: What a picture may cost; the first is told.

    Examples:
        >>> from limner.testing import ScriptedBackend, run_virtual
        >>> async def main():
        ...     priced = PricedBackend(ScriptedBackend(seconds=2.0), [Price.read("0.01 USD/s")])
        ...     return (await priced.generate(ImageRequest(prompt="a fox"))).info["cost"]
        >>> run_virtual(main())
        '0.02 USD'
    """

    def __init__(self, inner: ImageBackend, prices: Sequence[Price]) -> None:
        self._inner = inner
        self._prices = tuple(prices)

    @property
    def inner(self) -> ImageBackend:
        """What draws."""
        return self._inner

    @property
    def identity(self) -> str | None:
        """As what draws has it: a price changes no picture."""
        return identity_of(self._inner)

    @property
    def prices(self) -> Sequence[Price]:
        """What a picture may cost."""
        return self._prices

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`."""
        now = asyncio.get_running_loop().time
        began = now()
        image = await self._inner.generate(request)
        if told_cost(image) is not None or not self._prices:
            return image
        cost = self._prices[0].of(seconds=now() - began)
        return replace(image, info=MappingProxyType({**image.info, "cost": str(cost)}))

    async def aclose(self) -> None:
        """Close what draws."""
        await close(self._inner)
