"""What people choose for one conversation, where it differs from what holds for all."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from limner.prompts import Preset
from limner.server.preferences.choices import NO_PRESET, Preferences
from limner.server.preferences.preset_repository import PresetRepository
from limner.server.preferences.style_choice import Choice
from limner.storage import Library

KEEPER = "chat."
"""Before the id of a conversation, the name under which the library keeps its choices."""


class ChatChoices(Choice):
    """What holds in one conversation; ``None``: as everywhere.

    Examples:
        >>> ChatChoices(model="tiny").over(Preferences(model="large", every_words=90)).model
        'tiny'
        >>> ChatChoices().over(Preferences(model="large")).model
        'large'
    """

    system_prompt: Annotated[str, StringConstraints(max_length=100_000)] | None = Field(
        None, description="What models are told before everything else."
    )
    model: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = Field(
        None, description="Who writes."
    )
    preset: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        None, description="The id of the instruction about pictures; none: they are told nothing."
    )
    prompts: Literal["model", "second"] | None = Field(
        None, description="Who writes what pictures show: the model itself, or a second one."
    )
    prompts_model: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = Field(
        None, description="The second model."
    )
    prompts_most: Annotated[int, Field(ge=1, le=30)] | None = Field(
        None, description="Pictures of one text by the second."
    )
    blurred: bool = Field(False, description="Whether pictures are blurred until they are clicked.")

    def over(self, common: Preferences) -> Preferences:
        """What holds in the conversation, given what holds for all."""
        own = self.model_dump(exclude_none=True, exclude={"blurred"})
        return common.model_copy(update=own)

    def settled(self, common: Preferences, presets: Iterable[Preset]) -> Preferences:
        """What holds in the conversation, where an instruction may say who writes the prompts.

        Args:
            common: What holds for all.
            presets: The instructions there are.

        Examples:
            >>> own = Preset(id="own", name="Own", template="x", prompts="second")
            >>> ChatChoices(preset="own").settled(Preferences(), [own]).prompts
            'second'
            >>> ChatChoices(preset="own", prompts="model").settled(Preferences(), [own]).prompts
            'model'
        """
        now = self.over(common)
        if self.prompts is not None or now.preset == NO_PRESET:
            return now
        said = next((one.prompts for one in presets if one.id == now.preset), None)
        return now if said is None else now.model_copy(update={"prompts": said})


class ChatPreferences:
    """Keeps what was chosen for conversations in a library.

    Args:
        library: Where it is kept.
        common: Gives what holds for all.
        presets: The instructions there are.

    Attributes:
        tuned: The conversations for which something was chosen, as far as that was read.
    """

    def __init__(
        self, library: Library, common: Callable[[], Preferences], presets: PresetRepository
    ) -> None:
        self._library = library
        self._common = common
        self._presets = presets
        self.tuned: set[str] = set()

    async def load(self) -> None:
        """Read for which conversations something was chosen.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        kept = await self._library.settings()
        self.tuned = {
            name.removeprefix(KEEPER) for name in kept if name.startswith(KEEPER)
        }  # fmt: skip

    async def of(self, chat_id: str) -> ChatChoices:
        """What was chosen for a conversation; what makes no sense any more was not.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        kept = await self._library.setting(KEEPER + chat_id, {})
        try:
            return ChatChoices.model_validate(kept)
        except ValidationError:
            return ChatChoices()

    async def now(self, chat_id: str) -> Preferences:
        """What holds in a conversation.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        return (await self.of(chat_id)).settled(self._common(), await self._presets.book())

    async def change(self, chat_id: str, choices: Mapping[str, Any]) -> ChatChoices:
        """Choose for a conversation; ``None`` brings back what holds for all.

        Raises:
            pydantic.ValidationError: A choice is unknown or not allowed.
            limner.errors.StorageError: It cannot be kept; then nothing has changed.
        """
        old = (await self.of(chat_id)).model_dump()
        merged = {**old, **choices}
        chosen = ChatChoices.model_validate(
            {name: value for name, value in merged.items() if value is not None}
        )
        await self._keep(chat_id, chosen)
        return chosen

    async def copy(self, chat_id: str, to: str) -> None:
        """Let a branch begin as its conversation is."""
        chosen = await self.of(chat_id)
        if chosen != ChatChoices():
            await self._keep(to, chosen)

    async def _keep(self, chat_id: str, chosen: ChatChoices) -> None:
        kept = chosen.model_dump(exclude_defaults=True)
        await self._library.set_setting(KEEPER + chat_id, kept)
        self.tuned.add(chat_id)
