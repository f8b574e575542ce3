"""Who finds places for pictures in a text that asks for none: its own words, or a model."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from limner.composition.text_models import model_servers
from limner.config import Settings
from limner.errors import ConfigError
from limner.illustration import TagWriter
from limner.prompts.scenes import EVERY, MOST


class ScenesMode(StrEnum):
    """Who finds the places."""

    WORDS = "words"
    """The words of the text that `sketch` can draw, scenes and distance: no model, no network."""
    MODEL = "model"
    """A language model, which also writes the prompts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenes:
    """How pictures are found for a text without tags.

    Attributes:
        mode: Who finds the places.
        every: For how many words there is a picture.
        maximum: How many pictures at most.
    """

    mode: ScenesMode
    every: int = EVERY
    maximum: int = MOST


def scene_writer(
    scenes: Scenes,
    settings: Settings,
    tell: Callable[[str], None],
    *,
    answers: Path | None = None,
) -> TagWriter:
    """What puts tags into texts that have none.

    Args:
        scenes: How.
        settings: Say which model.
        tell: Gets a line for the user.
        answers: A folder where the answers of a model are kept; ``None`` keeps none.

    Raises:
        limner.errors.ConfigError: A model is wanted, and none is set.
    """
    if scenes.mode is ScenesMode.WORDS:
        from limner.composition.word_scenes import WordScenes

        return WordScenes(scenes.every, scenes.maximum, tell)
    from limner.composition.model_scenes import ModelScenes

    servers = model_servers(settings)
    if not servers:
        raise ConfigError("--scenes model needs a model: add --llm URL or set LIMNER_LLM_URL")
    return ModelScenes(servers[0], settings, scenes.every, scenes.maximum, tell, answers)


def answers_folder(library: str | None) -> Path | None:
    """Where a library keeps what models answered; a database keeps none of it.

    Examples:
        >>> answers_folder("postgresql://host/name") is None
        True
    """
    return Path(library) / "answers" if library is not None and "://" not in library else None
