"""All that people choose while the server runs, with what is allowed."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, StringConstraints, create_model, model_validator
from pydantic_core import PydanticCustomError

from limner.composition.limits import budget_in_words
from limner.config import ServeSettings, Settings
from limner.config.tables import BudgetSettings
from limner.illustration import PICTURE_TIMEOUT, SETTLE_TIMEOUT, Budget
from limner.illustration.model.image import SIDE_MAXIMUM, SIDE_MINIMUM
from limner.illustration.model.request import SEED_BITS
from limner.prompts import Composed, compose
from limner.server.preferences.style_choice import (
    Allowed,
    CharacterChoice,
    Choice,
    Name,
    RateChoice,
    StyleChoice,
    Words,
)

Side = Annotated[int, Field(ge=SIDE_MINIMUM, le=SIDE_MAXIMUM, description="In pixels.")]
MOST = 200
BUDGET = "budget_"
"""Before the names of a budget's bounds."""

NO_PRESET = "none"
"""The preset by which models are told nothing; what they ask for by themselves is drawn."""

ChatName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Preferences(Choice):
    """The settings that hold now.

    Examples:
        >>> Preferences(width=512, style=["ink"], styles=[{"name": "ink", "prefix": "ink"}]).width
        512
        >>> Preferences(style=["oil"])
        Traceback (most recent call last):
        pydantic_core._pydantic_core.ValidationError: ... there is no style 'oil' ...
    """

    max_concurrent: int = Field(3, ge=1, le=1000, description="Pictures drawn at the same time.")
    min_interval: float = Field(
        0.0, ge=0, le=86400, allow_inf_nan=False, description="Seconds between two starts."
    )
    picture_timeout: float = Field(
        PICTURE_TIMEOUT,
        ge=0,
        allow_inf_nan=False,
        description="Seconds without a sign of a picture after which it fails; 0: it never does.",
    )
    settle_timeout: float = Field(
        SETTLE_TIMEOUT,
        ge=0,
        allow_inf_nan=False,
        description="The same for all of a message, whose other pictures wait then; 0: never.",
    )
    rates: list[RateChoice] = Field([], max_length=8, description="All of them must be kept.")
    budget_per_message: Allowed = Field("", description="What one message may cost.")
    budget_per_hour: Allowed = Field("", description="In any hour, for all users together.")
    budget_per_day: Allowed = Field("", description="In any day, for all users together.")
    budget_per_owner_hour: Allowed = Field("", description="In any hour, for each token.")
    budget_per_owner_day: Allowed = Field("", description="In any day, for each token.")
    budget_per_owner: Allowed = Field("", description="In all, for each token.")
    budget_in_all: Allowed = Field("", description="In all, for all users together.")
    width: Side = 768
    height: Side = 512
    seed: int | None = Field(
        None, ge=0, lt=1 << SEED_BITS, description="Makes pictures repeatable; null: all fresh."
    )
    negative_prompt: Words = Field("", description="What no picture should show.")
    styles: list[StyleChoice] = Field([], max_length=MOST, description="All there are.")
    style: list[Name] = Field([], max_length=20, description="Those joined to every prompt.")
    characters: list[CharacterChoice] = Field([], max_length=MOST)
    default_mode: Literal["replace", "append"] = Field(
        "replace", description="What becomes of the old picture when one is drawn again."
    )
    shown_width: int = Field(
        100, ge=10, le=100, description="How wide pictures are shown, in percent of the text."
    )
    pinned_chats: list[ChatName] = Field(
        [], max_length=MOST, description="Conversations that stand before all others on the page."
    )
    illustrate: bool = Field(
        True,
        description="Whether answers are illustrated; false: models are told nothing, "
        "and what they ask for all the same is not drawn.",
    )
    mode: Literal["inline", "append", "hold", "off"] | None = Field(
        None,
        description="How pictures come into answers for front-ends; "
        "null: inline, where nothing speaks against pictures.",
    )
    prompts: Literal["model", "second"] = Field(
        "model",
        description="Who writes what pictures show: the model itself while it writes, or a second "
        "one when its text has ended.",
    )
    prompts_model: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = Field(
        None, description="The second model; null: the one that is asked for answers."
    )
    prompts_most: int = Field(5, ge=1, le=30, description="Pictures of one text by the second.")
    preset: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        "default", description="The id of the instruction models are told; none: they are not."
    )
    every_words: int = Field(150, ge=1, le=10_000, description="Words between two pictures.")
    depth: int = Field(0, ge=0, le=1000, description="How many messages follow the instruction.")
    model: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = Field(
        None, description="The text model to ask; null: the first server's own."
    )
    system_prompt: Annotated[str, StringConstraints(max_length=100_000)] = ""
    context_messages: int | None = Field(
        None, ge=1, le=100_000, description="How many messages a model sees; null: all."
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for what, names in (
            ("styles", [style.name for style in self.styles]),
            ("characters", [one.name for one in self.characters]),
        ):
            if len({name.casefold() for name in names}) != len(names):
                raise ValueError(f"two of the {what} have the same name")
        known = {style.name.casefold() for style in self.styles}
        for name in self.style:
            if name.casefold() not in known:
                raise ValueError(f"there is no style {name!r} among the styles")
        return self

    def limits(self) -> dict[str, Any]:
        """What a limiter is to keep to, as `limner.scheduling.Limiter` takes it."""
        return {
            "max_concurrent": self.max_concurrent,
            "min_interval": self.min_interval,
            "rates": tuple(rate.rate() for rate in self.rates),
        }

    def budget(self) -> Budget:
        """How much may be drawn at most.

        Examples:
            >>> now = Preferences(budget_per_day="9, 2 USD")
            >>> [(bound.limit, bound.unit) for bound in now.budget().bounds()]
            [(9, 'pictures'), (2, 'USD')]
        """
        bounds = BudgetSettings.model_fields
        return budget_in_words({name: getattr(self, BUDGET + name) for name in bounds})

    def compose(self, prompt: str, attributes: Any, negative_prompt: str, /) -> Composed:
        """What a backend is told: a `limner.illustration.Composer`."""
        chosen = {name.casefold() for name in self.style}
        return compose(
            prompt,
            attributes,
            style=[one.style() for one in self.styles if one.name.casefold() in chosen],
            styles=[one.style() for one in self.styles],
            characters=[one.character() for one in self.characters],
            negative_prompt=negative_prompt,
        )


def _optional() -> dict[str, Any]:
    """Every setting as a field that may be left out, or be null."""
    return {
        name: (
            Annotated[field.annotation, *field.metadata] | None
            if field.metadata
            else field.annotation | None,  # type: ignore[operator]
            Field(None, description=field.description),
        )
        for name, field in Preferences.model_fields.items()
    }


NEEDS_RESTART = "needs_restart"
"""The type of the error about a setting that is none of these, but one of the configuration."""


def _live(choices: Any) -> Any:
    """Say of settings of the configuration that they are not changed here.

    Examples:
        >>> _live({"patterns": []})
        Traceback (most recent call last):
        pydantic_core._pydantic_core.PydanticCustomError: 'patterns' counts from the next start ...
    """
    for name in choices if isinstance(choices, dict) else ():
        first, _, rest = str(name).partition(".")
        table = ServeSettings if first == "serve" and rest else Settings
        told = rest if table is ServeSettings else first
        known = told in table.model_fields and told != "budget"  # whose bounds are chosen singly
        if name not in Preferences.model_fields and (known or name in ServeSettings.model_fields):
            raise PydanticCustomError(
                NEEDS_RESTART,
                "'{name}' counts from the next start on; set it in the settings file or the "
                "environment, and restart limner serve",
                {"name": name},
            )
    return choices


if TYPE_CHECKING:
    PreferencesChange: TypeAlias = Choice
else:
    PreferencesChange = create_model(
        "PreferencesChange",
        __base__=Choice,
        __doc__="Settings to change; what is left out stays, and null brings the default back.",
        __validators__={"live": model_validator(mode="before")(_live)},
        **_optional(),
    )
