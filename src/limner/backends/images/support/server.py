"""What limner's own picture backends have in common, beside `generate`.

A backend for a picture server is a class with the entry point ``KIND`` in the group
``limner.image_backends``, and:

- ``from_url(url, *, options, key)``: a class method that `limner.illustration.make_backend` calls
  with what stood in ``KIND+URL?option=value``; options are read with
  `limner.backends.options`. It does no I/O.
- everything of `PictureServer`; what all have alike comes from
  `limner.backends.images.support.server_backend.ServerBackend`.
- its network in a `limner.backends.http.session.ServerSession`, its pictures through
  `limner.backends.images.support.checking.checked`, its time limits in `Timeouts`.

`limner.testing.backend_contract` holds it to the rules, with a fake server made from
`limner.testing.picture_server`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import msgspec

from limner.illustration.model.image import Image, ImageRequest
from limner.illustration.ports import ImageBackend


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A model that a picture server offers.

    Attributes:
        name: What to give as the option ``model``.
        title: What to show a person; the name, if there is nothing better.
        hash: Its fingerprint, if the server tells.
    """

    name: str
    title: str = ""
    hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What the options name and a server does not have.

    Attributes:
        what: The kind of thing: ``"model"``, ``"sampler"``.
        name: What was asked for.
        known: What there is in its place.
    """

    what: str
    name: str
    known: Sequence[str] = ()

    def __str__(self) -> str:
        return f"there is no {self.what} {self.name!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What a server turned out to be.

    Attributes:
        kind: In the words people use: ``"AUTOMATIC1111"``, ``"Forge"``, ``"ComfyUI"``.
        version: As far as it tells.
        models: What it can draw with.
        current_model: The one it draws with now, if it tells.
        notes: What a person should know: a feature that is missing.
        missing: What the options name and it does not have.
    """

    kind: str
    version: str | None = None
    models: Sequence[ModelInfo] = ()
    current_model: str | None = None
    notes: Sequence[str] = ()
    missing: Sequence[Missing] = ()


class PictureServer(ImageBackend, Protocol):
    """A backend that talks to a picture server (or is one)."""

    @property
    def identity(self) -> str:
        """A fingerprint of everything that changes a picture beside its request.

        Kind, place, model and options; no secrets. Equal requests to backends with equal
        identities may share a picture.
        """
        ...

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`."""
        ...

    async def models(self) -> list[ModelInfo]:
        """What it can draw with; empty if it does not tell."""
        ...

    async def samplers(self) -> list[str]:
        """Its samplers; empty if it does not tell or has none."""
        ...

    async def check(self) -> ServerFacts:
        """Look whether the server is there and of the right kind, without drawing.

        Raises:
            limner.errors.BackendError: It cannot be reached, refuses the key, or is something
                else: the message says what it found.
        """
        ...

    async def aclose(self) -> None:
        """Give back connections and processes. Twice is fine."""
        ...

    async def __aenter__(self) -> Self:
        """The backend itself."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        ...


def identity(kind: str, place: str, options: Mapping[str, object]) -> str:
    """A fingerprint for `PictureServer.identity`.

    Args:
        kind: The backend's kind.
        place: Where it is, without secrets.
        options: The options that differ from the defaults.

    Examples:
        >>> identity("a1111", "http://host:7860", {"steps": 25})
        'a1111:...'
    """
    whole = msgspec.json.encode([kind, place, sorted(options.items())])
    return f"{kind}:{hashlib.sha256(whole).hexdigest()[:24]}"
