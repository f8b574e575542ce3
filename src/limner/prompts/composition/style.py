"""Styles: words that are joined to every prompt when it is drawn, and never stored with it."""

from collections.abc import Iterable
from dataclasses import dataclass

from limner.errors import PartError
from limner.prompts.composition.prompt_parts import is_whole, join_items, split_blocks, split_items


@dataclass(frozen=True, slots=True)
class Style:
    """A look for pictures.

    Attributes:
        name: What a tag's ``style`` attribute calls it; upper and lower case are the same.
        prefix: Items put before the prompt, separated by commas.
        suffix: Items put behind it.
        negative: What pictures in this style should not show.
        reference: Names of pictures in this style, for servers that can look at one.

    Raises:
        PartError: The name is blank or holds a comma, or a part has a bracket without a partner
            or a ``|`` outside of brackets.

    Examples:
        >>> ink = Style(name="ink", prefix="ink drawing", suffix="white paper")
        >>> ink.apply("a fox, white paper | 1girl")
        'ink drawing, a fox, white paper | 1girl'
    """

    name: str
    prefix: str = ""
    suffix: str = ""
    negative: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "style")
        for part in (self.prefix, self.suffix, self.negative):
            check_part(part, self.name)

    def apply(self, prompt: str) -> str:
        """The prompt in this style; see `merge_parts`."""
        return merge_parts(prompt, before=self.prefix, after=self.suffix)


def merge_parts(prompt: str, *, before: str = "", after: str = "") -> str:
    r"""Join items to the base block of a prompt.

    Items are told apart at commas outside of brackets
    (`limner.prompts.composition.prompt_parts`). Of items
    that differ in nothing but case and blanks only the first stays; other blocks are neither
    changed nor looked at. With nothing to join, the prompt stays as it is. Doing it twice gives
    the same as doing it once.

    Args:
        prompt: The prompt, of any form.
        before: Items for its beginning; brackets in it have partners.
        after: Items for the end of its base block; likewise.

    Examples:
        >>> merge_parts("Blue Eyes, fox | blue eyes", before="blue eyes", after="(snow, mist:1.2)")
        'blue eyes, fox, (snow, mist:1.2) | blue eyes'
    """
    first, last = split_items(before), split_items(after)
    if not first and not last:
        return prompt
    base, *blocks = split_blocks(prompt)
    merged = join_items([*first, *split_items(base), *last])
    return f"{merged} |{'|'.join(blocks)}" if blocks else merged


def merge_negatives(negatives: Iterable[str]) -> str:
    """The items of several negative prompts, each once.

    >>> merge_negatives(["text, blurry", "", "Blurry, extra fingers"])
    'text, blurry, extra fingers'
    """
    given = [negative for negative in negatives if negative.strip()]
    if len(given) == 1:
        return given[0].strip()
    return join_items(item for negative in given for item in split_items(negative))


def check_name(name: str, kind: str) -> None:
    """Refuse a name that a tag's attribute could not call.

    Raises:
        PartError: It is blank or holds a comma.
    """
    if not name.strip() or "," in name:
        raise PartError(
            f"a {kind}'s name must not be blank and must not hold a comma: {name!r}",
            owner=name,
            part=name,
        )


def check_part(part: str, owner: str) -> None:
    r"""Refuse a part that would change how the rest of a prompt is read.

    Raises:
        PartError: It has a bracket without a partner, a ``|`` outside of brackets, or a backslash
            at its end.
    """
    if not is_whole(part):
        raise PartError(
            f"in {part!r} of {owner!r} a bracket or weight has no partner, a | stands outside of"
            " brackets, or a backslash ends it; put a backslash before a sign meant as it is",
            owner=owner,
            part=part,
        )
