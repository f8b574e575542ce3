"""Plain text as Markdown: indentation is no code, verse keeps its lines, chapters have headings.

What Project Gutenberg puts around its books (a header with title, author and language, and a
licence behind the end) becomes front matter, or is left out.
"""

import re
from collections.abc import Iterable, Iterator

from limner.backends.manuscripts.front import About, with_front
from limner.backends.manuscripts.gutenberg import unwrapped

_SAID = re.compile(r"^(Title|Author|Language):[ \t]*(.+(?:\n[ \t]{2,}\S.*)*)", re.M)
_LANGUAGES = {
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it",
    "portuguese": "pt", "dutch": "nl", "swedish": "sv", "chinese": "zh", "japanese": "ja",
    "russian": "ru", "greek": "el", "latin": "la", "finnish": "fi", "danish": "da",
}  # fmt: skip
_NUMBER = (
    r"(?:[ivxlc]+|\d+|(?:the )?(?:first|second|third|fourth|fifth|sixth|last)|one|two|three|four|"
    r"five|six|seven|eight|nine|ten|eleven|twelve|premier|première|deuxième|eins|zwei|drei|primo|primero)"
)
_CHAPTER = re.compile(
    r"(?:chapter|chapitre|kapitel|cap[ií]tulo|capitolo|book|livre|buch|libro|part|partie|teil|parte|"
    r"act|acte|akt|atto|acto|canto|chant|gesang|stave|letter|brief|scene|scène|szene)[ ]+"
    rf"{_NUMBER}\b[^\n]{{0,80}}"
    r"|(?:erste|zweite|dritte|vierte|fünfte|sechste|siebente|siebte|achte|neunte|zehnte)[rs]? "
    r"(?:kapitel|teil|akt|buch|aufzug|auftritt|szene|gesang)\b[^\n]{0,80}"
    r"|(?:prologue|prolog|prólogo|prologo|epilogue|épilogue|epilog|preface|vorwort|introduction)\.?"
    r"|第.{1,8}[章回节節卷幕][^\n]{0,40}",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"(?:[IVX]|[IVXLC]{2,7})\.(?:[ ]+[^\n]{1,70})?|[IVXLC]{2,7}|\d{1,3}\.?")
_SHOUTED = re.compile(r"## [^\n]{2,90}")
_BY = re.compile(
    r"(?:\([^()]{1,20}\) )?(?:by|von|par|di|por)[ \n]+"
    r"([^\n.,;:!?\"“]{3,60}(?:\.[^\n.,;:!?\"“]{1,40})*)",
    re.IGNORECASE,
)

_BARE = re.compile(r"\S+[ ](?:[ivxlc]+|\d+|[a-z]+)[.:]?", re.IGNORECASE)
"""A chapter's number, without a name."""
_ACT = re.compile(r"[ ]*(?:act|acte|akt|atto|acto|scene|sc[eè]ne|szene)[ ]", re.IGNORECASE)
_NAME = re.compile(r"(?![-#*>|`~!<])[^\n]{2,60}(?<![.!?…,;:”\"»])")

_RULE = re.compile(r"(?:[*•⁂~][ \t]*){3,}|(?:[-–—_][ \t]*){3,}")
_MARKED = re.compile(
    r"#{1,6}[ \t]|[-+>*][ \t]|\d{1,9}[.)][ \t]|\||```|~~~|<!--|<img|!\[|\[\^|---|:[ \t]"
)

_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff]")

SHORT = 60
"""Characters up to which all lines of a stanza are."""


def plain_text(text: str) -> str:
    r"""The text as Markdown.

    Examples:
        >>> plain_text("CHAPTER I.\n\n\n    A fox ran.\n\n  The owl\n    is wise.\n")
        '## CHAPTER I.\n\nA fox ran.\n\nThe owl  \n\u2003is wise.\n'
    """
    about, body = _gutenberg(text.replace("\r\n", "\n").replace("\r", "\n"))
    blocks = list(_blocks(body))
    if about.title is None:
        about, blocks = _title_page(blocks)
    made = "\n\n".join(_with_subtitles(blocks, about.title))
    return with_front(about, f"{made}\n" if made else "")


def _gutenberg(text: str) -> tuple[About, str]:
    header, body = unwrapped(text)
    said = {found[1].lower(): " ".join(found[2].split()) for found in _SAID.finditer(header)}
    about = About(
        title=said.get("title"),
        author=said.get("author"),
        language=_LANGUAGES.get(said.get("language", "").lower()),
    )
    return about, body


def _blocks(text: str) -> Iterator[str]:
    """The text block by block; what is Markdown already stays."""
    held: list[str] = []
    fenced = False
    lines = text.splitlines()
    alone = _are_paragraphs(lines)
    for line in lines:
        if alone and not fenced:
            yield from _block(held)
            held = []
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if line.strip() or fenced:
            held.append(line.expandtabs(4))
            continue
        yield from _block(held)
        held = []
    yield from _block(held)


def _title_page(blocks: list[str]) -> tuple[About, list[str]]:
    """What a text without any header says at its beginning: its title in capitals, its author."""
    title = blocks[0].removeprefix("## ") if blocks and _SHOUTED.fullmatch(blocks[0]) else None
    if title is None or _CHAPTER.fullmatch(title) or _ROMAN.fullmatch(title):
        return About(), blocks
    for end in (2, 3, 4):
        found = _BY.fullmatch(" ".join(blocks[1:end]))
        if found is not None:
            return About(title=title, author=found[1]), [blocks[0], *blocks[end:]]
    return About(title=title), blocks


def _with_subtitles(blocks: Iterable[str], title: str | None) -> Iterator[str]:
    """The blocks, what a chapter is called joined to its number; the title as a title."""
    number = ""
    called = (title or "").casefold()
    for block in blocks:
        if number:
            is_name = _NAME.fullmatch(block) is not None
            yield f"{number} {block}" if is_name else number
            number = ""
            if is_name:
                continue
        if called and block.startswith("## ") and block[3:].casefold() == called:
            yield block[1:]
            called = ""  # where it stands once more, it is none
        elif block.startswith("## ") and _BARE.fullmatch(block[3:]):
            number = block
        else:
            yield block
    if number:
        yield number


def _block(lines: list[str]) -> Iterator[str]:
    """One block; an act and a scene above what is seen in it are headings."""
    while len(lines) > 1 and _BARE.fullmatch(lines[0].strip()) and _ACT.match(lines[0]):
        yield _written(lines[:1])
        lines = lines[1:]
    if lines:
        yield _written(lines)


def _written(lines: list[str]) -> str:
    words = [line.strip() for line in lines]
    if any(line.startswith(("```", "~~~")) for line in words):
        return "\n".join(lines)
    if len(lines) == 1 and _RULE.fullmatch(words[0]):
        return "* * *"
    if any(_MARKED.match(line) for line in words):
        return "\n".join(words) if _indented(lines) else "\n".join(lines)
    if _is_heading(words):
        return f"## {' '.join(words)}"
    return _verse(lines) if _is_verse(lines) else "\n".join(words)


def _are_paragraphs(lines: list[str]) -> bool:
    """Whether there are hardly any blank lines, and the others are not broken by hand."""
    full = [line for line in lines if line.strip()]
    if len(full) < 2 or (len(lines) - len(full)) * 8 > len(full):
        return False
    size = sum(map(len, full))
    return size > 120 * len(full) or 3 * len(_IDEOGRAPH.findall("".join(full))) > size


def _is_heading(words: list[str]) -> bool:
    if len(words) > 2 or sum(map(len, words)) > 90:
        return False
    if words[-1].endswith((",", ";", ":", "!”", '!"')):
        return False
    if _CHAPTER.fullmatch(words[0]) or _ROMAN.fullmatch(words[0]):
        return True
    letters = [char for char in words[0] if char.isalpha()]
    return len(words) == 1 and len(letters) > 3 and all(char.isupper() for char in letters)


def _indented(lines: list[str]) -> bool:
    return all(line.startswith("  ") for line in lines)


def _is_verse(lines: list[str]) -> bool:
    if len(lines) < 2 or max(len(line.strip()) for line in lines) > SHORT:
        return False
    if _indented(lines) or any(line.startswith("  ") for line in lines[1:]):
        return True
    if lines[0].strip().isupper() and lines[0].rstrip().endswith((".", ":")):
        return True  # somebody speaks, in a play
    capital = sum(line.lstrip()[:1].isupper() or not line.lstrip()[:1].isalpha() for line in lines)
    longest = max(len(line) for line in lines[:-1])
    return capital == len(lines) > 2 and longest < 55


def _verse(lines: list[str]) -> str:
    """Lines that stay lines, further in where they were."""
    least = min(len(line) - len(line.lstrip()) for line in lines)
    made = []
    for number, line in enumerate(lines):
        indent = (len(line) - len(line.lstrip()) - least + 1) // 2 if number else 0
        made.append("\u2003" * min(indent, 12) + line.strip())
    return "  \n".join(made)
