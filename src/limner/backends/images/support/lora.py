"""A LoRA as people write it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """A LoRA as it is asked for: ``name`` or ``name:weight``.

    Examples:
        >>> Lora.parse("ink:0.7"), Lora.parse("paper")
        (Lora(name='ink', weight=0.7), Lora(name='paper', weight=1.0))
    """

    name: str
    weight: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "Lora":
        """From what stands in the options; a weight that is none belongs to the name."""
        name, colon, weight = text.rpartition(":")
        try:
            return cls(name=name, weight=float(weight)) if colon else cls(name=text)
        except ValueError:
            return cls(name=text)
