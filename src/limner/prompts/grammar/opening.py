r"""How a tag begins: as it was asked for, and as models really write it.

::

    opening = ( '<!--' blanks name | '<' name ) blanks '=' blanks quote
    name    = 'img-prompt' | 'img_prompt', in any case
    quote   = " | ' | “ | ‘ | „ | ”
    blanks  = at most eight characters of ASCII white space

Asked for are ``<!--img-prompt="`` and, as in older presets, ``<img_prompt="``: with ``strict``
nothing else counts.
"""

import re
from dataclasses import dataclass

EXACT_COMMENT = '<!--img-prompt="'
EXACT_ELEMENT = '<img_prompt="'
EXACT = (EXACT_COMMENT, EXACT_ELEMENT)

CLOSERS = {'"': '"', "'": "'", "“": "”", "‘": "’", "„": "“", "”": "”"}
"""What closes what one of these quotation marks opens."""

_BLANKS = r"[ \t\n\r\f\v]{0,8}"
_NAME = (*"img", "[-_]", *"prompt", _BLANKS, "=", _BLANKS)
_KIND = "(?:img|image|pic|picture)"
_KIND_BEGUN = "(?:i(?:m(?:a(?:g(?:e)?)?|g)?)?|p(?:i(?:c(?:t(?:u(?:r(?:e)?)?)?)?)?)?)"
_FLAGS = re.IGNORECASE | re.ASCII


def _begun(*parts: str) -> str:
    """A pattern for every beginning of what these parts make together."""
    pattern = ""
    for part in reversed(parts):
        pattern = f"(?:{part}{pattern})?"
    return pattern


_OPENING = re.compile(
    rf"<(!--{_BLANKS})?img[-_]prompt{_BLANKS}={_BLANKS}([{''.join(CLOSERS)}])", _FLAGS
)
_OPENING_BEGUN = re.compile(
    rf"<(?:{_begun('!', '-', '-', _BLANKS, *_NAME)}|{_begun(*_NAME)})\Z", _FLAGS
)
_LIKE = re.compile(rf"<(?:!--{_BLANKS})?{_KIND}[-_ ]?prompt{_BLANKS}[=:]", _FLAGS)
_AFTER_KIND = _begun("[-_ ]?", *"prompt", _BLANKS)
_LIKE_BEGUN = re.compile(
    rf"<(?:(?:!(?:-(?:-{_BLANKS})?)?)?|(?:!--{_BLANKS})?{_KIND_BEGUN}"
    rf"|(?:!--{_BLANKS})?{_KIND}{_AFTER_KIND})\Z",
    _FLAGS,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of a tag, up to the quotation mark before its prompt.

    Attributes:
        length: In characters.
        is_comment: Whether the tag is a comment, and ends as one.
        quote: The quotation mark that opens the prompt.
        exact: Whether only what was asked for may follow.
    """

    length: int
    is_comment: bool
    quote: str = '"'
    exact: bool = False


def opening_at(text: str, start: int, *, strict: bool = False) -> Opening | bool:
    """The opening that stands at `start`.

    Returns:
        ``True`` if the text ends inside one; ``False`` if there is none.

    >>> opening_at("<!-- img_prompt = 'a", 0)
    Opening(length=19, is_comment=True, quote="'", exact=False)
    >>> opening_at("<im", 0), opening_at("<b>", 0), opening_at("<!-- img", 0, strict=True)
    (True, False, False)
    """
    if strict:
        return _exact_opening_at(text, start)
    found = _OPENING.match(text, start)
    if found is not None:
        return Opening(len(found[0]), found[1] is not None, found[2])
    return _OPENING_BEGUN.match(text, start) is not None


def _exact_opening_at(text: str, start: int) -> Opening | bool:
    for opening in EXACT:
        if text.startswith(opening, start):
            return Opening(len(opening), opening is EXACT_COMMENT, exact=True)
    rest = text[start : start + len(EXACT_COMMENT)]
    return any(opening.startswith(rest) for opening in EXACT)


def looks_like_one(text: str, start: int) -> bool | None:
    """Whether what stands at `start` looks as if a tag was meant; ``None``: the text is too short.

    >>> looks_like_one("<!-- image prompt: a fox -->", 0), looks_like_one("<!-- imag", 0)
    (True, None)
    >>> looks_like_one("<!-- a note -->", 0)
    False
    """
    if _LIKE.match(text, start) is not None:
        return True
    return None if _LIKE_BEGUN.match(text, start) is not None else False
