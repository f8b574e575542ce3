"""What a command says of how pictures of a story look; kept with it, for what is drawn later."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # heavy: only loaded where something is drawn
    from limner.illustration import FormerPictures, Look, Message
    from limner.prompts import Character, Composed, Style

_LISTED = ("characters", "references", "digests")
_FILE = re.compile(r"(?<=[\s:])@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """A style, and who looks how.

    Attributes:
        style: A preset's name, or words.
        negative: What no picture should show.
        characters: ``"Name, other name: looks @file"`` each.
        references: Files of pictures after which all are drawn.
        digests: What is in the files that are named, as ``"file=digest"``, so that another picture
            in one is noticed.
    """

    style: str | None = None
    negative: str = ""
    characters: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()

    @classmethod
    def read(cls, kept: object) -> "Looks":
        """What a library kept of one; unknown names are left out."""
        if not isinstance(kept, Mapping):
            return cls()
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        listed = {name: tuple(known.get(name) or ()) for name in _LISTED}
        return cls(**{**known, **listed})

    def kept(self) -> dict[str, Any]:
        """As a library keeps it."""
        made = asdict(self)
        return {**made, **{name: list(made[name]) for name in _LISTED}}

    @property
    def pictures(self) -> dict[str, Path]:
        """The files of reference pictures, by the names that prompts know them by."""
        found: dict[str, Path] = {}
        for file in dict.fromkeys((*self.references, *self._files_of_characters())):
            path = Path(file)
            name, number = path.name.replace(",", "_"), 1
            while name in found:
                number += 1
                name = f"{number}-{path.name.replace(',', '_')}"
            found[name] = path
        return found

    def look(self, *, seed: int | None = None, former: "FormerPictures | None" = None) -> "Look":
        """As an illustrator knows it. Tags can name every preset.

        Raises:
            limner.errors.PartError: Words of it would change how the rest of a prompt is read.
        """
        from limner.illustration import Look
        from limner.prompts.composition.style_presets import PRESETS

        return Look(
            style=self._styles(),
            styles=[self._referring(one) for one in PRESETS],
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

    def _told(
        self, prompt: str, attributes: Mapping[str, str]
    ) -> "tuple[Composed, list[str | None]]":
        """What a picture is drawn of, and what is in the reference pictures for it."""
        from limner.prompts import compose
        from limner.prompts.composition.style_presets import PRESETS

        made = compose(
            prompt,
            attributes,
            style=self._styles(),
            styles=[self._referring(one) for one in PRESETS],
            characters=self._characters(),
            negative_prompt=self.negative,
        )
        files, digests = self.pictures, dict(one.rsplit("=", 1) for one in self.digests)
        shown = (files[name] for name in made.references if name in files)
        return made, [digests.get(str(file)) for file in shown]

    def _styles(self) -> "tuple[Style, ...]":
        from limner.prompts import Style
        from limner.prompts.composition.style_presets import style_preset

        if self.style is None:
            return (self._referring(Style(name="own")),) if self.references else ()
        known = style_preset(self.style)
        return (self._referring(known or Style(name="own", prefix=self.style)),)

    def _referring(self, style: "Style") -> "Style":
        """A style with the pictures after which all are drawn."""
        if not self.references:
            return style
        return replace(style, reference=", ".join(self._names(self.references)))

    def _characters(self) -> "tuple[Character, ...]":
        return tuple(
            replace(character(line), reference=", ".join(self._names(files_of(line))))
            for line in self.characters
        )

    def _names(self, files: Iterable[str]) -> list[str]:
        names = {str(path): name for name, path in self.pictures.items()}
        return [names[file] for file in files if file in names]

    def _files_of_characters(self) -> list[str]:
        return [file for line in self.characters for file in files_of(line)]


def files_of(line: str) -> list[str]:
    """The files of pictures that a line about somebody names."""
    return split_files(line)[1:]


def split_files(line: str) -> list[str]:
    """What a line about somebody says in words, and the files of pictures that it names.

    Examples:
        >>> split_files("Ann: red hair @ann.png @old pictures/ann 2.jpg")
        ['Ann: red hair', 'ann.png', 'old pictures/ann 2.jpg']
    """
    words, *files = (part.strip() for part in _FILE.split(line))
    return [words, *filter(None, files)]


def character(line: str) -> "Character":
    """Somebody, from a line of words.

    Examples:
        >>> ann = character("Ann, the captain: red hair, green coat @ann.png")
        >>> ann.name, ann.triggers, ann.prompt
        ('Ann', ('the captain',), 'red hair, green coat')
    """
    from limner.prompts import Character

    names, _, looks = split_files(line)[0].partition(":")
    name, *others = [words for one in names.split(",") if (words := " ".join(one.split()))] or [""]
    return Character(name=name, triggers=tuple(others), prompt=" ".join(looks.split()))
