"""What a command says of how a story is put before readers; kept with it, for every later page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # heavy: only loaded where something is written
    from limner.illustration import Image, Message
    from limner.illustration.rendering.edition import Edition, OwnPictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What is said of a page or book, before what the text says of itself.

    Attributes:
        title: What it is called.
        author: Who wrote it; several with commas between them.
        language: A BCP 47 tag.
        cover: The file of its cover, as an absolute path.
        smart: Whether straight quotes and hyphens become curly quotes and dashes.
        files: The files the text comes from, as absolute paths: its own pictures are beside them.
    """

    title: str | None = None
    author: str | None = None
    language: str | None = None
    cover: str | None = None
    smart: bool = False
    files: tuple[str, ...] = ()

    @classmethod
    def read(cls, kept: object) -> "Imprint":
        """What a library kept of one; unknown names are left out."""
        if not isinstance(kept, Mapping):
            return cls()
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        return cls(**{**known, "files": tuple(known.get("files") or ())})

    def kept(self) -> dict[str, Any]:
        """As a library keeps it."""
        return {**asdict(self), "files": list(self.files)}

    def edition(
        self, messages: "Sequence[Message]" = (), *, while_written: bool = False
    ) -> "Edition":
        """As the renderers know it.

        Args:
            messages: The text; a single one can name its cover.
            while_written: Whether its pictures were drawn while it was being written.
        """
        from limner.illustration.rendering.edition import Edition

        own = self._own()
        return Edition(
            title=self.title,
            author=self.author,
            language=self.language,
            cover=self._cover(messages, own),
            smart=self.smart,
            own=own,
            while_written=while_written,
        )

    def _own(self) -> "OwnPictures | None":
        from limner.backends.manuscripts.pictures import pictures_of

        return pictures_of([Path(file) for file in self.files]) if self.files else None

    def _cover(self, messages: "Sequence[Message]", own: "OwnPictures | None") -> "Image | None":
        from limner.backends.manuscripts.pictures import own_picture
        from limner.illustration.rendering import front_matter

        if self.cover is not None:
            try:
                return own_picture(Path(self.cover).read_bytes())
            except OSError:
                return None  # it is gone since
        named = front_matter(messages[0].text).cover if len(messages) == 1 else None
        return own.picture(named) if named and own is not None and own.has(named) else None
