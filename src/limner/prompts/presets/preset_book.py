"""All presets there are, and which one is chosen; every change gives a new book."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from limner.errors import PresetError
from limner.prompts.presets.preset import BUILT_IN, DEFAULT, LONGEST_NAME, Preset, Writer

MOST_PRESETS = 200
"""Presets of one's own that a book may hold."""


def name_key(name: str) -> str:
    """What two names have in common that are the same: case and blanks do not count."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True, slots=True)
class PresetBook:
    """limner's own presets and those people have made.

    A book never changes; each change gives another book, and one that is refused gives none.

    Attributes:
        custom: The presets people have made, in the order they were made.
        chosen_id: The preset to use. If there is none with this id, the default is used.

    Raises:
        PresetError: Two presets have the same id or name, one takes that of a built-in preset or
            calls itself built in, or there are too many.

    Examples:
        >>> book = PresetBook().add("My way", "Ask for pictures: {tag_example}")
        >>> book.chosen.name, book.find("my WAY").id
        ('My way', 'my-way')
        >>> book.delete("my-way").chosen.name
        'General'
    """

    custom: tuple[Preset, ...] = ()
    chosen_id: str = DEFAULT.id

    def __post_init__(self) -> None:
        object.__setattr__(self, "custom", tuple(self.custom))
        if len(self.custom) > MOST_PRESETS:
            raise PresetError(f"there can be at most {MOST_PRESETS} presets of your own")
        ids = {preset.id for preset in BUILT_IN}
        names = {name_key(preset.name) for preset in BUILT_IN}
        for preset in self.custom:
            if preset.built_in or name_key(preset.name) in names or preset.id in ids:
                raise PresetError(
                    f"there is a preset {preset.name!r} (id {preset.id!r}) already, or it is one"
                    " of the built-in presets",
                    name=preset.name,
                )
            ids.add(preset.id)
            names.add(name_key(preset.name))

    def __iter__(self) -> Iterator[Preset]:
        """All presets, the built-in ones first."""
        return iter((*BUILT_IN, *self.custom))

    def __len__(self) -> int:
        return len(BUILT_IN) + len(self.custom)

    @property
    def chosen(self) -> Preset:
        """The preset to use."""
        return self.get(self.chosen_id)

    def get(self, id: str) -> Preset:  # noqa: A002 - the field's own name
        """The preset with this id; the default if there is none."""
        return next((preset for preset in self if preset.id == id), DEFAULT)

    def find(self, name: str) -> Preset | None:
        """The preset with this name, in any case; ``None`` if there is none."""
        return next((preset for preset in self if name_key(preset.name) == name_key(name)), None)

    def choose(self, id: str) -> "PresetBook":  # noqa: A002 - the field's own name
        """The book with this preset chosen; an unknown id chooses the default."""
        return replace(self, chosen_id=self.get(id).id)

    def add(
        self,
        name: str,
        template: str,
        *,
        overwrite: bool = False,
        prompts: Writer | None = None,
    ) -> "PresetBook":
        """The book with a new preset, which is chosen; its id is made from its name.

        Args:
            name: What people call it.
            template: The instruction.
            overwrite: Whether a preset of one's own with that name is replaced; it keeps its id.
            prompts: Who writes prompts where it is chosen.

        Raises:
            PresetError: The name is a built-in preset's, or taken and `overwrite` was not said;
                or the name or template is blank or too long; or there are too many.
        """
        name = name.strip()
        taken = self.find(name)
        if taken is None:
            made = Preset(
                id=self._new_id(name), name=name, template=template, prompts=prompts
            )  # fmt: skip
            return PresetBook((*self.custom, made), made.id)
        self._refuse_built_in(taken, "overwritten")
        if not overwrite:
            raise PresetError(
                f"there is a preset {taken.name!r} already; say overwrite=True to replace it",
                name=taken.name,
            )
        made = replace(taken, name=name, template=template, prompts=prompts)
        return self._with(made).choose(taken.id)

    def replace(self, id: str, template: str) -> "PresetBook":  # noqa: A002 - the field's own name
        """The book with another template in one of one's own presets.

        Raises:
            PresetError: There is none with this id, it is built in, or the template is blank or
                too long.
        """
        return self._with(replace(self._own(id, "changed"), template=template))

    def written_by(self, id: str, prompts: Writer | None) -> "PresetBook":  # noqa: A002 - the field's own name
        """The book with another one who writes prompts where this preset is chosen.

        Raises:
            PresetError: There is none with this id, or it is built in.
        """
        return self._with(replace(self._own(id, "changed"), prompts=prompts))

    def rename(self, id: str, name: str) -> "PresetBook":  # noqa: A002 - the field's own name
        """The book with another name for one of one's own presets; its id stays.

        Raises:
            PresetError: There is none with this id, it is built in, or the name is taken, blank
                or too long.
        """
        return self._with(replace(self._own(id, "renamed"), name=name.strip()))

    def delete(self, id: str) -> "PresetBook":  # noqa: A002 - the field's own name
        """The book without one of one's own presets; if it was chosen, the default now is.

        Raises:
            PresetError: There is none with this id, or it is built in.
        """
        gone = self._own(id, "deleted")
        chosen = DEFAULT.id if self.chosen_id == id else self.chosen_id
        return PresetBook(tuple(one for one in self.custom if one is not gone), chosen)

    def _own(self, id: str, done: str) -> Preset:  # noqa: A002 - the field's own name
        preset = next((preset for preset in self if preset.id == id), None)
        if preset is None:
            raise PresetError(f"there is no preset with the id {id!r}; nothing was {done}")
        self._refuse_built_in(preset, done)
        return preset

    def _refuse_built_in(self, preset: Preset, done: str) -> None:
        if preset.built_in:
            raise PresetError(
                f"{preset.name!r} is built in and cannot be {done}; save it under another name",
                name=preset.name,
            )

    def _with(self, changed: Preset) -> "PresetBook":
        kept = tuple(changed if one.id == changed.id else one for one in self.custom)
        return replace(self, custom=kept)

    def _new_id(self, name: str) -> str:
        """An id made from the name that no preset has."""
        words = "".join(char if char.isalnum() else " " for char in name.casefold()).split()
        slug = "-".join(words)[: LONGEST_NAME - 10] or "preset"
        taken = {preset.id for preset in self}
        number, made = 1, slug
        while made in taken:
            number += 1
            made = f"{slug}-{number}"
        return made
