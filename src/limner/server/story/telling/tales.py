"""The sentences that tales are joined of."""

import functools
from importlib.resources import files


@functools.cache
def tales(language: str) -> dict[str, list[str]]:
    """The sentences of a language, by which part of a tale they are for."""
    package = files("limner.server.story.telling")
    text = package.joinpath(f"tales_{language}.md").read_text(encoding="utf-8")
    parts: dict[str, list[str]] = {}
    for section in text.split("\n# "):
        name, _, body = section.removeprefix("# ").partition("\n")
        parts[name] = [one.strip() for one in body.split("\n---\n")]
    return parts
