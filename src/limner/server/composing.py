"""From settings to the parts of a server: who writes, who draws, what is told to whom."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from limner.backends.images.pool import make_pool, pool_addresses
from limner.backends.text import TextClient, make_text_model
from limner.backends.text.ollama import OLLAMA
from limner.config import Settings, UpstreamSettings
from limner.errors import ConfigError
from limner.illustration import BackendAddress, Budget, ImageBackend, make_backend
from limner.illustration.generation.retry_policy import second_try
from limner.prompts import Preset, PresetBook
from limner.scheduling import Limiter
from limner.server.guard import GuardRules
from limner.server.preferences import Preferences
from limner.server.proxy import Mode, ProxySettings, Upstream

NOWHERE = Upstream(url="http://127.0.0.1:9/v1", name="nowhere")
"""Stands where a proxy wants a model server and there is none; it is never asked."""

NO_PRESET = "none"

Measure = Callable[[ImageBackend, str], ImageBackend]


def upstreams_of(settings: Settings) -> list[UpstreamSettings]:
    """The model servers, the first before the others.

    Example:
        >>> [one.url for one in upstreams_of(Settings(llm_url="http://h", llm_key="k"))]
        ['http://h']
    """
    listed = list(settings.upstreams)
    if settings.llm_url is None or any(one.url == settings.llm_url for one in listed):
        return listed
    return [UpstreamSettings(url=settings.llm_url, key=settings.llm_key), *listed]


def proxy_upstreams(settings: Settings) -> tuple[Upstream, ...]:
    """The model servers as the proxy asks them.

    Raises:
        limner.errors.BackendRejected: One has no usable address.
    """
    return tuple(
        Upstream(
            url=openai_address(one.url),
            key=_plain(one.key),
            name=one.name,
            models=one.models,
        )
        for one in upstreams_of(settings)
    )


def openai_address(url: str) -> str:
    """Where a model server speaks OpenAI's protocol; Ollama does, too, beside its own.

    Example:
        >>> openai_address("ollama+http://box:11434?num_ctx=8192"), openai_address("http://h/v1")
        ('http://box:11434', 'http://h/v1')
    """
    kind, plus, address = url.strip().partition("+")
    if url.partition("?")[0].strip() == "ollama":
        return OLLAMA
    if not plus or not kind.isalnum():
        return url.strip()
    return address.partition("?")[0] if kind == "ollama" else address


def text_clients(settings: Settings) -> dict[str, TextClient]:
    """The clients by which limner's own page has them write, by name.

    Raises:
        limner.errors.BackendRejected: One has no usable address.
        limner.errors.ConfigError: An option in an address is unknown or wrong.
    """
    names = [one.name for one in proxy_upstreams(settings)]
    return {
        name: make_text_model(one.url, model=settings.llm_model, key=_plain(one.key))
        for name, one in zip(names, upstreams_of(settings), strict=True)
    }


def backend_addresses(settings: Settings) -> list[str]:
    """The picture servers, as they were written."""
    return pool_addresses(settings.backends or (settings.backend,))


def make_backends(settings: Settings, measured: Measure) -> ImageBackend:
    """What draws: one server, or several as one.

    Args:
        settings: Say which, with their keys and options.
        measured: Wraps each of them, with a name that is fit to be shown.

    Raises:
        limner.errors.UnknownBackend: There is none of this name, or the kind is missing.
        limner.errors.ConfigError: An option is unknown or wrong.
        limner.errors.BackendRejected: An address or a key cannot be used.
    """

    def make(address: str) -> ImageBackend:
        known = BackendAddress.parse(address)
        made = make_backend(
            address, options=settings.options_of(known.kind), key=settings.key_of(known.kind)
        )
        return measured(made, str(known))

    addresses = backend_addresses(settings)
    return make(addresses[0]) if len(addresses) == 1 else make_pool(addresses, make)


def make_limiter(settings: Settings) -> Limiter:
    """Through which every picture goes; owners take turns."""
    return Limiter(
        max_concurrent=settings.max_concurrent,
        min_interval=settings.min_interval,
        retry=second_try,
        fair=True,
    )


def make_budget(settings: Settings) -> Budget | None:
    """How many pictures may be drawn; ``None``: as many as anybody likes."""
    budget = Budget(**settings.serve.budget.model_dump())
    return budget if budget.bounds() else None


def default_preferences(settings: Settings) -> Preferences:
    """What holds where nobody chose otherwise on the page."""
    serve = settings.serve
    return Preferences(
        max_concurrent=settings.max_concurrent,
        min_interval=settings.min_interval,
        rates=[rate.model_dump() for rate in settings.rates],  # type: ignore[misc] # validated
        illustrate=serve.preset != NO_PRESET,
        preset="default" if serve.preset == NO_PRESET else serve.preset,
        every_words=serve.every_words,
        depth=serve.depth,
        model=settings.llm_model,
    )


def check_preset(name: str, book: PresetBook) -> None:
    """Make sure that there is a preset of this id.

    Raises:
        limner.errors.ConfigError: There is none.
    """
    known = [NO_PRESET, *(preset.id for preset in book)]
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise ConfigError(f"there is no preset {name!r}; {hint}")


def proxy_settings(
    settings: Settings, *, public_url: str, preferences: Preferences, preset: Preset
) -> ProxySettings:
    """How the proxy works, as things are now.

    Args:
        settings: The configuration.
        public_url: Under which browsers reach the server.
        preferences: What people chose.
        preset: The instruction they chose.

    Raises:
        limner.errors.ConfigError: The public URL cannot stand in a text, or two model servers
            have the same name.
    """
    serve = settings.serve
    return ProxySettings(
        upstreams=proxy_upstreams(settings) or (NOWHERE,),
        public_url=public_url,
        default_mode=Mode(serve.mode),
        preset=preset if preferences.illustrate else None,
        every_words=preferences.every_words,
        depth=preferences.depth,
        patterns=settings.patterns,
        allowed_origins=serve.origins,
        body_limit=serve.body_bytes,
    )


def guard_rules(settings: Settings, *, public_url: str, token_required: bool) -> GuardRules:
    """What gets in."""
    serve = settings.serve
    return GuardRules(
        public_url=public_url,
        hosts=serve.hosts,
        origins=serve.origins,
        token_required=token_required,
        body_bytes=serve.body_bytes,
        body_seconds=serve.body_seconds,
        header_bytes=serve.header_bytes,
        requests_per_token=serve.requests_per_token,
    )


def configured_tokens(settings: Settings) -> dict[str, str]:
    """The tokens of the configuration, by name; the one for all is called ``default``."""
    serve = settings.serve
    own = {name: token.get_secret_value() for name, token in serve.tokens.items()}
    return {"default": serve.token.get_secret_value(), **own} if serve.token else own


def secrets_of(settings: BaseModel) -> list[str]:
    """Everything in the settings that nobody may see: keys, tokens, passwords in addresses.

    Example:
        >>> secrets_of(Settings(llm_key="sk-1", backend="a1111+http://me:pass@h:7860"))
        ['pass', 'sk-1']
    """
    return sorted({secret for secret in _found(settings.model_dump()) if secret})


def _found(value: Any) -> Iterable[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, str):
        yield from _passwords(value)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _found(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _found(one)


def _passwords(text: str) -> Iterable[str]:
    if "://" not in text or "@" not in text:
        return
    scheme, _, rest = text.partition("://")
    try:
        password = urlsplit(f"{scheme.rpartition('+')[2]}://{rest}").password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)


def _plain(key: SecretStr | None) -> str | None:
    return None if key is None else key.get_secret_value()
