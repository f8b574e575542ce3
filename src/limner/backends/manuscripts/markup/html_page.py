"""A page of HTML as Markdown."""

import re

from bs4 import BeautifulSoup

from limner.backends.manuscripts.encoding import guess
from limner.backends.manuscripts.front import About, with_front
from limner.backends.manuscripts.gutenberg import unwrapped
from limner.backends.manuscripts.markup.converter import markdown_of, parsed, soup_of
from limner.backends.manuscripts.markup.link_places import LinkPlaces

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_GUTENBERG = re.compile(
    r"\AThe Project Gutenberg e-?(?:book|text) of (.+?)(?:, by ([^,]+))?\.?\Z", re.IGNORECASE
)
_LOCAL = re.compile(r"(?!data:)(?!//)(?!/)[^:]*\Z|https?://", re.IGNORECASE)


def html_page(data: bytes, encoding: str | None = None) -> str:
    r"""The story of a page, with what the page says of it as front matter.

    Args:
        data: The page.
        encoding: What its characters are coded in; ``None``: as it says itself, or guessed.

    Examples:
        >>> html_page(b"<title>The Fox</title><p>Once &amp; <i>again</i>.</p>")
        '---\ntitle: "The Fox"\n---\n\nOnce \\& *again*.\n'
    """
    return story_of(decoded(data, encoding))


def story_of(html: str) -> str:
    """The story of a page that is text already."""
    about = _about(soup_of(html))
    soup = parsed(html)
    places = LinkPlaces()
    places.learn(soup)
    places.link(soup)
    return with_front(about, unwrapped(markdown_of(soup, picture_address))[1])


def decoded(data: bytes, encoding: str | None = None) -> str:
    """A page's characters."""
    if encoding is None:
        named = _CHARSET.search(data, 0, 4096)
        encoding = named[1].decode("ascii", "replace") if named else None
    for candidate in (encoding, guess(data), "utf-8-sig"):
        try:
            if candidate is not None:
                return data.decode(candidate)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("utf-8", "replace")


def picture_address(source: str) -> str | None:
    """The address of a picture beside the page, or on the web."""
    source = source.strip()
    if not source or not _LOCAL.match(source):
        return None
    return re.sub(r"[\s()<>\\]", lambda found: f"%{ord(found[0]):02X}", source)


def _about(soup: BeautifulSoup) -> About:
    title = " ".join(soup.title.get_text(" ").split()) if soup.title is not None else ""
    gutenberg = _GUTENBERG.match(title)  # whose other sign of the author has the last name first
    author = soup.find("meta", attrs={"name": re.compile(r"^(?:dc\.creator|author)$", re.I)})
    html = soup.find("html")
    language = str(html.get("lang") or html.get("xml:lang") or "") if html is not None else ""
    named = " ".join(str(author.get("content") or "").split()) if author else ""
    return About(
        title=(gutenberg[1] if gutenberg else title) or None,
        author=(gutenberg and gutenberg[2]) or named or None,
        language=language if _LANGUAGE.fullmatch(language) else None,
    )
