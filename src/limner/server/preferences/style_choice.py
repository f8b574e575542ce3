"""What people's choices consist of: rates, amounts, styles, characters."""

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from limner.illustration import allowances
from limner.prompts import Character, Style
from limner.scheduling import Rate

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Words = Annotated[str, StringConstraints(max_length=4000)]
Pictures = Annotated[
    str,
    StringConstraints(max_length=500),
    Field(description="Names of reference pictures, with commas."),
]


def _allowed(text: str) -> str:
    allowances(text or None)
    return text


Allowed = Annotated[str, StringConstraints(max_length=200), AfterValidator(_allowed)]
"""What may be drawn at most, such as ``20``, ``2.50 USD`` or both with a comma; ``""``: all."""


class Choice(BaseModel):
    """Something people choose: checked strictly, and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RateChoice(Choice):
    """So many pictures begun in any stretch of so many seconds."""

    limit: int = Field(ge=1, le=1_000_000)
    per: float = Field(gt=0, le=31 * 86400, allow_inf_nan=False, description="Seconds.")

    def rate(self) -> Rate:
        """The rate for a limiter."""
        return Rate(self.limit, per=self.per)


class StyleChoice(Choice):
    """A look for pictures; see docs/prompts.md."""

    name: Name
    prefix: Words = ""
    suffix: Words = ""
    negative: Words = ""
    reference: Pictures = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        self.style()
        return self

    def style(self) -> Style:
        """The style for `limner.prompts.compose`.

        Raises:
            limner.errors.PartError: A part cannot be joined to prompts.
        """
        return Style(self.name, self.prefix, self.suffix, self.negative, reference=self.reference)


class CharacterChoice(Choice):
    """What somebody always looks like."""

    name: Name
    triggers: list[Name] = Field(default=[], max_length=50)
    prompt: Words = ""
    negative: Words = ""
    reference: Pictures = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        self.character()
        return self

    def character(self) -> Character:
        """The style for `limner.prompts.compose`.

        Raises:
            limner.errors.PartError: A part cannot be joined to prompts.
        """
        return Character(
            self.name, tuple(self.triggers), self.prompt, self.negative, reference=self.reference
        )
