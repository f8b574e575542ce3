"""Pollinations' addresses of pictures: pure.

A picture is asked for by an address that holds the prompt as one segment of its path. Sources:
the service's ``APIDOCS.md`` of both hosts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from limner.backends.images.pollinations.options import PollinationsOptions
from limner.backends.images.support.extra import read_extra
from limner.backends.images.support.server import ModelInfo
from limner.errors import BackendRejected
from limner.illustration.model.image import ImageRequest

LONGEST_PROMPT, LONGEST_NEGATIVE = 4000, 1000
"""Bytes of the text, encoded for an address. Servers on the way take 8 KB of address or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A text as a segment of a path.

    Attributes:
        encoded: The segment.
        whole: Whether nothing was cut off.
    """

    encoded: str
    whole: bool


def segment(text: str, *, longest: int = LONGEST_PROMPT) -> Segment:
    """A text as one segment of a path that nothing on the way takes for anything else.

    Every character that could mean something in an address is encoded, ``/`` among them; blanks
    and control characters become single blanks; a text of dots alone, which would lead to another
    path, gets a blank; one that is too long ends at a word, or at least at a character.

    Args:
        text: Any text.
        longest: Bytes the segment may have.

    Raises:
        limner.errors.BackendRejected: It is no text: it holds half a character.

    Examples:
        >>> segment("50% / more? #1 ../x").encoded
        '50%25%20%2F%20more%3F%20%231%20..%2Fx'
        >>> segment("..").encoded, segment("ü" * 9, longest=15)
        ('..%20', Segment(encoded='%C3%BC%C3%BC', whole=False))
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise BackendRejected("the prompt holds what is no text: half a character")
    kept = _shortened(plain, longest)
    encoded = quote(kept, safe="")
    return Segment(
        encoded=encoded + "%20" if not encoded.strip(".") else encoded, whole=kept == plain
    )


def _shortened(text: str, longest: int) -> str:
    """As much of it as fits."""
    room, end = longest, 0
    for end, character in enumerate(text):  # noqa: B007 - where it ended is what counts
        room -= len(quote(character, safe=""))
        if room < 0:
            break
    else:
        return text
    cut = text[:end]
    blank = cut.rfind(" ")
    return cut[:blank] if blank > end // 2 else cut


def query(request: ImageRequest, options: PollinationsOptions, *, gateway: bool) -> dict[str, str]:
    """The query of the address.

    Args:
        request: What to draw.
        options: How.
        gateway: Whether it goes to the gateway for those with keys, which does not know ``nologo``,
            ``nofeed`` and ``referrer``: it draws no logo, has no feed, and knows who asks.
    """
    negative = ", ".join(
        part.strip() for part in (request.negative_prompt, options.negative_prompt) if part.strip()
    )
    given = {
        "model": options.model,
        "width": str(request.width),
        "height": str(request.height),
        "seed": "" if request.seed is None else str(request.seed),
        "negative_prompt": _shortened(negative, LONGEST_NEGATIVE),
        "enhance": _flag(options.enhance),
        "safe": _flag(options.safe),
    }
    if not gateway:
        given |= {
            "nologo": _flag(options.nologo),
            "nofeed": _flag(options.nofeed),
            "referrer": options.referrer,
        }
    more = {name: _text(value) for name, value in read_extra(options.extra).items()}
    return {name: value for name, value in given.items() if value} | more


def _text(value: object) -> str:
    """A value as it stands in an address."""
    return value if isinstance(value, str) else json.dumps(value)


def _flag(value: bool) -> str:
    return "true" if value else ""


def read_models(answer: object) -> list[ModelInfo]:
    """Read a list of models: names, or objects that have one.

    Examples:
        >>> [model.name for model in read_models(["flux", {"name": "zimage"}, 7])]
        ['flux', 'zimage']
    """
    entries = answer if isinstance(answer, list) else []
    models = []
    for entry in entries:
        told: Mapping[str, object] = entry if isinstance(entry, dict) else {"name": entry}
        name, title = told.get("name"), told.get("description")
        outputs = told.get("output_modalities")
        if not isinstance(name, str) or not name:
            continue
        if isinstance(outputs, list) and outputs and "image" not in outputs:
            continue  # the gateway lists those that make films as well
        models.append(
            ModelInfo(name=name[:300], title=title[:300] if isinstance(title, str) else "")
        )
    return models
