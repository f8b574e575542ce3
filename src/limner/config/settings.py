"""All settings there are."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from limner.config.tables import RateSettings, ServeSettings, UpstreamSettings
from limner.illustration import PICTURE_TIMEOUT, SETTLE_TIMEOUT


class Settings(BaseSettings):
    """Everything that can be set. Frozen; keys are never shown.

    Example:
        >>> Settings(llm_key="sk-1").llm_key
        SecretStr('**********')
    """

    model_config = SettingsConfigDict(
        env_prefix="LIMNER_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    file: ClassVar[Path | None] = None
    """Where settings are read from; `limner.config.load_settings` says which."""

    llm_url: str | None = Field(None, description="Base URL of an OpenAI-compatible server.")
    llm_model: str | None = Field(None, description="The model to ask for.")
    llm_key: SecretStr | None = Field(None, description="The server's key.")
    upstreams: tuple[UpstreamSettings, ...] = Field(
        (), description="More model servers for `limner serve`: [[upstreams]] url = ..."
    )
    backend: str = Field("sketch", description="The picture backend: a name, or KIND+URL.")
    backends: tuple[str, ...] = Field(
        (), description="Several picture backends, which `limner serve` uses as one."
    )
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
    rates: tuple[RateSettings, ...] = Field(
        (), description="How many pictures may start in how many seconds: all are kept."
    )
    library: str | None = Field(
        None,
        repr=False,  # a database's address may hold a password
        description="Where messages and pictures are kept: a directory, or a database's address.",
    )
    library_pictures: str | None = Field(
        None, description="The directory of the pictures, for a library in a database."
    )
    library_pace: float = Field(
        0.1,
        ge=0,
        le=10,
        allow_inf_nan=False,
        description="Seconds over which text that streams in is gathered for one commit.",
    )
    patterns: tuple[str, ...] | None = Field(
        None, description="Tag patterns in place of the defaults; in the environment, as JSON."
    )

    serve: ServeSettings = Field(ServeSettings(), description="How `limner serve` serves.")

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
        named = getattr(settings_cls, "file", None)
        file = TomlConfigSettingsSource(settings_cls, toml_file=named)
        return init_settings, env_settings, file
