"""The ControlNet extension: it lets a picture look like another without copying it.

AUTOMATIC1111 has it as an extension, Forge is born with it. Without being told otherwise its part
``reference_only`` is used, which needs no model. Source: ``scripts/api.py`` of sd-webui-controlnet,
and its wiki.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import Timeouts
from limner.backends.images.a1111.options import A1111Options
from limner.backends.images.support.extra import joined
from limner.backends.images.support.references import Reference
from limner.errors import BackendRejected

VERSION, MODULES = "/controlnet/version", "/controlnet/module_list"
UNITS = 3
"""Pictures at a time: so many places the extension has unless somebody has set more."""


class ControlNet:
    """What a server has of it; asked once.

    Args:
        session: The connections to the server.
        brief: Bounds for a question.
    """

    def __init__(self, session: ServerSession, brief: Timeouts) -> None:
        self._session = session
        self._brief = brief
        self._modules: frozenset[str] | None = None
        self._asking = asyncio.Lock()

    async def lacks(self, options: A1111Options) -> str:
        """Why reference pictures cannot be shown by it; ``""``: they can."""
        async with self._asking:
            if self._modules is None:
                self._modules = await self._asked()
        if not self._modules:
            return "the server has no ControlNet extension"
        module = module_of(options)[0]
        if module in self._modules:
            return ""
        return f"the server's ControlNet has no {module!r}"

    async def _asked(self) -> frozenset[str]:
        if await self._get(VERSION) is None:
            return frozenset()
        told = await self._get(MODULES)
        names = told.get("module_list") if isinstance(told, dict) else None
        return frozenset(name for name in names or () if isinstance(name, str))

    async def _get(self, path: str) -> Any:
        try:
            answer = await self._session.request(
                "GET", path, timeouts=self._brief, wanted="ControlNet extension", largest=4 << 20
            )
            return answer.json()
        except BackendRejected as error:
            if error.status in (404, 405):
                return None
            raise


def module_of(options: A1111Options) -> tuple[str, str]:
    """The part of the extension, and its model.

    Examples:
        >>> module_of(A1111Options()), module_of(A1111Options(controlnet="ip-adapter-auto:ip_sd15"))
        (('reference_only', 'None'), ('ip-adapter-auto', 'ip_sd15'))
    """
    module, _, model = options.controlnet.partition(":")
    return module.strip(), model.strip() or "None"


def with_units(
    body: Mapping[str, Any], references: Sequence[Reference], options: A1111Options
) -> dict[str, Any]:
    """A request with a unit for each picture; what it has of its own goes before."""
    module, model = module_of(options)
    units = [
        {
            "enabled": True,
            "module": module,
            "model": model,
            "weight": options.controlnet_weight,
            "image": one.base64,
            "resize_mode": "Crop and Resize",
            "control_mode": "Balanced",
            "pixel_perfect": True,
        }
        for one in references[:UNITS]
    ]
    return joined({"alwayson_scripts": {"controlnet": {"args": units}}}, body)
