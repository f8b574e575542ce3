"""Settings, read once at the edge and handed down: the environment, then a TOML file.

A variable is the setting's name in capitals after ``LIMNER_`` (``LIMNER_MAX_CONCURRENT=2``). The
file is ``$LIMNER_CONFIG`` if that is set, else ``~/.config/limner/config.toml``
(``$XDG_CONFIG_HOME`` counts) if it is there. What the environment says goes before the file;
what a command's options say goes before both.
"""

import os
import tomllib
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from limner.errors import ConfigError


class Settings(BaseSettings):
    """Everything that can be set. Frozen; keys are never shown.

    Example:
        >>> Settings(llm_key="sk-1").llm_key
        SecretStr('**********')
    """

    model_config = SettingsConfigDict(env_prefix="LIMNER_", extra="forbid", frozen=True)

    llm_url: str | None = Field(None, description="Base URL of an OpenAI-compatible server.")
    llm_model: str | None = Field(None, description="The model to ask for.")
    llm_key: SecretStr | None = Field(None, description="The server's key.")
    backend: str = Field("sketch", description="The picture backend: a name, or KIND+URL.")
    backend_options: dict[str, dict[str, str | int | float | bool]] = Field(
        default_factory=dict,
        description="Options by kind of backend: [backend_options.a1111] steps = 25.",
    )
    backend_key: SecretStr | None = Field(None, description="The picture server's key.")
    a1111_key: SecretStr | None = Field(None, description="user:password of an A1111 server.")
    comfyui_key: SecretStr | None = Field(None, description="The key of a ComfyUI server.")
    horde_key: SecretStr | None = Field(None, description="The key of the AI Horde.")
    novelai_key: SecretStr | None = Field(None, description="The token of NovelAI.")
    openai_key: SecretStr | None = Field(None, description="The key of an Images API.")
    pollinations_key: SecretStr | None = Field(None, description="The key of Pollinations.")
    max_concurrent: int = Field(3, ge=1, description="Pictures drawn at the same time.")
    min_interval: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="Seconds between two starts."
    )
    library: str | None = Field(
        None,
        repr=False,  # a database's address may hold a password
        description="Where messages and pictures are kept: a directory, or a database's address.",
    )
    library_pictures: str | None = Field(
        None, description="The directory of the pictures, for a library in a database."
    )
    patterns: tuple[str, ...] | None = Field(
        None, description="Tag patterns in place of the defaults; in the environment, as JSON."
    )

    def key_of(self, kind: str) -> str | None:
        """The key for backends of this kind: its own, else the one for whatever draws.

        Example:
            >>> settings = Settings(backend_key="for all", horde_key="h")
            >>> settings.key_of("horde"), settings.key_of("a1111")
            ('h', 'for all')
        """
        own: object = getattr(self, f"{kind}_key", None)
        key = own if isinstance(own, SecretStr) else self.backend_key
        return key.get_secret_value() if key is not None else None

    def options_of(self, kind: str) -> dict[str, str]:
        """The options for backends of this kind, as text.

        Example:
            >>> Settings(backend_options={"a1111": {"hires": True}}).options_of("a1111")
            {'hires': 'true'}
        """
        options = self.backend_options.get(kind, {})
        return {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in options.items()
        }

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where settings come from, first the one that goes before the others."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=config_file())
        return init_settings, env_settings, file


def config_file() -> Path | None:
    """The settings file that counts, or ``None``.

    Raises:
        limner.errors.ConfigError: ``LIMNER_CONFIG`` names a file that is not there.
    """
    named = os.environ.get("LIMNER_CONFIG")
    if named:
        if not Path(named).is_file():
            raise ConfigError(f"LIMNER_CONFIG names {named!r}, which is not a file")
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    usual = Path(home) / "limner" / "config.toml"
    return usual if usual.is_file() else None


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        limner.errors.ConfigError: The file cannot be read, or a setting is unknown or wrong. The
            message never shows a value, which may be a key.
    """
    file = config_file()
    where = f"the environment or {file}" if file else "the environment"
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigError(f"{_explain(error)} (in {where})") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read the settings in {file}: {error}") from error
    except SettingsError as error:
        raise ConfigError(f"{error} (in {where})") from None


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"there is no setting {name!r}; known: {', '.join(Settings.model_fields)}"
    return f"the setting {name!r} is wrong: {first['msg']}"
