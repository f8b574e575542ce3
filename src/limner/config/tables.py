"""Settings that belong together; each is a table of the settings file."""

from ipaddress import ip_network
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from limner.config.used_by import SERVING, UsedBy
from limner.illustration import Price, allowances
from limner.prompts import marks_with
from limner.scheduling import Rate


def _allowed(given: int | str | tuple[int | str, ...] | None) -> object:
    allowances(given)
    return given


def _price(text: str) -> str:
    Price.read(text)
    return text


def _network(text: str) -> str:
    ip_network(text)
    return text


SHORTEST_TOKEN = 16
"""Characters of a token that somebody made up; a shorter one could be guessed."""

Token = Annotated[SecretStr, Field(min_length=SHORTEST_TOKEN, max_length=512)]
TokenName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$")]
Allowed = Annotated[int | str | tuple[int | str, ...] | None, AfterValidator(_allowed)]
PriceText = Annotated[str, AfterValidator(_price)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
Network = Annotated[str, AfterValidator(_network)]
Seconds = Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)]
Bytes = Annotated[int, Field(ge=1024, le=1 << 30)]


class Table(BaseModel):
    """A group of settings. Frozen; a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class UpstreamSettings(Table):
    """A model server."""

    url: str = Field(description="Its address, with or without /v1.")
    key: SecretStr | None = Field(None, description="Its key.")
    name: Annotated[str, SERVING] = Field("", description="What it is called; by default its host.")
    models: tuple[str, ...] = Field((), description="The models to offer; empty: all it lists.")


class RateSettings(Table):
    """A rate: at most ``limit`` pictures in ``per`` seconds."""

    limit: int = Field(ge=1, le=1_000_000, description="How many pictures may start in that time.")
    per: float = Field(
        gt=0, le=31 * 86400, allow_inf_nan=False, description="The time, in seconds."
    )

    def rate(self) -> Rate:
        """As a limiter wants it."""
        return Rate(self.limit, per=self.per)


class BudgetSettings(Table):
    """How much may be drawn at most; left out: no bound.

    Each is a number of pictures, an amount such as "2.50 USD" or "600 seconds", or several of them.
    """

    per_message: Allowed = Field(None, description="Of one message at most.")
    per_hour: Allowed = Field(None, description="In any hour at most, of all users.")
    per_day: Allowed = Field(None, description="In any day at most, of all users.")
    per_owner_hour: Allowed = Field(None, description="In any hour at most, for one token.")
    per_owner_day: Allowed = Field(None, description="In any day at most, for one token.")
    per_owner: Allowed = Field(None, description="In all at most, for one token.")
    in_all: Allowed = Field(None, description="In all at most, of all users.")


class ServeSettings(Table):
    """How `limner serve` serves."""

    host: str = Field("127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(8750, ge=0, le=65535, description="The port; 0: any that is free.")
    public_url: str | None = Field(
        None, description="The address under which browsers reach this server."
    )
    token: Token | None = Field(None, description="The token that clients must show, one for all.")
    tokens: dict[TokenName, Token] = Field(
        default_factory=dict, description="A token for each user, by the user's name."
    )
    hosts: tuple[str, ...] = Field((), description="Further host names that requests may use.")
    origins: tuple[str, ...] = Field(
        (), description="Origins of other web pages that may use the server."
    )
    household: bool = Field(
        True,
        description="Whether everybody with a token may see and change everything; "
        "false: their own, and admins all.",
    )
    admins: tuple[TokenName, ...] = Field(
        (),
        description="Names in `tokens`, or of `trusted_user`, who may do everything.",
    )
    trusted_user: HeaderName | None = Field(
        None,
        description="The header by which a reverse proxy tells who has signed in there, such as "
        "X-Forwarded-User; whom it names needs no token.",
    )
    trusted_proxies: tuple[Network, ...] = Field(
        (), description="The addresses or networks of those proxies: nobody else is believed."
    )
    mode: Literal["inline", "append", "hold", "off"] = Field(
        "inline",
        description="How pictures come into answers. Set, it holds for every answer; "
        "left out, those that are no story get none.",
    )
    unstreamed: Literal["auto", "inline", "off"] = Field(
        "auto",
        description="Whether chats that are not streamed get pictures; "
        "auto: those that somebody reads, as far as a request tells.",
    )
    preset: str = Field(
        "default",
        min_length=1,
        max_length=100,
        description="The preset by which models ask for pictures; none: they are told nothing.",
    )
    every_words: int = Field(150, ge=1, le=10_000, description="Words between two pictures.")
    depth: int = Field(0, ge=0, le=1000, description="How many messages follow the instruction.")
    prompt_place: Literal["start", "last-line", "none"] = Field(
        "start",
        description="Where the instruction stands in prompts without messages; none: nowhere.",
    )
    pass_through: tuple[str, ...] = Field(
        ("embeddings", "audio", "responses", "moderations", "rerank"),
        description="What else under /v1 goes on to the model servers, with all below it.",
    )
    reasoning_marks: tuple[tuple[str, str], ...] = Field(
        (), description="Pairs of marks between which models think, besides those in use."
    )
    reasoning_models: tuple[str, ...] = Field(
        (), description="Models whose answers begin inside reasoning; * is any characters."
    )
    reasoning_held: int = Field(
        20_000,
        ge=0,
        le=1_000_000,
        description="Characters held back at most while they may be reasoning or not.",
    )
    picture_wait: Seconds = Field(
        3600.0,
        description="Seconds a request for a picture that is not drawn yet waits at most.",
    )
    live_pictures: int = Field(
        4,
        ge=0,
        le=1000,
        description="Pictures that show one browser at the same time how far they are; each takes "
        "one of its six connections. 0: browsers wait for finished pictures.",
    )
    picture_links: bool = Field(
        False, description="Whether each picture in an answer leads to a page of its own."
    )
    budget: Annotated[BudgetSettings, UsedBy.of("serve", "mcp")] = BudgetSettings()
    requests_per_token: int = Field(
        32, ge=1, le=10_000, description="Requests of one token at the same time."
    )
    connections: int = Field(
        1024,
        ge=1,
        le=100_000,
        description="Connections at the same time; idle ones are closed for new ones.",
    )
    body_bytes: Bytes = Field(64 << 20, description="Largest body of a request, in bytes.")
    header_bytes: int = Field(
        32 << 10, ge=1024, le=1 << 20, description="Largest head of a request, in bytes."
    )
    header_seconds: Seconds = Field(
        20.0, description="Seconds in which the head of a request must arrive."
    )
    body_seconds: Seconds = Field(
        120.0, description="Seconds in which the body of a request must arrive."
    )
    write_seconds: Seconds = Field(
        60.0,
        description="Seconds in which a client must read some of the answer that waits for it.",
    )
    draw: Literal["here", "elsewhere"] = Field(
        "here",
        description="Where pictures are drawn: in the server, or by `limner work`, for a library "
        "in PostgreSQL with shared_limits.",
    )
    grace: float = Field(
        20.0,
        ge=0,
        le=3600,
        description="Seconds that streams and pictures get to finish when the server ends.",
    )
    log_json: bool = Field(False, description="Whether the log is JSON, one object a line.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe messages that are logged."
    )

    @field_validator("reasoning_marks")
    @classmethod
    def _fit(cls, marks: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        marks_with(marks)
        return marks

    @model_validator(mode="after")
    def _believes_somebody(self) -> Self:
        if (self.trusted_user is None) != (not self.trusted_proxies):
            raise ValueError("trusted_user and trusted_proxies go together: set both, or neither")
        return self

    @property
    def wished_mode(self) -> Literal["inline", "append", "hold", "off"] | None:
        """The mode if somebody set it, be it the default; ``None`` if nobody did.

        Examples:
            >>> ServeSettings().wished_mode, ServeSettings(mode="inline").wished_mode
            (None, 'inline')
        """
        return self.mode if "mode" in self.model_fields_set else None


class KeepSettings(Table):
    """How many pictures are kept for each owner; those of nobody count as one owner's."""

    bytes_per_owner: int | None = Field(
        None,
        ge=1,
        description="Bytes that an owner's pictures take at most: first go those that are not "
        "shown, then the oldest. Unset: no bound.",
    )
    days: float | None = Field(
        None,
        gt=0,
        le=36_600,
        allow_inf_nan=False,
        description="Days after which pictures go. Unset: never.",
    )


class TracingSettings(Table):
    """What is told in spans, where OpenTelemetry's variables ask for them."""

    prompts: bool = Field(
        False, description="Whether spans of pictures hold their prompts, which are people's texts."
    )
    pass_on: Annotated[bool, SERVING] = Field(
        True,
        description="Whether model servers are told the place in the trace: the headers "
        "traceparent and tracestate.",
    )


class WorkSettings(Table):
    """How `limner work` draws what servers order."""

    width: int = Field(
        8,
        ge=1,
        le=1000,
        description="Pictures that a worker has at the same time, drawn or waiting for their turn.",
    )
    grace: float = Field(
        20.0,
        ge=0,
        le=3600,
        description="Seconds that pictures get to finish when the worker ends; "
        "others draw what is left.",
    )
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Where /metrics, /healthz and /readyz of a worker are; by default nowhere. "
        "0: any port that is free.",
    )
    metrics_host: str = Field(
        "127.0.0.1",
        min_length=1,
        max_length=255,
        description="At which address of this machine; they ask for no token.",
    )
