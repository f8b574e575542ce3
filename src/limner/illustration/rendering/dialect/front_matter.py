"""What a text says of itself before it begins: its title, its author, its language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 16 * 1024
"""Characters of front matter that are looked at."""

_BLOCK = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(.*?)(?:\r\n?|\n)(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)", re.S
)
_KEY = re.compile(r"[A-Za-z_][\w. -]{0,60}:(?:\s|\Z)")
_LINE = re.compile(r"^([A-Za-z_][\w. -]{0,60}?)[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.M)
_ITEM = re.compile(r"^[ \t]*-[ \t]+(.+?)[ \t]*\r?$", re.M)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a text says of itself.

    Attributes:
        title: Its title.
        author: Who wrote it; several with commas between them.
        language: A BCP 47 tag.
        date: As it is written.
        cover: The file of its cover.
        end: Behind which character of the text it is over; 0 if there is none.
    """

    title: str | None = None
    author: str | None = None
    language: str | None = None
    date: str | None = None
    cover: str | None = None
    end: int = 0


def front_matter(text: str) -> FrontMatter:
    r"""The front matter of a text, if it begins with some.

    Only lines between two of three hyphens count whose first one names something; a text that
    begins with a rule has none. It is read line by line, as YAML that writers write: nothing in it
    can take time or memory.

    Examples:
        >>> found = front_matter("---\ntitle: 'The Fox'\nauthor:\n  - Ann\n  - Bo\n---\nOnce…")
        >>> found.title, found.author, found.end
        ('The Fox', 'Ann, Bo', 48)
        >>> front_matter("---\n\nOnce…\n\n---\n").end
        0
    """
    block = _BLOCK.match(text[:LONGEST]) if text.startswith(("---", "\ufeff---")) else None
    if block is None or not _KEY.match(block[1].lstrip()):
        return FrontMatter()
    said = _read(block[1])
    language = said.get("lang") or said.get("language") or ""
    return FrontMatter(
        title=said.get("title"),
        author=said.get("author") or said.get("authors") or said.get("by"),
        language=language.replace("_", "-") if _LANGUAGE.fullmatch(language) else None,
        date=said.get("date"),
        cover=said.get("cover") or said.get("cover-image") or said.get("image"),
        end=block.end(),
    )


def without_front_matter(lines: Iterator[str], text: str) -> Iterator[str]:
    """The lines of a text that follow its front matter; a picture asked for in it is not lost."""
    from limner.illustration.rendering.marks import MARK

    if not front_matter(text).end:
        yield from lines
        return
    inside = 0
    for line in lines:
        if inside < 2:
            inside += MARK.sub("", line).strip() in ("---", "\ufeff---", "...") or not inside
            yield from (f"{found[0]}\n\n" for found in MARK.finditer(line))
        else:
            yield line


def _read(block: str) -> dict[str, str]:
    said: dict[str, str] = {}
    found = list(_LINE.finditer(block))
    for at, line in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(block)
        value = _unquoted(line[2])
        if not value or value[0] == "[":
            items = (
                value.strip("[]").split(",") if value else _ITEM.findall(block[line.end() : end])
            )
            value = ", ".join(item for one in items if (item := _unquoted(one)))
        if value:
            said.setdefault(line[1].strip().lower().replace("_", "-"), value[:1000])
    return said


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace('\\"', '"').replace("''", "'").strip()
    return re.sub(r"\s+#.*\Z", "", value)
