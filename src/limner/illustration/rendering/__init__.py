"""Messages merged with their pictures, on the way out.

Text and pictures are stored apart; nothing here changes them. `html_pieces` makes the page a person
keeps, `markdown_pieces` the plain-text twin; both work in pieces, from a `Message` in any state.
"""

from limner.illustration.rendering.epub import epub_pieces
from limner.illustration.rendering.html import html_pieces
from limner.illustration.rendering.markdown import markdown_pieces
from limner.illustration.rendering.picture import data_uri, picture_name

__all__ = ["data_uri", "epub_pieces", "html_pieces", "markdown_pieces", "picture_name"]
