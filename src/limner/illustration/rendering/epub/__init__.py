"""Messages as an electronic book: EPUB 3.3 (https://www.w3.org/TR/epub-33/)."""

from limner.illustration.rendering.epub.book import epub_pieces

__all__ = ["epub_pieces"]
