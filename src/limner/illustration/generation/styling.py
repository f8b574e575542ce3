"""Styles and characters, as something that makes of a prompt what the backend is told."""

from collections.abc import Mapping, Sequence

from limner.illustration.model.request import Composer
from limner.prompts import Character, Composed, Style, compose


def styling(
    style: Style | Sequence[Style], styles: Sequence[Style], characters: Sequence[Character]
) -> Composer | None:
    """What joins these to prompts; nothing if there are none.

    Args:
        style: Joined to every prompt whose tag names no other.
        styles: Those that a tag may name.
        characters: Everybody who may occur.

    Examples:
        >>> composer = styling(Style(name="ink", prefix="ink drawing"), (), ())
        >>> composer("a fox", {}, "text").prompt
        'ink drawing, a fox'
        >>> styling((), (), ()) is None
        True
    """
    if not style and not styles and not characters:
        return None

    def composer(prompt: str, attributes: Mapping[str, str], negative_prompt: str, /) -> Composed:
        return compose(
            prompt,
            attributes,
            style=style,
            styles=styles,
            characters=characters,
            negative_prompt=negative_prompt,
        )

    return composer
