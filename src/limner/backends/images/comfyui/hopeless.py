"""Failures of nodes that come again however often they are asked: a file that cannot be loaded."""

import re
from collections import OrderedDict

from limner.illustration.model.image import ImageRequest

REMEMBERED = 200
"""Pictures whose last failure is remembered."""

_LOADS = re.compile(r"\w*load\w* \(node", re.IGNORECASE)


class FailureMemory:
    """How pictures failed before.

    Examples:
        >>> memory, fox = FailureMemory(), ImageRequest(prompt="a fox")
        >>> memory.hopeless(fox, "KSampler (node 5): OutOfMemoryError: 2.1 GiB wanted")
        False
        >>> memory.hopeless(fox, "KSampler (node 5): OutOfMemoryError: 2.2 GiB wanted")
        True
        >>> memory.hopeless(fox, "CheckpointLoaderSimple (node 1): RuntimeError: broken file")
        True
    """

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[object, ...], str] = OrderedDict()

    def hopeless(self, request: ImageRequest, failure: str) -> bool:
        """Whether asking again would be in vain.

        It would where something cannot be loaded, and where the same node has failed for this
        picture before in the same way, numbers aside; then a later try counts anew.
        """
        if _LOADS.match(failure):
            return True
        key = (
            request.prompt, request.negative_prompt, request.width, request.height,
            *sorted(request.attributes.items()),
        )  # fmt: skip
        told = re.sub(r"\d+(\.\d+)?", "#", failure)
        if self._last.pop(key, None) == told:
            return True
        self._last[key] = told
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return False
