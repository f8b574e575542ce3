"""Curly quotes and dashes for straight ones, as a language writes them."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

QUOTES: dict[str, Sequence[str]] = {
    "de": "„“‚‘",
    "fr": ["«\u202f", "\u202f»", "“", "”"],
    "es": "«»“”",
    "it": "«»“”",
    "pt": "«»“”",
    "nl": "“”‘’",
    "sv": "””’’",
    "pl": "„”‚’",
    "ru": "«»„“",
}
"""Outer and inner marks; of other languages those of English."""
ENGLISH = "“”‘’"

_DASH = re.compile(r"(?<![-!<])-{2,3}(?![->])")
_ELISION = re.compile(
    r"(?<!\w)'(?=(?:tis|twas|twere|twill|twould|em|til|till|cause|bout|round|gainst|n)\b"
    r"|\d\ds?\b)",
    re.IGNORECASE,
)
"""English words that begin with an apostrophe, which no mark closes."""
_DOTS = re.compile(r"(?<!\.)\.{3}(?!\.)")


def quotes_of(language: str | None) -> Sequence[str]:
    """The marks of a language, as a BCP 47 tag; ``None`` writes as English does."""
    return QUOTES.get((language or "en").partition("-")[0].lower(), ENGLISH)


def use_smart(markdown: MarkdownIt, language: str | None) -> None:
    """Have a parser write quotes, dashes and ellipses as a language does.

    Args:
        markdown: The parser.
        language: A BCP 47 tag; ``None`` writes as English does.
    """
    markdown.options["typographer"] = True
    markdown.options["quotes"] = quotes_of(language)
    # Its own replacements would also make a sign of every "(c)", (a) and (b) before it or not.
    markdown.core.ruler.before("smartquotes", "signs", _write_signs)
    markdown.core.ruler.after("smartquotes", "speech", _open_speech)
    markdown.enable("smartquotes")


def with_signs(text: str) -> str:
    """Dashes for two and three hyphens, one sign for three dots, and a word's own apostrophe.

    Two hyphens between words are a long dash, as typewriters had it; between figures, or with
    blanks round them, a short one.

    Examples:
        >>> with_signs("Wait--no... 1914--18, the last -- and --help")
        'Wait—no… 1914–18, the last – and --help'
        >>> with_signs("'Twas '68, 'ere 'e came")
        "’Twas ’68, 'ere 'e came"
    """
    if "--" in text:
        text = _DASH.sub(_dash, text)
    return _ELISION.sub("’", _DOTS.sub("…", text))


def with_speech_opened(text: str, quotes: Sequence[str]) -> str:
    """The beginning of a paragraph, where one that goes on with a speech has no closing mark.

    Examples:
        >>> with_speech_opened('"And then', ENGLISH)
        '“And then'
    """
    if len(text) < 2 or text[0] not in "\"'" or text[1].isspace():
        return text
    mark = quotes[2] if text[0] == "'" else quotes[0]
    return f"{mark}{text[1:]}"


def _dash(found: re.Match[str]) -> str:
    text = found.string
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    if len(found[0]) == 3:
        return "—"
    if before.isspace() and after and not after.isspace():
        return found[0]  # an option of a program, say
    return "–" if before.isspace() or (before.isdigit() and after.isdigit()) else "—"


def _write_signs(state: StateCore) -> None:
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "text":
                child.content = with_signs(child.content)


def _open_speech(state: StateCore) -> None:
    for token in state.tokens:
        first = token.children[0] if token.type == "inline" and token.children else None
        if first is not None and first.type == "text":
            first.content = with_speech_opened(first.content, state.md.options["quotes"])
