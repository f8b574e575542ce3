"""Turning links to limner's pictures back into the tags they were drawn for, or into nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from limner.prompts.grammar.scanner import find_prompts
from limner.prompts.grammar.tag import PromptTag
from limner.prompts.history.links import PictureLink, find_links
from limner.prompts.history.pictures import MARKER, Picture, find_pictures
from limner.prompts.history.white_space import (
    closed,
    leading,
    space_end,
    trailing,
    without_leading_breaks,
    without_trailing_breaks,
)


@dataclass(frozen=True, slots=True)
class TagPlace:
    """A tag, and the white space in which it stood, so that it can be put back exactly.

    Attributes:
        source: The tag as the model wrote it.
        before: The white space before it, back to the last visible character.
        after: The white space behind it, up to the next visible character.
    """

    source: str
    before: str
    after: str


Lookup = Callable[[str], TagPlace | str | None]
"""From the id of a picture to the tag it was drawn for.

``""``: it is limner's, and nobody knows its tag any more. ``None``: it is not limner's.
"""

Page = Callable[[str], bool]
"""Whether an address is one of limner's pages."""


def _no_page(url: str) -> bool:
    return False


def tag_places(text: str, patterns: Iterable[str] | None = None) -> list[TagPlace]:
    """The tags of a model's own text with the white space around them, for a later `Lookup`.

    Examples:
        >>> tag_places('A fox.  <img_prompt="a fox">')
        [TagPlace(source='<img_prompt="a fox">', before='  ', after='')]
    """
    return places_of(text, [(tag.start, tag.end) for tag in find_prompts(text, patterns)])


def places_of(text: str, tags: Sequence[tuple[int, int]]) -> list[TagPlace]:
    """The same, where it is known already where the tags begin and end."""
    ends = [0, *(end for _, end in tags)]
    gaps = [text[end:start] for end, (start, _) in zip(ends, tags, strict=False)]
    gaps.append(text[ends[-1] :])
    return [
        TagPlace(text[slice(*tag)], trailing(before), leading(after))
        for tag, (before, after) in zip(tags, pairwise(gaps), strict=True)
    ]


def restore_text(
    text: str,
    lookup: Lookup,
    *,
    patterns: Iterable[str] | None = None,
    page: Page = _no_page,
) -> str:
    r"""One answer of a model with links to limner's pictures turned back into their tags.

    As `restore_links`, and besides: a picture directly behind a tag, and the hidden markers of
    older illustrators go away, since the tag is there already. Pictures on other sites stay even
    there.

    Args:
        text: The answer as a front-end keeps it.
        lookup: Gives the tag for an id.
        patterns: The patterns that find tags, as for `find_prompts`.
        page: Knows limner's pages.

    Examples:
        >>> places = {"3fa0": TagPlace('<img_prompt="a fox">', " ", "\n")}
        >>> restore_text("Hm.\n![fox]( http://h/images/3fa0.png )", places.get)
        'Hm. <img_prompt="a fox">\n'
    """
    if "<" not in text:
        return restore_links(text, lookup, page=page)
    doubled = _behind_tags(text, find_prompts(text, patterns), find_pictures(text), lookup)
    pieces = [_Piece(*span) for span in doubled]
    pieces += [_Piece(*match.span()) for match in MARKER.finditer(text)]
    return _put_together(text, [*pieces, *_restored(text, lookup, page)])


def restore_links(text: str, lookup: Lookup, *, page: Page = _no_page) -> str:
    r"""Any text with links to limner's pictures turned back into the tags they were drawn for.

    - A picture, in Markdown or HTML, alone or in a link to itself or to a `page`, becomes its tag.
      If `lookup` gives a `TagPlace`, the text is again what the model wrote, whatever white space
      a front-end has added or taken away around the picture. If it gives the tag alone, two line
      breaks on each side, which limner puts around a picture, go with it.
    - An address by itself becomes the tag; of words that lead to a picture the words stay.
    - Where nobody knows the tag, they go away.
    - All else stays, pictures and links of others included.

    Args:
        text: The text.
        lookup: Gives the tag for an id.
        page: Knows limner's pages.

    Examples:
        >>> known = {"3fa0": '<img_prompt="a fox">'}.get
        >>> restore_links("Is http://h/images/3fa0.png red, or [this](/images/3fa0.png)?", known)
        'Is <img_prompt="a fox"> red, or this?'
    """
    return _put_together(text, _restored(text, lookup, page))


def remove_links(text: str, lookup: Lookup, *, page: Page = _no_page) -> str:
    r"""Any text without links to limner's pictures, and without what limner put around them.

    What remains of the white space parts what it parted. Of words that lead to a picture the
    words stay; so does all else.

    Args:
        text: The text.
        lookup: Knows limner's ids; what it gives for them does not matter.
        page: Knows limner's pages.

    Examples:
        >>> known = {"3fa0": ""}.get
        >>> remove_links("A fox \n\n![fox](http://h/images/3fa0.png)\n\n ran.", known)
        'A fox ran.'
        >>> remove_links("A fox.\n\n![fox](http://h/images/3fa0.png)\n\nIt ran.", known)
        'A fox.\n\nIt ran.'
    """
    made: list[str] = []
    at = 0
    for links in _rows(text, _own(text, lookup, page)):
        first, last = links[0], links[-1]
        before = text[at : first.start]
        if first.words:
            made += [before, remove_links(first.words, lookup, page=page)]
            at = first.end
            continue
        at = space_end(text, last.end)
        kept = before.rstrip()
        made.append(kept)
        if (kept or any(made)) and at < len(text):
            made.append(_parting(before[len(kept) :], text[last.end : at], first, last))
    return "".join([*made, text[at:]])


def _rows(text: str, links: list[PictureLink]) -> Iterator[list[PictureLink]]:
    """The links, those together that only white space parts; links with words by themselves."""
    row: list[PictureLink] = []
    for link in links:
        if row and (row[-1].words or link.words or text[row[-1].end : link.start].strip()):
            yield row
            row = []
        row.append(link)
    if row:
        yield row


def _parting(before: str, after: str, first: PictureLink, last: PictureLink) -> str:
    """What parts the words around a row of links that goes away."""
    left = without_trailing_breaks(before) if first.shown else before
    right = without_leading_breaks(after) if last.shown else after
    if not (left or right) and (before or after):
        return "\n\n"  # line breaks are all that parted them
    return closed(left, right)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands in the place of ``text[start:end]``, and what becomes of the space around it."""

    start: int
    end: int
    source: str = ""
    place: TagPlace | None = None  # knows the space
    breaks: bool = False  # brought two line breaks along on each side


def _own(text: str, lookup: Lookup, page: Page) -> list[PictureLink]:
    return [link for link in find_links(text, page) if lookup(link.id) is not None]


def _restored(text: str, lookup: Lookup, page: Page) -> list[_Piece]:
    """What stands in the place of the links to limner's pictures."""
    pieces = []
    for link in _own(text, lookup, page):
        origin = lookup(link.id)
        source = origin.source if isinstance(origin, TagPlace) else origin or ""
        if link.words is not None:
            words = restore_links(link.words, lookup, page=page)
            pieces.append(_Piece(link.start, link.end, words))
        elif link.shown and isinstance(origin, TagPlace):
            pieces.append(_Piece(link.start, link.end, source, place=origin))
        else:
            pieces.append(_Piece(link.start, link.end, source, breaks=link.shown))
    return pieces


def _behind_tags(
    text: str, tags: list[PromptTag], pictures: list[Picture], lookup: Lookup
) -> list[tuple[int, int]]:
    """The pictures that directly follow a tag, with the line breaks around them."""
    markers = [Picture(*match.span(), None) for match in MARKER.finditer(text)]
    things = sorted([*pictures, *markers], key=lambda thing: thing.start)
    spans: list[tuple[int, int]] = []
    at = 0
    for tag in tags:
        end = tag.end
        while at < len(things) and things[at].start < end:
            at += 1
        while at < len(things) and space_end(text, end) == things[at].start:
            thing = things[at]
            origin = lookup(thing.id) if thing.id is not None else None
            source = origin.source if isinstance(origin, TagPlace) else origin
            if source is None and _is_elsewhere(thing.url):
                break
            if source not in (None, "", tag.source):
                break
            end = thing.end
            at += 1
        if end > tag.end:
            spans.append((tag.end, end + text.startswith("\n", end)))
    return spans


def _is_elsewhere(url: str) -> bool:
    """Whether an address leads to another site; illustrators keep their pictures at home."""
    return url.lower().startswith(("http:", "https:", "//"))


def _put_together(text: str, pieces: list[_Piece]) -> str:
    made: list[str] = []
    at = 0
    left: _Piece | None = None
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if piece.start < at:
            continue  # inside one that is replaced already
        made += [_gap(text, at, piece.start, left, piece), piece.source]
        at, left = piece.end, piece
    made.append(_gap(text, at, len(text), left, None))
    return "".join(made)


def _gap(text: str, start: int, end: int, left: _Piece | None, right: _Piece | None) -> str:
    """The text between two pieces, with the white space at its ends as the model wrote it."""
    gap = text[start:end]
    if left and right and not gap.strip():
        known = left.place.after if left.place else right.place.before if right.place else None
        if known is not None:
            return known
    if left and left.place:
        gap = left.place.after + gap.lstrip()
    elif left and left.breaks:
        gap = without_leading_breaks(gap)
        if not left.source and _parted(text, left) and gap and not gap[0].isspace():
            gap = f"\n\n{gap}"
    if right and right.place:
        gap = gap.rstrip() + right.place.before
    elif right and right.breaks:
        gap = without_trailing_breaks(gap)
    return gap


def _parted(text: str, gone: _Piece) -> bool:
    """Whether line breaks are all that parts the words around a picture that goes away."""
    before = without_trailing_breaks(text[max(0, gone.start - 40) : gone.start])
    return bool(before) and not before[-1].isspace()
