"""The ground of the backends that draw at one picture server over HTTP."""

import logging
from collections.abc import Mapping
from dataclasses import fields
from typing import ClassVar, Generic

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import BRIEF
from limner.backends.images.support.base64_text import decode_in_thread
from limner.backends.images.support.checking import CheckedPicture, PictureLimits, checked
from limner.backends.images.support.references import ReferencePictures
from limner.backends.images.support.server import identity
from limner.backends.options import OptionsT, told
from limner.closing import Closing
from limner.illustration.generation.references import PLACE
from limner.illustration.model.image import Image, ImageRequest

log = logging.getLogger(__name__)


class ServerBackend(Closing, Generic[OptionsT]):
    """Its session, its options, its limits; what it is, and how its pictures become ours.

    A kind of server adds `generate`, `models` and `check`
    (see `limner.backends.images.support.server.PictureServer`).

    Args:
        session: The connections to the server; closed with the backend.
        options: What to draw with.
        limits: How large a picture may be.
        references: The folder of the reference pictures meant for it; ``""``: it is shown none.

    Attributes:
        kind: What the kind is called in addresses.
        options: What it draws with.
        session: The connections to the server.
        brief: Bounds for what takes no drawing.
        limits: How large a picture may be.
        references: The reference pictures meant for it.
    """

    kind: ClassVar[str]

    def __init__(
        self,
        session: ServerSession,
        *,
        options: OptionsT,
        limits: PictureLimits | None,
        references: str = "",
    ) -> None:
        self.options = options
        self.session = session
        self.brief = BRIEF.at_most(session.timeouts)
        self.limits = limits or PictureLimits()
        self.references = ReferencePictures(references, self.place)
        self._left_out: set[str] = set()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.session.shown!r})"

    @property
    def met(self) -> bool:
        """Whether the server has ever answered, whatever it said."""
        return self.session.met

    @property
    def place(self) -> str:
        """A fingerprint of the server: of its kind and its address."""
        return identity(self.kind, self.session.shown, {})

    @property
    def places(self) -> frozenset[str]:
        """The server it sends to; see `limner.illustration.capabilities.HasPlaces`."""
        return frozenset((self.place,))

    @property
    def identity(self) -> str:
        """A fingerprint of the server and the options."""
        return identity(self.kind, self.session.shown, self.told_options(told(self.options)))

    def told_options(self, options: dict[str, object]) -> dict[str, object]:
        """What of its options changes its pictures: a folder of references by what is in it."""
        shown = self.references.fingerprint
        return {**options, "references": shown} if shown else options

    async def aclose(self) -> None:
        """Close every connection. Twice is fine."""
        await self.session.aclose()

    async def samplers(self) -> list[str]:
        """Empty: it has no such thing, or does not tell."""
        return []

    async def checked(self, found: object) -> CheckedPicture:
        """What the server gave as a picture (its bytes, else base64 text), or why it is none."""
        server = self.session.shown
        data = (
            found
            if isinstance(found, bytes)
            else await decode_in_thread(found, largest=self.limits.bytes, server=server)
        )
        return await checked(data, limits=self.limits, server=server)

    def image(
        self,
        picture: CheckedPicture,
        request: ImageRequest,
        *,
        seed: int | None,
        info: Mapping[str, object],
        ignored: Mapping[str, str],
    ) -> Image:
        """The finished picture; ``info`` also tells what is not as it was asked for."""
        told_of: dict[str, object] = {"backend": self.kind, PLACE: self.place, **info}
        if (picture.width, picture.height) != (request.width, request.height):
            told_of["asked_for"] = f"{request.width}x{request.height}"
        if ignored:
            told_of["ignored"] = dict(ignored)
            self._tell_once(ignored)
        return picture.image(seed=seed, info=told_of)

    def _tell_once(self, ignored: Mapping[str, str]) -> None:
        """Log what a server cannot do, the first time: each picture tells it of itself."""
        for name in ignored.keys() & {each.name for each in fields(self.options)}:
            if name not in self._left_out:
                self._left_out.add(name)
                log.warning("%s: the option %r is left out: %s", self.session.shown, name,
                            ignored[name])  # fmt: skip


class Metered:
    """Joined to a backend of a service whose answers to drawings tell the quota that is left."""

    session: ServerSession

    @property
    def rates(self) -> RateHeaders:
        """The quota as the latest answer told it."""
        return self.session.rates
