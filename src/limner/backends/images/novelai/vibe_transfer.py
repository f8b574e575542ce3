"""NovelAI's vibe transfer: pictures lend a drawing their mood and style.

Models of the third generation look at the pictures themselves; those of the fourth want each made
into a "vibe" first (``/ai/encode-vibe``), which costs two Anlas and is kept here, so that a picture
is paid for once. Source: what clients of its API send, November 2026.
"""

import asyncio
import base64
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from limner.backends.http.session import ServerSession
from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.novelai.wire import generation_of
from limner.backends.images.support.references import Reference

ENCODE = "/ai/encode-vibe"
LARGEST = 8 << 20
"""Bytes of a vibe; it has some tens of thousands."""

REMEMBERED = 64


def takes_vibes(model: str) -> bool:
    """Whether a model takes them.

    Examples:
        >>> [takes_vibes(f"nai-diffusion-{name}") for name in ("3", "4-full", "4-5-full", "5")]
        [True, True, True, False]
    """
    return generation_of(model) in (3, 4)


class Vibes:
    """Makes vibes of pictures, each once.

    Args:
        session: The connections to NovelAI.
    """

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._made: OrderedDict[tuple[str, str, float], str] = OrderedDict()
        self._making = asyncio.Lock()

    async def parameters(
        self, references: Sequence[Reference], options: NovelAIOptions
    ) -> dict[str, Any]:
        """What is sent beside the rest.

        Raises:
            limner.errors.BackendError: NovelAI made none; the Anlas may be used up.
        """
        if not references:
            return {}
        early = generation_of(options.model) < 4
        seen = [one.base64 if early else await self._vibe(one, options) for one in references]
        told = {
            "reference_image_multiple": seen,
            "reference_strength_multiple": [options.vibe_strength] * len(seen),
        }
        if early:
            told["reference_information_extracted_multiple"] = [options.vibe_detail] * len(seen)
        return told

    async def _vibe(self, reference: Reference, options: NovelAIOptions) -> str:
        key = (reference.digest, options.model, options.vibe_detail)
        async with self._making:  # two drawings with the same picture must not pay for it twice
            if key not in self._made:
                self._made[key] = await self._encoded(reference, options)
                if len(self._made) > REMEMBERED:
                    self._made.popitem(last=False)
            return self._made[key]

    async def _encoded(self, reference: Reference, options: NovelAIOptions) -> str:
        asked = {
            "image": reference.base64,
            "model": options.model,
            "information_extracted": options.vibe_detail,
        }
        answer = await self._session.request(
            "POST", ENCODE, json=asked, wanted="vibe transfer", largest=LARGEST
        )
        if not answer.body or answer.body.lstrip()[:1] in (b"{", b"<"):
            raise answer.other_kind()
        return base64.b64encode(answer.body).decode()
