"""Turning pictures in an answer back into the tags they were drawn for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from limner.prompts.pictures import MARKER, Picture, find_pictures, space_end
from limner.prompts.scanner import find_prompts
from limner.prompts.tag import PromptTag

SURE = 8
"""Digits from which on an unknown id is taken for one of limner's all the same."""


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
"""From the id of a picture to the tag it was drawn for; ``None`` if nobody knows it."""


def tag_places(text: str, patterns: Iterable[str] | None = None) -> list[TagPlace]:
    """The tags of a model's own text with the white space around them, for a later `Lookup`.

    Examples:
        >>> tag_places('A fox.  <img_prompt="a fox">')
        [TagPlace(source='<img_prompt="a fox">', before='  ', after='')]
    """
    tags = find_prompts(text, patterns)
    ends = [0, *(tag.end for tag in tags)]
    gaps = [text[end : tag.start] for end, tag in zip(ends, tags, strict=False)]
    gaps.append(text[ends[-1] :])
    return [
        TagPlace(tag.source, _trailing(before), _leading(after))
        for tag, (before, after) in zip(tags, pairwise(gaps), strict=True)
    ]


def restore_text(text: str, lookup: Lookup, *, patterns: Iterable[str] | None = None) -> str:
    r"""One answer with limner's pictures turned back into the tags they were drawn for.

    - A link or ``<img>`` to a known picture becomes its tag. If `lookup` gives a `TagPlace`, the
      answer is again what the model wrote, whatever white space a front-end has added or taken
      away around the picture. If it gives the tag alone, two line breaks on each side, which
      limner puts around a picture, go with it.
    - One to a picture nobody knows goes away, if its id is one that limner makes.
    - A picture directly behind a tag, whosever it is, and the hidden markers of older
      illustrators go away; the tag is there already.
    - All else stays, pictures of others included.

    Args:
        text: The answer as a front-end keeps it.
        lookup: Gives the tag for an id.
        patterns: The patterns that find tags, as for `find_prompts`.

    Examples:
        >>> places = {"3fa0": TagPlace('<img_prompt="a fox">', " ", "\n")}
        >>> restore_text("Hm.\n![fox]( http://h/images/3fa0.png )", places.get)
        'Hm. <img_prompt="a fox">\n'
    """
    if "<" not in text and "![" not in text:
        return text
    pictures = find_pictures(text)
    doubled = _behind_tags(text, find_prompts(text, patterns), pictures, lookup)
    pieces = [_Piece(*span) for span in doubled]
    pieces += [_Piece(*match.span()) for match in MARKER.finditer(text)]
    for picture in pictures:
        origin = lookup(picture.id) if picture.id is not None else None
        if isinstance(origin, TagPlace):
            pieces.append(_Piece(picture.start, picture.end, origin.source, place=origin))
        elif origin is not None or len(picture.id or "") >= SURE:
            pieces.append(_Piece(picture.start, picture.end, origin or "", breaks=True))
    return _put_together(text, sorted(pieces, key=lambda piece: piece.start))


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands in the place of ``text[start:end]``, and what becomes of the space around it."""

    start: int
    end: int
    source: str = ""
    place: TagPlace | None = None  # knows the space
    breaks: bool = False  # brought two line breaks along on each side


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
            if source not in (None, tag.source):
                break
            end = thing.end
            at += 1
        if end > tag.end:
            spans.append((tag.end, end + text.startswith("\n", end)))
    return spans


def _put_together(text: str, pieces: list[_Piece]) -> str:
    made: list[str] = []
    at = 0
    left: _Piece | None = None
    for piece in pieces:
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
        gap = _less_behind(gap)
        if not left.source and _parted(text, left) and gap and not gap[0].isspace():
            gap = f"\n\n{gap}"
    if right and right.place:
        gap = gap.rstrip() + right.place.before
    elif right and right.breaks:
        gap = _less_before(gap)
    return gap


def _parted(text: str, gone: _Piece) -> bool:
    """Whether line breaks are all that parts the words around a picture that goes away."""
    before = _less_before(text[max(0, gone.start - 40) : gone.start])
    return bool(before) and not before[-1].isspace()


def _less_behind(gap: str) -> str:
    """Without up to two line breaks at its beginning, and the blanks before each."""
    for _ in range(2):
        rest = gap.lstrip(" \t\r")
        if not rest.startswith("\n"):
            break
        gap = rest[1:]
    return gap


def _less_before(gap: str) -> str:
    """Without up to two line breaks at its end, and the blanks behind each."""
    for _ in range(2):
        rest = gap.rstrip(" \t")
        if not rest.endswith("\n"):
            break
        gap = rest[:-1].removesuffix("\r")
    return gap


def _trailing(text: str) -> str:
    return text[len(text.rstrip()) :]


def _leading(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]
