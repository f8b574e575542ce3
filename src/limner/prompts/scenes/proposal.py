"""A picture that is proposed for a text, and putting all of them into it."""

from collections.abc import Iterable
from dataclasses import dataclass

from limner.prompts.grammar.tag_writing import format_tag


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place for a picture, and what it shows.

    Attributes:
        at: Where in the text: behind so many characters.
        prompt: What to draw.
    """

    at: int
    prompt: str


def insert_proposals(text: str, proposals: Iterable[Proposal]) -> str:
    r"""The text with a tag for each proposal, in a paragraph of its own.

    Nothing else of the text changes; its own line ends are used.

    Examples:
        >>> print(insert_proposals("A fox.\n\nIt ran.", [Proposal(6, "a fox")]))
        A fox.
        <BLANKLINE>
        <!--img-prompt="a fox"-->
        <BLANKLINE>
        It ran.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    made: list[str] = []
    at = 0
    for proposal in sorted(proposals, key=lambda one: one.at):
        made += [text[at : proposal.at], newline * 2, format_tag(proposal.prompt)]
        at = proposal.at
        rest = text[at : at + 4].replace("\r\n", "\n").replace("\r", "\n")
        if rest and not rest.startswith("\n\n") and rest != "\n":
            made.append(newline if rest.startswith("\n") else newline * 2)
    return "".join([*made, text[at:]])
