"""From what a tag asks for to what a picture backend is told: styles and characters joined in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from limner.prompts.composition.character import Character, contains_word, fold
from limner.prompts.composition.prompt_parts import item_key, split_blocks, split_items
from limner.prompts.composition.style import Style, merge_negatives, merge_parts
from limner.prompts.grammar.tag import NO_ATTRIBUTES

NO_STYLE = "none"
"""What a tag's ``style`` attribute says to have no style at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The prompt for a backend, with what was joined to it.

    Attributes:
        prompt: The whole prompt.
        negative_prompt: The whole negative prompt.
        styles: Names of the styles applied, in order.
        characters: Names of the characters added, in order.
        unknown_styles: Styles the tag names that nobody knows.
        unknown_characters: Characters the tag names that nobody knows.
        references: Names of the reference pictures of styles and characters, each once.
    """

    prompt: str
    negative_prompt: str = ""
    styles: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    unknown_styles: tuple[str, ...] = ()
    unknown_characters: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def compose(
    prompt: str,
    attributes: Mapping[str, str] = NO_ATTRIBUTES,
    *,
    style: Style | Sequence[Style] = (),
    styles: Iterable[Style] = (),
    characters: Iterable[Character] = (),
    character_blocks: bool = False,
    negative_prompt: str = "",
) -> Composed:
    """Join styles and characters to a prompt.

    The order is: prefixes of the styles, the prompt, parts of the characters, suffixes of the
    styles; several styles or characters in the order given. A character comes in when the prompt
    as the tag has it holds its name or a trigger, or the ``character`` attribute names it
    (several are separated by commas). Its part goes into the block in which it first occurs, or
    else into the base block, and no block gets an item twice.

    Args:
        prompt: What the tag asks for.
        attributes: The tag's attributes. ``style`` picks styles by name instead of the default
            (``none``: no style); if nobody knows any of them, the default stays.
        style: The default: one style or several.
        styles: Those a tag may name besides.
        characters: Everybody who may occur.
        character_blocks: Give each character a block of its own at the end of a prompt that has
            ``|`` in it already, unless one of its blocks says all of it.
        negative_prompt: What no picture should show; comes first.

    Examples:
        >>> ink = Style(name="ink", prefix="ink drawing", suffix="fine lines", negative="photo")
        >>> mira = Character(name="Mira", prompt="red coat, grey hair")
        >>> made = compose("Mira at the rail, red coat", {"style": "ink"},
        ...                styles=[ink], characters=[mira])
        >>> made.prompt
        'ink drawing, Mira at the rail, red coat, grey hair, fine lines'
        >>> made.negative_prompt, made.styles, made.characters
        ('photo', ('ink',), ('Mira',))
    """
    default = (style,) if isinstance(style, Style) else tuple(style)
    styles, characters = tuple(styles), tuple(characters)
    asked = attributes.get("style") or attributes.get("character")
    if not (default or styles or characters or asked):
        return Composed(prompt=prompt, negative_prompt=negative_prompt.strip())
    chosen, unknown_styles = _styles(attributes.get("style", ""), default, styles)
    present, unknown_characters = _present(prompt, attributes.get("character", ""), characters)
    text = prompt
    for character, block in present:
        text = _with_character(text, character, block, own_block=character_blocks)
    prefix = ", ".join(one.prefix for one in chosen)
    suffix = ", ".join(one.suffix for one in chosen)
    parts = [*(one.negative for one in chosen), *(one.negative for one, _ in present)]
    return Composed(
        prompt=merge_parts(text, before=prefix, after=suffix),
        negative_prompt=merge_negatives([negative_prompt, *parts]),
        styles=tuple(one.name for one in chosen),
        characters=tuple(one.name for one, _ in present),
        unknown_styles=unknown_styles,
        unknown_characters=unknown_characters,
        references=_references((*(one for one, _ in present), *chosen)),
    )


def _references(parts: Iterable[Character | Style]) -> tuple[str, ...]:
    names = (name.strip() for part in parts for name in part.reference.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def _names(attribute: str) -> dict[str, str]:
    """The names in an attribute, by what they are compared by, each once."""
    names: dict[str, str] = {}
    for name in attribute.split(","):
        if key := fold(name):
            names.setdefault(key, name.strip())
    return names


def _styles(
    attribute: str, default: tuple[Style, ...], others: Iterable[Style]
) -> tuple[tuple[Style, ...], tuple[str, ...]]:
    asked = _names(attribute)
    by_name: dict[str, Style] = {}
    for known in (*default, *others):
        by_name.setdefault(fold(known.name), known)
    chosen = tuple(by_name[key] for key in asked if key in by_name)
    unknown = tuple(name for key, name in asked.items() if key not in by_name and key != NO_STYLE)
    if not chosen and (NO_STYLE not in asked or NO_STYLE in by_name):
        chosen = default
    return chosen, unknown


def _present(
    prompt: str, attribute: str, characters: Iterable[Character]
) -> tuple[list[tuple[Character, int]], tuple[str, ...]]:
    """Who is in the picture and in which block, and whom the tag names in vain."""
    asked = _names(attribute)
    blocks = [fold(block) for block in split_blocks(prompt)]
    found: dict[str, tuple[Character, int]] = {}
    known: set[str] = set()
    for character in characters:
        name = fold(character.name)
        words = [name, *map(fold, character.triggers)]
        first = (i for i, block in enumerate(blocks) if any(contains_word(block, w) for w in words))
        named = [word for word in words if word in asked]
        known.update(named)
        where = next(first, 0 if named else None)
        if where is not None:
            found.setdefault(name, (character, where))
    return list(found.values()), tuple(name for key, name in asked.items() if key not in known)


def _with_character(prompt: str, character: Character, block: int, *, own_block: bool) -> str:
    items = split_items(character.prompt)
    if not items:
        return prompt
    blocks = split_blocks(prompt)
    if own_block and len(blocks) > 1:
        wanted = {item_key(item) for item in items}
        if any(wanted <= {item_key(item) for item in split_items(there)} for there in blocks):
            return prompt
        return f"{prompt.rstrip()} | {character.prompt.strip()}"
    joined = merge_parts(blocks[block], after=character.prompt)
    blocks[block] = f" {joined} " if block else f"{joined} "
    return "|".join(blocks).strip()
