"""Reference pictures on their way to the nodes that load them."""

from dataclasses import dataclass, replace

from limner.backends.images.comfyui.client import ComfyUIClient
from limner.backends.images.comfyui.recipe import Recipe
from limner.backends.images.support.references import Found, Reference, ReferencePictures
from limner.errors import BackendRejected
from limner.illustration.model.image import ImageRequest
from limner.illustration.model.reference import ATTRIBUTE


@dataclass(frozen=True, slots=True)
class Shown:
    """The reference pictures of one drawing.

    Attributes:
        found: Those that are used, and what was left out.
        files: What the server calls them.
    """

    found: Found
    files: tuple[str, ...] = ()


class ReferenceUploads:
    """Gives a server the pictures that its workflows have marks for, each once.

    Args:
        client: The server.
        references: The pictures that it may see.
    """

    def __init__(self, client: ComfyUIClient, references: ReferencePictures) -> None:
        self._client = client
        self._references = references
        self._files: dict[str, str] = {}

    async def found(self, request: ImageRequest) -> Found:
        """The pictures that a request names."""
        return await self._references.find(request)

    async def shown(self, found: Found, recipe: Recipe) -> Shown:
        """As many of them as the workflow has marks for, uploaded.

        Raises:
            limner.errors.BackendRejected: It wants one, and there is none.
        """
        if not recipe.references:
            return Shown(replace(found, pictures=()))
        if not found.pictures:
            why = found.ignored.get(ATTRIBUTE, "the tag names none")
            raise BackendRejected(
                f"the workflow wants a reference picture (%reference%): {why}",
                server=self._client.session.shown,
            )
        pictures = found.pictures[: recipe.references]
        files = tuple([await self._file(one) for one in pictures])
        return Shown(replace(found, pictures=pictures), files)

    async def _file(self, picture: Reference) -> str:
        name = f"limner_{picture.digest[:24]}.png"
        if name not in self._files:
            self._files[name] = await self._client.upload(picture.data, name)
        return self._files[name]
