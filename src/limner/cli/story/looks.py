"""What a command says of how pictures of a story look; kept with it, for what is drawn later."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # heavy: only loaded where something is drawn
    from limner.illustration import FormerPictures, Look, Message
    from limner.prompts import Character, Composed, Style


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """A style, and who looks how.

    Attributes:
        style: A preset's name, or words.
        negative: What no picture should show.
        characters: ``"Name, other name: looks"`` each.
    """

    style: str | None = None
    negative: str = ""
    characters: tuple[str, ...] = ()

    @classmethod
    def read(cls, kept: object) -> "Looks":
        """What a library kept of one; unknown names are left out."""
        if not isinstance(kept, Mapping):
            return cls()
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        return cls(**{**known, "characters": tuple(known.get("characters") or ())})

    def kept(self) -> dict[str, Any]:
        """As a library keeps it."""
        return {**asdict(self), "characters": list(self.characters)}

    def look(self, *, seed: int | None = None, former: "FormerPictures | None" = None) -> "Look":
        """As an illustrator knows it. Tags can name every preset.

        Raises:
            limner.errors.PartError: Words of it would change how the rest of a prompt is read.
        """
        from limner.illustration import Look
        from limner.prompts.composition.style_presets import PRESETS

        return Look(
            style=self._styles(),
            styles=PRESETS,
            characters=self._characters(),
            negative_prompt=self.negative,
            seed=seed,
            former=former,
        )

    def changed(self, before: "Looks", message: "Message") -> Collection[int]:
        """The ordinals of those pictures that are told to draw something else than before."""
        if self == before:
            return ()
        return [
            slot.id.ordinal
            for slot in message.slots
            if self._told(slot.prompt, slot.tag.attributes)
            != before._told(slot.prompt, slot.tag.attributes)
        ]

    def _told(self, prompt: str, attributes: Mapping[str, str]) -> "Composed":
        from limner.prompts import compose
        from limner.prompts.composition.style_presets import PRESETS

        return compose(
            prompt,
            attributes,
            style=self._styles(),
            styles=PRESETS,
            characters=self._characters(),
            negative_prompt=self.negative,
        )

    def _styles(self) -> "tuple[Style, ...]":
        from limner.prompts import Style
        from limner.prompts.composition.style_presets import style_preset

        if self.style is None:
            return ()
        return (style_preset(self.style) or Style(name="own", prefix=self.style),)

    def _characters(self) -> "tuple[Character, ...]":
        return tuple(map(character, self.characters))


def character(line: str) -> "Character":
    """Somebody, from a line of words.

    Example:
        >>> ann = character("Ann, the captain: red hair, green coat")
        >>> ann.name, ann.triggers, ann.prompt
        ('Ann', ('the captain',), 'red hair, green coat')
    """
    from limner.prompts import Character

    names, _, looks = line.partition(":")
    name, *others = [words for one in names.split(",") if (words := " ".join(one.split()))] or [""]
    return Character(name=name, triggers=tuple(others), prompt=" ".join(looks.split()))
