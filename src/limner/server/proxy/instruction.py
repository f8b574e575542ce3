"""What a model is told about pictures."""

from dataclasses import dataclass, field

from limner.prompts import BUILT_IN, Preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What models are told about pictures, and where in a conversation it stands.

    Attributes:
        preset: The instruction; ``None``: nothing is told.
        every_words: About how many words are to lie between two pictures.
        depth: How many messages follow the instruction.
        tag_example: A tag that the proxy's patterns find, to be shown to the model.
        text: All of it in words; ``""``: nothing is told.

    Examples:
        >>> Instruction(preset=None).text
        ''
        >>> "every 90 words" in Instruction(every_words=90).text
        True
    """

    preset: Preset | None = BUILT_IN[0]
    every_words: int = 150
    depth: int = 0
    tag_example: str | None = None
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = "" if self.preset is None else self.preset.instruction(
            every_words=self.every_words, tag_example=self.tag_example
        )  # fmt: skip
        object.__setattr__(self, "text", text)
