"""A picture as programs see it."""

from typing import Any, Self

from pydantic import Field

from limner.illustration import Image
from limner.server.schemas.schema import Schema
from limner.storage import content_digest


class PictureView(Schema):
    """A picture, without its bytes."""

    digest: str = Field(description="The SHA-256 of its bytes, in hexadecimal; its name here.")
    url: str = Field(description="Where its bytes are, below this server's root.")
    thumbnail: str = Field(description="Where a small copy is; `?side=` says how small.")
    media_type: str
    width: int = Field(description="In pixels.")
    height: int
    seed: int | None = Field(description="What would draw it again, where the backend knows.")
    info: dict[str, Any] = Field(description="Whatever else the backend told about it.")

    @classmethod
    def of(cls, image: Image) -> Self:
        """The view of a picture, kept already or only just made."""
        digest = content_digest(image)
        url = f"/api/pictures/{digest}"
        return cls(
            digest=digest,
            url=url,
            thumbnail=f"{url}/thumbnail",
            media_type=image.media_type,
            width=image.width,
            height=image.height,
            seed=image.seed,
            info={str(name): _plain(value) for name, value in image.info.items()},
        )


def _plain(value: object) -> Any:
    """The value as JSON has it; what JSON does not know, in words."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value).encode("utf-8", "replace").decode()
