"""Presets: the instructions one can choose from, by which a model asks for pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from limner.errors import PresetError
from limner.prompts.grammar.scanner import find_prompts
from limner.prompts.presets.meta_prompt import (
    CHARACTER_BLOCKS_TEMPLATE,
    EVERY_WORDS,
    GENERAL_TEMPLATE,
    TAG_EXAMPLE,
    fill,
)

LONGEST_NAME = 100
"""Characters a preset's name or id may have."""
LONGEST_TEMPLATE = 20_000
"""Characters a preset's template may have."""
Writer: TypeAlias = Literal["model", "second"]
"""Who writes prompts: the model of the text while it writes, or a second one afterwards."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One instruction for a model.

    Attributes:
        id: What it is called by programs; never changes.
        name: What it is called by people.
        template: The instruction, with the placeholders ``{tag_example}`` and ``{every_words}``.
        built_in: Whether it is limner's own and cannot be changed.
        tag_example: The tag shown to the model unless told otherwise.
        prompts: Who writes prompts where this preset is chosen; ``None``: as is usual. A second
            model is told nothing of the template.

    Raises:
        PresetError: The id, name or template is blank or too long, or nobody writes prompts.

    Examples:
        >>> template = "Every {every_words} words: {tag_example}"
        >>> preset = Preset(id="brief", name="Brief", template=template)
        >>> preset.instruction(every_words=300)
        'Every 300 words: <!--img-prompt="WHAT IS SEEN"-->'
    """

    id: str
    name: str
    template: str
    built_in: bool = False
    tag_example: str = TAG_EXAMPLE
    prompts: Writer | None = None

    def __post_init__(self) -> None:
        if self.prompts not in (None, "model", "second"):
            raise PresetError(f"prompts are written by model or second, not {self.prompts!r}")
        named = ("id", self.id, LONGEST_NAME), ("name", self.name, LONGEST_NAME)
        for what, text, longest in (*named, ("template", self.template, LONGEST_TEMPLATE)):
            if not text.strip():
                raise PresetError(f"a preset's {what} must not be blank", name=self.name)
            if len(text) > longest:
                raise PresetError(
                    f"the {what} of the preset {self.name[:LONGEST_NAME]!r} has {len(text)}"
                    f" characters; {longest} are allowed",
                    name=self.name,
                )

    def instruction(self, *, every_words: int = EVERY_WORDS, tag_example: str | None = None) -> str:
        """The instruction for the model, with its placeholders filled in.

        Args:
            every_words: About how many words lie between two pictures; at least 1.
            tag_example: A tag in the form the model is to use, if it is not the default form.

        Raises:
            TypeError: `every_words` is not a whole number.
            ValueError: It is less than 1.
        """
        example = self.tag_example if tag_example is None else tag_example
        return fill(self.template, every_words=every_words, tag_example=example)

    def shows_a_tag(
        self, *, patterns: Iterable[str] | None = None, tag_example: str | None = None
    ) -> bool:
        r"""Whether the patterns find a tag in the instruction; if not, no picture will come.

        Args:
            patterns: As for `find_prompts`.
            tag_example: As for `instruction`.

        Examples:
            >>> BUILT_IN[0].shows_a_tag(), BUILT_IN[0].shows_a_tag(patterns=[r"\[img:(.*?)\]"])
            (True, False)
        """
        return bool(find_prompts(self.instruction(tag_example=tag_example), patterns))


BUILT_IN = (
    Preset(id="default", name="General", template=GENERAL_TEMPLATE, built_in=True),
    Preset(
        id="character-blocks",
        name="NovelAI 4.5 (base | characters)",
        template=CHARACTER_BLOCKS_TEMPLATE,
        built_in=True,
        tag_example='<!--img-prompt="BASE | PERSON | PERSON"-->',
    ),
)
"""limner's own presets; the first is the default."""

DEFAULT = BUILT_IN[0]
"""What is used when no other preset is chosen, or the chosen one is gone."""
