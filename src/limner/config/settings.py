"""All settings there are."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from limner.config.tables import (
    KeepSettings,
    PriceText,
    RateSettings,
    ServeSettings,
    TracingSettings,
    UpstreamSettings,
    WorkSettings,
)
from limner.config.used_by import (
    DRAWING,
    KEEPING,
    LOOKING,
    SERVING,
    WORKING,
    WRITING,
    UsedBy,
)
from limner.illustration import AWAY_TIMEOUT, PICTURE_TIMEOUT, SETTLE_TIMEOUT, BackendAddress, Price


class Settings(BaseSettings):
    """Everything that can be set. Frozen; keys are never shown.

    Examples:
        >>> Settings(llm_key="sk-1").llm_key
        SecretStr('**********')
    """

    model_config = SettingsConfigDict(
        env_prefix="LIMNER_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    llm_url: Annotated[str | None, WRITING] = Field(
        None, description="Base URL of an OpenAI-compatible server."
    )
    llm_model: Annotated[str | None, UsedBy.of("illustrate", "serve", "mcp", "doctor")] = Field(
        None, min_length=1, max_length=300, description="The model to ask for."
    )
    llm_key: Annotated[SecretStr | None, WRITING] = Field(None, description="The server's key.")
    upstreams: Annotated[tuple[UpstreamSettings, ...], WRITING] = Field(
        (),
        description="More model servers; `limner illustrate` asks one: [[upstreams]] url = ...",
    )
    backend: Annotated[str, LOOKING] = Field(
        "sketch", description="The picture backend: a name, or KIND+URL."
    )
    backends: Annotated[tuple[str, ...], LOOKING] = Field(
        (), description="Several picture backends, which draw as one."
    )
    backend_options: Annotated[dict[str, dict[str, str | int | float | bool]], LOOKING] = Field(
        default_factory=dict,
        description="Options by kind of backend: [backend_options.a1111] steps = 25.",
    )
    backend_key: Annotated[SecretStr | None, LOOKING] = Field(
        None, description="The picture server's key."
    )
    a1111_key: Annotated[SecretStr | None, LOOKING] = Field(
        None, description="user:password of an A1111 server."
    )
    chat_image_key: Annotated[SecretStr | None, LOOKING] = Field(
        None, description="The key of a gateway whose chats hold pictures, such as OpenRouter."
    )
    comfyui_key: Annotated[SecretStr | None, LOOKING] = Field(
        None, description="The key of a ComfyUI server."
    )
    horde_key: Annotated[SecretStr | None, LOOKING] = Field(
        None, description="The key of the AI Horde."
    )
    http_key: Annotated[SecretStr | None, LOOKING] = Field(
        None, description="The key of a picture service by description."
    )
    novelai_key: Annotated[SecretStr | None, LOOKING] = Field(
        None, description="The token of NovelAI."
    )
    openai_key: Annotated[SecretStr | None, LOOKING] = Field(
        None, description="The key of an Images API."
    )
    pollinations_key: Annotated[SecretStr | None, LOOKING] = Field(
        None, description="The key of Pollinations."
    )
    prices: Annotated[dict[str, PriceText], DRAWING] = Field(
        default_factory=dict,
        description="What a picture costs, by kind of backend or by its address, where its "
        'server does not tell: [prices] openai = "0.04 USD", comfyui = "0.0003 USD/s".',
    )
    max_concurrent: Annotated[int, DRAWING] = Field(
        3, ge=1, le=1000, description="Pictures drawn at the same time."
    )
    min_interval: Annotated[float, DRAWING] = Field(
        0.0, ge=0, le=86400, allow_inf_nan=False, description="Seconds between two starts."
    )
    picture_timeout: Annotated[float, UsedBy.of(*DRAWING.commands, "doctor")] = Field(
        PICTURE_TIMEOUT,
        ge=0,
        allow_inf_nan=False,
        description="Seconds without a sign of a picture after which it fails; 0: it never does.",
    )
    settle_timeout: Annotated[float, DRAWING] = Field(
        SETTLE_TIMEOUT,
        ge=0,
        allow_inf_nan=False,
        description="The same for all pictures of a message; the rest wait then; 0: never.",
    )
    away_timeout: Annotated[float, DRAWING] = Field(
        AWAY_TIMEOUT,
        ge=0,
        allow_inf_nan=False,
        description="Seconds for which a server that answered and is gone is asked for; 0: ever.",
    )
    rates: Annotated[tuple[RateSettings, ...], DRAWING] = Field(
        (),
        max_length=8,
        description="How many pictures may start in how many seconds: all are kept.",
    )
    shared_limits: Annotated[SecretStr | None, DRAWING] = Field(
        None,
        description="A Valkey server where these limits are kept together with other processes, "
        "such as valkey://host:6379/0; servers of one library also tell their events there.",
    )
    library: Annotated[str | None, KEEPING] = Field(
        None,
        repr=False,  # a database's address may hold a password
        description="Where messages and pictures are kept: a directory, or a database's address.",
    )
    library_pictures: Annotated[str | None, KEEPING] = Field(
        None,
        description="Where the library's pictures are, if not in its own folder: a directory, or a "
        "bucket of an object store, such as s3://BUCKET/PREFIX?endpoint=http://HOST:9000.",
    )
    library_pace: Annotated[float, KEEPING] = Field(
        0.1,
        ge=0,
        le=10,
        allow_inf_nan=False,
        description="Seconds over which text that streams in is gathered for one commit.",
    )
    library_timeout: Annotated[
        float | None, UsedBy.of("illustrate", "resume", "serve", "mcp")
    ] = Field(
        None,
        ge=0,
        allow_inf_nan=False,
        description="Seconds for which a library that fails is tried again before what it did not "
        "take is given up; by default 60 for commands, 3600 for the server; 0: never given up.",
    )  # fmt: skip
    patterns: Annotated[
        tuple[str, ...] | None, UsedBy.of("illustrate", "resume", "serve", "mcp", "doctor")
    ] = Field(
        None, description="Tag patterns in place of the defaults; in the environment, as JSON."
    )

    keep: Annotated[KeepSettings, UsedBy.of("serve", "gc")] = Field(
        KeepSettings(), description="How many pictures are kept."
    )
    serve: Annotated[ServeSettings, SERVING] = Field(
        ServeSettings(), description="How `limner serve` serves."
    )
    tracing: Annotated[TracingSettings, DRAWING] = Field(
        TracingSettings(), description="What is told in OpenTelemetry's spans."
    )
    work: Annotated[WorkSettings, WORKING] = Field(
        WorkSettings(), description="How `limner work` draws what servers order."
    )

    def key_of(self, kind: str) -> str | None:
        """The key for backends of this kind: its own, else the one for whatever draws.

        Examples:
            >>> settings = Settings(backend_key="for all", horde_key="h")
            >>> settings.key_of("horde"), settings.key_of("a1111")
            ('h', 'for all')
        """
        own: object = getattr(self, f"{kind.replace('-', '_')}_key", None)
        key = own if isinstance(own, SecretStr) else self.backend_key
        return key.get_secret_value() if key is not None else None

    def options_of(self, kind: str) -> dict[str, str]:
        """The options for backends of this kind, as text.

        Examples:
            >>> Settings(backend_options={"a1111": {"hires": True}}).options_of("a1111")
            {'hires': 'true'}
        """
        options = self.backend_options.get(kind, {})
        return {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in options.items()
        }

    def price_of(self, address: BackendAddress) -> Price | None:
        """What a picture costs at an address, as far as the settings say.

        Examples:
            >>> settings = Settings(prices={"a1111": "0.01 USD", "a1111+http://box:7860": "0 USD"})
            >>> [str(settings.price_of(BackendAddress.parse(one)))
            ...  for one in ("a1111+http://box:7860?steps=9", "a1111+http://rented:7860", "sketch")]
            ['0 USD', '0.01 USD', 'None']
        """
        text = self.prices.get(str(address).partition("?")[0], self.prices.get(address.kind))
        return None if text is None else Price.read(text)
