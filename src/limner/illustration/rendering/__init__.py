"""Messages merged with their pictures, on the way out.

Text and pictures are stored apart; nothing here changes them. `html_pieces` makes the page a person
keeps, `markdown_pieces` the plain-text twin, `epub_pieces` a book; `chat_html_pieces` and
`chat_markdown_pieces` do so for a conversation, `json_pieces` for programs. All work in
pieces, from messages in any state. `BlockHtml` renders what is still being written, block by block.
"""

from limner.illustration.rendering.block_html import BlockHtml
from limner.illustration.rendering.chat import chat_html_pieces, chat_markdown_pieces
from limner.illustration.rendering.dialect.front_matter import FrontMatter, front_matter
from limner.illustration.rendering.dialect.unfinished import told_pieces
from limner.illustration.rendering.epub import epub_pieces
from limner.illustration.rendering.html import html_pieces
from limner.illustration.rendering.json_document import json_pieces
from limner.illustration.rendering.markdown import markdown_pieces
from limner.illustration.rendering.missing import missing_note, without_missing
from limner.illustration.rendering.picture import data_uri, picture_name
from limner.illustration.rendering.story import heading

__all__ = [
    "BlockHtml",
    "FrontMatter",
    "chat_html_pieces",
    "chat_markdown_pieces",
    "data_uri",
    "epub_pieces",
    "front_matter",
    "heading",
    "html_pieces",
    "json_pieces",
    "markdown_pieces",
    "missing_note",
    "picture_name",
    "told_pieces",
    "without_missing",
]
