"""The fingerprint of a request: two with the same one give the same picture."""

import hashlib
import json

from limner.illustration.model.image import ImageRequest

FOLDED_IN = frozenset({"size", "seed", "style", "character"})
"""Attributes of a tag that a request holds in fields of its own already."""


def request_key(identity: str, request: ImageRequest) -> str:
    """The SHA-256 over everything that makes the picture, as 64 hexadecimal digits.

    Args:
        identity: The backend's, which changes with everything else that makes its pictures.
        request: The request, whose sinks do not count.

    Examples:
        >>> one = ImageRequest(prompt="a fox", attributes={"size": "768x512", "shot": "wide"})
        >>> two = ImageRequest(prompt="a fox", attributes={"shot": "wide"})
        >>> request_key("sketch", one) == request_key("sketch", two)
        True
        >>> request_key("sketch", one) == request_key("other", one)
        False
    """
    attributes = {
        name: value for name, value in request.attributes.items() if name not in FOLDED_IN
    }
    parts = [
        identity,
        request.prompt,
        request.negative_prompt,
        request.width,
        request.height,
        request.seed,
        attributes,
    ]
    if request.references:
        parts.append([[one.name, one.digest] for one in request.references])
    canonical = json.dumps(
        parts,
        sort_keys=True,
        separators=(",", ":"),
    )  # in ASCII: halves of surrogate pairs are written as escapes
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
