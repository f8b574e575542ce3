"""What a file says of its story, as front matter of the Markdown that is made of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a file says of its story.

    Attributes:
        title: What it is called.
        author: Who wrote it; several with commas between them.
        language: A BCP 47 tag.
        cover: The address of its cover among its own pictures.
    """

    title: str | None = None
    author: str | None = None
    language: str | None = None
    cover: str | None = None


def with_front(about: About, text: str) -> str:
    r"""The text below what is said of it.

    Examples:
        >>> with_front(About(title='The "Fox"', author="Ann"), "Once.")
        '---\ntitle: "The \\"Fox\\""\nauthor: "Ann"\n---\n\nOnce.'
    """
    said = {
        "title": about.title,
        "author": about.author,
        "lang": about.language,
        "cover": about.cover,
    }
    lines = [f"{name}: {_quoted(value)}\n" for name, value in said.items() if value]
    return f"---\n{''.join(lines)}---\n\n{text}" if lines else text


def _quoted(value: str) -> str:
    words = " ".join(value.split())[:500].replace("\\", "").replace('"', '\\"')
    return f'"{words}"'
