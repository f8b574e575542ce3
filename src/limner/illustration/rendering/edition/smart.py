"""Curly quotes and dashes for straight ones, as a language writes them."""

from markdown_it import MarkdownIt

_QUOTES = {
    "de": "„“‚‘",
    "fr": ["«\u202f", "\u202f»", "“", "”"],
    "es": "«»“”",
    "it": "«»“”",
    "pt": "«»“”",
    "nl": "“”‘’",
    "sv": "””’’",
}
ENGLISH = "“”‘’"


def use_smart(markdown: MarkdownIt, language: str | None) -> None:
    """Have a parser write quotes, dashes and ellipses as a language does.

    Args:
        markdown: The parser.
        language: A BCP 47 tag; ``None`` writes as English does.
    """
    spoken = (language or "en").split("-")[0].lower()
    markdown.options["typographer"] = True
    markdown.options["quotes"] = _QUOTES.get(spoken, ENGLISH)
    markdown.enable(["replacements", "smartquotes"])
