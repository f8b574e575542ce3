"""What a worker is asked to draw, as text that goes through the library's database."""

import base64
import json
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

from limner.illustration import ImageRequest, ReferencePicture
from limner.illustration.model.image import Purpose
from limner.tracing import NOWHERE, Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a worker is asked for.

    Attributes:
        request: The picture.
        owner: For whom, in the sense of a limiter.
        priority: How urgent, likewise.
        trace: The place in the trace of whoever asks; empty: there is none.
    """

    request: ImageRequest
    owner: str
    priority: int
    trace: Carrier = field(default_factory=lambda: NOWHERE)


def request_text(request: ImageRequest, purpose: Purpose, trace: Carrier = NOWHERE) -> str:
    """A request as JSON in ASCII, with the pictures that go with it.

    Args:
        request: What is to be drawn.
        purpose: What for.
        trace: The place in the trace of whoever asks.

    Examples:
        >>> purpose = Purpose(
        ...     message_id="m", variant=0, ordinal=0, attempt=0, owner="ann", priority=5
        ... )
        >>> asked = asked_of(request_text(ImageRequest(prompt="a fox", seed=7), purpose))
        >>> asked.request.prompt, asked.request.seed, asked.owner
        ('a fox', 7, 'ann')
    """
    return json.dumps(
        {
            "prompt": request.prompt,
            "negative_prompt": request.negative_prompt,
            "width": request.width,
            "height": request.height,
            "seed": request.seed,
            "attributes": dict(request.attributes),
            "references": [_reference(one) for one in request.references],
            "owner": purpose.owner,
            "priority": purpose.priority,
            **({"trace": dict(trace)} if trace else {}),
        }
    )


def asked_of(text: str) -> Asked:
    """What was asked for."""
    said: dict[str, Any] = json.loads(text)
    owner, priority, trace = said.pop("owner"), said.pop("priority"), said.pop("trace", NOWHERE)
    references = tuple(_picture(one) for one in said.pop("references"))
    attributes = MappingProxyType(said.pop("attributes"))
    request = ImageRequest(**said, attributes=attributes, references=references)
    return Asked(request=request, owner=owner, priority=priority, trace=trace)


def _reference(picture: ReferencePicture) -> dict[str, Any]:
    data = base64.b64encode(picture.data).decode("ascii")
    return {**asdict(picture), "data": data, "meant_for": sorted(picture.meant_for)}


def _picture(said: dict[str, Any]) -> ReferencePicture:
    data, places = base64.b64decode(said["data"]), frozenset(said["meant_for"])
    return ReferencePicture(**{**said, "data": data, "meant_for": places})
