"""Several texts as one book."""

from collections.abc import Sequence

from limner.illustration import Message
from limner.illustration.rendering import front_matter, heading


def as_one(texts: Sequence[str]) -> str:
    r"""The texts one after the other, under what the first says of itself.

    Of the others a title that the front matter names becomes a heading, if there is none.

    Examples:
        >>> as_one(["---\nauthor: Ann\n---\n\n# One\n\nA.\n", "---\ntitle: Two\n---\n\nB.\n"])
        '---\nauthor: Ann\n---\n\n# One\n\nA.\n\n# Two\n\nB.\n'
    """
    made = [texts[0].rstrip("\r\n")]
    for text in texts[1:]:
        said = front_matter(text)
        rest = text[said.end :].strip("\r\n")
        if said.title and heading(Message(id="part", text=rest)) is None:
            made.append(f"# {said.title}")
        made.append(rest)
    return "\n\n".join(part for part in made if part) + "\n"
