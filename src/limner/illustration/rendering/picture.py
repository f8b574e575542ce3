"""A picture as a file of its own, or as part of one."""

import re
import unicodedata
from base64 import b64encode

from limner.illustration.model.image import Image
from limner.illustration.model.slot import Slot

SLUG = 40
"""Characters of the prompt in a picture's name, at most."""

_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/gif": "gif",
}
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_MEDIA_TYPE = re.compile(r"image/[a-z0-9.+-]+")


def picture_name(slot: Slot) -> str:
    """A file name for the slot's picture: plain ASCII, safe on every file system.

    Two slots of one message never get the same name, since it begins with the ordinal.

    Args:
        slot: The slot; one without a picture is named as if it had a PNG.

    Examples:
        >>> from limner.illustration.model.slot import SlotId
        >>> from limner.prompts import PromptTag
        >>> tag = PromptTag("A fox in the snow!", "", 0, 0)
        >>> picture_name(Slot.of(SlotId("m", 0, 0), tag))
        '01-a-fox-in-the-snow.png'
    """
    shown = slot.shown
    ending = _ENDINGS.get(shown.image.media_type, "img") if shown else "png"
    prompt = shown.prompt if shown else slot.prompt
    return f"{slot.id.ordinal + 1:02d}-{_slug(prompt)}.{ending}"


def data_uri(image: Image) -> str:
    """The picture as a ``data:`` URI (RFC 2397), base64.

    Examples:
        >>> data_uri(Image(data=b"fox", media_type="image/png", width=64, height=64))
        'data:image/png;base64,Zm94'
    """
    known = _MEDIA_TYPE.fullmatch(image.media_type)
    media_type = image.media_type if known else "application/octet-stream"
    return f"data:{media_type};base64,{b64encode(image.data).decode('ascii')}"


def _slug(prompt: str) -> str:
    plain = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode().lower()
    slug = _NOT_IN_NAMES.sub("-", plain.replace("'", "")).strip("-")
    if len(slug) > SLUG:
        cut = slug[: SLUG + 1].rfind("-")
        slug = slug[: cut if cut > SLUG // 2 else SLUG].rstrip("-")
    return slug or "picture"
