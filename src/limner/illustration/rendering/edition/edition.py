"""What a writer says of a page or a book, before what the text says of itself."""

from dataclasses import dataclass

from limner.illustration.model.image import Image
from limner.illustration.rendering.edition.own_pictures import OwnPictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """How a text is put before readers.

    Attributes:
        title: What it is called, whatever heading it has.
        author: Who wrote it; several with commas between them.
        language: A BCP 47 tag.
        cover: The picture on a book's cover; by default the first one in it.
        smart: Whether straight quotes and hyphens become curly quotes and dashes.
        own: The pictures that the text brings along; ``None`` shows their words.
        while_written: Whether the pictures were drawn while the text was being written.
    """

    title: str | None = None
    author: str | None = None
    language: str | None = None
    cover: Image | None = None
    smart: bool = False
    own: OwnPictures | None = None
    while_written: bool = False


PLAIN = Edition()
"""As the text is, without anything that its writer says of it."""
