"""What holds the files of a book together: the package document, the contents, the cover."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from limner.illustration.rendering.epub.chapter_files import Entry, File
from limner.illustration.rendering.epub.xhtml import page, plain

MIMETYPE = "application/epub+zip"
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
"""
XHTML = "application/xhtml+xml"
COVER, CONTENTS = "cover.xhtml", "contents.xhtml"


@dataclass(slots=True, kw_only=True)
class PackageDocument:
    """Gathers what a book's package document has to say (EPUB 3.3, section 5).

    Attributes:
        title: The book's.
        language: As a BCP 47 tag; ``und`` if it is not known.
        identifier: A URI.
        modified: In UTC.
        author: Who wrote it, if that is known.
    """

    title: str
    language: str
    identifier: str
    modified: datetime
    author: str | None = None
    _files: list[File] = field(default_factory=list)
    _entries: list[Entry] = field(default_factory=list)
    _cover: File | None = None

    def with_file(self, file: File) -> File:
        """Note a file; its content is not kept."""
        kept = File(file.name, (), file.media_type, file.alt)
        self._files.append(kept)
        if file.is_picture and self._cover is None:
            self._cover = kept
        return file

    def with_chapter(self, entry: Entry) -> None:
        """Note a chapter."""
        self._entries.append(entry)

    def last_files(self) -> Iterator[File]:
        """The files that can only be made when all others are."""
        if self._cover is not None:
            yield self.with_file(File(COVER, self._cover_page(self._cover), XHTML))
        yield self.with_file(File(CONTENTS, self._contents(), XHTML))
        yield File("book.opf", list(self._package()), "application/oebps-package+xml")

    def _cover_page(self, picture: File) -> list[str]:
        before, after = page(self.title, 'section class="cover" epub:type="cover"')
        image = f'<img src="{plain(picture.name)}" alt="{plain(picture.alt or "")}"/>'
        return [before, f'<p class="cover">{image}</p>\n', after]

    def _contents(self) -> list[str]:
        known = self.language if self.language != "und" else None
        before, after = page(self.title, 'nav epub:type="toc" id="toc"', language=known)
        first = self._entries[0].address
        cover = f'<li><a epub:type="cover" href="{COVER}">Cover</a></li>\n' if self._cover else ""
        toc = f'<li><a epub:type="toc" href="{CONTENTS}#toc">Contents</a></li>\n'
        landmarks = (
            '</nav>\n<nav epub:type="landmarks" id="landmarks" hidden="hidden" lang="en" '
            f'xml:lang="en">\n<h2>Landmarks</h2>\n<ol>\n{cover}'
            f"{toc if self._lists_chapters else ''}"
            f'<li><a epub:type="bodymatter" href="{plain(first)}">Text</a></li>\n</ol>\n'
        )
        head = f"<h1>{plain(self.title)}</h1>\n"
        return [before, head, *_lines(self._entries), landmarks, after]

    def _package(self) -> Iterator[str]:
        creator = f"<dc:creator>{plain(self.author)}</dc:creator>\n" if self.author else ""
        yield (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
            'unique-identifier="identifier">\n'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
            f'<dc:identifier id="identifier">{plain(self.identifier)}</dc:identifier>\n'
            f"<dc:title>{plain(self.title)}</dc:title>\n"
            f"{creator}<dc:language>{plain(self.language)}</dc:language>\n"
            f'<meta property="dcterms:modified">{self.modified:%Y-%m-%dT%H:%M:%SZ}</meta>\n'
        )
        yield from self._accessibility()
        # The meta element with a name is what readers of EPUB 2 find the cover by.
        covers = {"cover": self._cover.name} if self._cover else {}
        ids = {file.name: f"f{number}" for number, file in enumerate(self._files, 1)}
        yield from (f'<meta name="cover" content="{ids[name]}"/>\n' for name in covers.values())
        yield '<meta name="generator" content="limner"/>\n</metadata>\n<manifest>\n'
        for file in self._files:
            properties = _properties(file, self._cover)
            yield (
                f'<item id="{ids[file.name]}" href="{plain(file.name)}" '
                f'media-type="{file.media_type}"{properties}/>\n'
            )
        yield "</manifest>\n<spine>\n"
        for name in self._order():
            yield f'<itemref idref="{ids[name]}"/>\n'
        yield "</spine>\n</package>\n"

    def _accessibility(self) -> Iterator[str]:
        """What a reader who cannot see can expect (EPUB Accessibility 1.1, section 2)."""
        facts = [("accessMode", "textual"), ("accessModeSufficient", "textual")]
        features = ["structuralNavigation", "tableOfContents"]
        if self._cover is not None:
            facts.append(("accessMode", "visual"))
            features.append("alternativeText")
        facts += [("accessibilityFeature", name) for name in features]
        facts.append(("accessibilityHazard", "unknown"))
        for name, value in facts:
            yield f'<meta property="schema:{name}">{value}</meta>\n'

    @property
    def _lists_chapters(self) -> bool:
        """Whether the contents are a page to turn over: of one chapter nobody needs a list."""
        return len(self._entries) > 1

    def _order(self) -> Iterator[str]:
        """The files a reader turns over, in order."""
        if self._cover is not None:
            yield COVER
        if self._lists_chapters:
            yield CONTENTS
        yield from (file.name for file in self._files if file.name.startswith("text/"))


def _properties(file: File, cover: File | None) -> str:
    if file.name == CONTENTS:
        return ' properties="nav"'
    return ' properties="cover-image"' if file is cover else ""


def _lines(entries: Iterable[Entry]) -> Iterator[str]:
    yield "<ol>\n"
    for entry in entries:
        yield f'<li><a href="{plain(entry.address)}">{plain(entry.title)}</a>\n'
        if entry.below:
            yield from _lines(entry.below)
        yield "</li>\n"
    yield "</ol>\n"
