"""What the proxy is told at its start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from limner.backends.text.openai.endpoint import Endpoint
from limner.errors import ConfigError
from limner.server.proxy.mode import Mode, Unstreamed
from limner.server.proxy.prompt_place import PromptPlace

PASS_THROUGH = ("/embeddings", "/audio", "/responses", "/moderations", "/rerank")
"""What front-ends ask a model server for besides what is treated here."""
TRACE = ("traceparent", "tracestate")
"""The place in a trace that a request is a part of."""
FORWARDED = ("openai-beta", "anthropic-beta", "anthropic-version", *TRACE, "x-request-id")
SPEAKS: Mapping[str, tuple[str, ...]] = {
    "openai": ("openai",),
    "anthropic": ("anthropic",),
    "ollama": ("ollama", "openai"),
    "kobold": ("kobold", "openai"),
    "llamacpp": ("llamacpp", "openai", "anthropic"),
}
"""Families of protocols by kind of server. A plain address is asked for others as well where no
server is named that speaks them: many do."""
_PUBLIC_URL = re.compile(r"https?://[0-9a-z.-]+(?::[0-9]{1,5})?(?:/[0-9a-z./-]*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A model server.

    Attributes:
        url: Its address: ``http://host:port``, with or without ``/v1``.
        key: Its key. Never shown.
        name: What its models are prefixed with where two servers have one of the same name; by
            default its host.
        models: The models it is asked for. None: those it lists.
        headers: More headers for every request. Never shown.
        kind: What kind of server it is, which tells what it speaks; see `SPEAKS`.

    Raises:
        limner.errors.BackendRejected: The URL is no address of a server.

    Examples:
        >>> Upstream(url="http://me:secret@localhost:8080", key="sk-secret")
        Upstream(url='http://localhost:8080/v1', name='localhost-8080', models=())
    """

    url: str
    key: str | None = field(default=None, repr=False)
    name: str = ""
    models: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    kind: str = field(default="openai", repr=False)

    def __post_init__(self) -> None:
        host = self.endpoint.base.partition("://")[2].partition("/")[0]
        object.__setattr__(self, "name", self.name or host.replace(":", "-"))

    @property
    def endpoint(self) -> Endpoint:
        """Its addresses."""
        return Endpoint.parse(self.url)

    def __repr__(self) -> str:
        base, name, models = self.endpoint.base, self.name, self.models
        return f"{type(self).__name__}(url={base!r}, name={name!r}, models={models!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings:
    """How the proxy works.

    Attributes:
        upstreams: The model servers; the first is asked for models that none is known for.
        public_url: The address under which browsers reach this server: digits, lower-case
            letters, ``.``, ``-``, ``/`` and ``:``, since front-ends make markup of others.
        mode: How answers are illustrated unless a request says otherwise, whatever they look like;
            ``None``: inline, where nothing speaks against pictures.
        unstreamed: Which answers that are not streamed are illustrated where nobody wishes.
        prompt_place: Where the instruction stands in a prompt without messages.
        patterns: Tag patterns in place of the defaults.
        forward_authorization: Whether clients' ``Authorization`` goes to model servers that have
            no key here.
        forward_headers: Headers of clients that go to the model servers, in lower case.
        pass_through: Paths below ``/v1`` that go on to the model servers as they are, with all
            below them.
        allowed_origins: Web pages, besides those on this machine, that may use the proxy from a
            browser: ``https://host``, or ``*`` for all.
        body_limit: Bytes a request may have.
        answer_limit: Bytes of an answer that are held in memory at most.
        connect_timeout: Seconds to find a model server and connect.
        idle_timeout: Seconds a model server may be silent, before and in its answer.
        keep_alive: Seconds without a byte after which a comment tells the client to wait.
        keep_timeout: Seconds a picture's link waits for its place to be kept. An answer that has
            waited so long in vain waits no more.
        hold_timeout: Seconds a text waits for a picture in mode ``hold``.
        image_wait: Seconds a request waits for a picture before it is told to ask again.
        image_waits: How many requests for pictures of one client may wait at the same time.
        live_pictures: How many pictures that are not there yet are shown to one browser at the same
            time while they come; each takes one of the six connections that it has. 0: none.

    Raises:
        limner.errors.ConfigError: The public URL cannot stand in a text, or there is no upstream.
    """

    upstreams: tuple[Upstream, ...]
    public_url: str = "http://127.0.0.1:8750"
    mode: Mode | None = None
    unstreamed: Unstreamed = Unstreamed.AUTO
    prompt_place: PromptPlace = PromptPlace.START
    patterns: tuple[str, ...] | None = None
    forward_authorization: bool = False
    forward_headers: tuple[str, ...] = FORWARDED
    pass_through: tuple[str, ...] = PASS_THROUGH
    allowed_origins: tuple[str, ...] = ()
    body_limit: int = 64 << 20
    answer_limit: int = 64 << 20
    connect_timeout: float = 10.0
    idle_timeout: float = 600.0
    keep_alive: float = 15.0
    keep_timeout: float = 2.0
    hold_timeout: float = 120.0
    image_wait: float = 3600.0
    image_waits: int = 256
    live_pictures: int = 4

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", None if self.mode is None else Mode(self.mode))
        object.__setattr__(self, "unstreamed", Unstreamed(self.unstreamed))
        object.__setattr__(self, "prompt_place", PromptPlace(self.prompt_place))
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        if not self.upstreams:
            raise ConfigError("no model server was given; say where one is (--llm URL)")
        if not _PUBLIC_URL.fullmatch(self.public_url):
            raise ConfigError(
                f"{self.public_url!r} cannot be the public URL: it must be http:// or https://, "
                "a host in lower case, and a path of digits, lower-case letters, '.', '-', '/'"
            )
        names = [upstream.name for upstream in self.upstreams]
        if len(set(names)) != len(names):
            raise ConfigError("two model servers have the same name; give them different ones")
