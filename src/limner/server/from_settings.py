"""From settings to what only a server has: its proxy, its guard, its users and their choices.

What draws and what writes is put together in `limner.composition`, for commands as well.
"""

import logging
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from limner.backends.text import TextClient
from limner.composition import (
    Scenes,
    ScenesMode,
    model_servers,
    openai_address,
    scene_writer,
    server_kind,
    shown_backends,
    text_model,
)
from limner.composition.checking.configured import (
    all_findings,
    configured_servers,
    unused_servers,
)
from limner.composition.library import bound_of
from limner.config import Settings, UpstreamSettings
from limner.config.tables import BudgetSettings
from limner.errors import ConfigError
from limner.illustration import TagWriter
from limner.prompts import Preset, PresetBook
from limner.server.guard import GuardRules
from limner.server.preferences import NO_PRESET, Preferences
from limner.server.preferences.choices import BUDGET
from limner.server.proxy import Instruction, Mode, ProxySettings, ReasoningOptions, Upstream
from limner.server.proxy.mode import Unstreamed
from limner.server.proxy.passing_on import below
from limner.server.proxy.prompt_place import PromptPlace
from limner.server.proxy.settings import FORWARDED, TRACE
from limner.server.services import ServerFacts
from limner.server.story import NAME, SAMPLE, Storyteller, storyteller_server

log = logging.getLogger(__name__)

NOWHERE = Upstream(url="http://127.0.0.1:9/v1", name="nowhere")
"""Stands where a proxy wants a model server and there is none, till the storyteller is asked."""


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
            kind=server_kind(one.url),
        )
        for one in model_servers(settings)
    )


def text_clients(settings: Settings) -> dict[str, TextClient]:
    """The clients by which limner's own page has them write, by name.

    Raises:
        limner.errors.BackendRejected: One has no usable address.
        limner.errors.ConfigError: An option in an address is unknown or wrong.
    """
    names = [one.name for one in proxy_upstreams(settings)]
    return {
        name: text_model(one, settings)
        for name, one in zip(names, model_servers(settings), strict=True)
    }


def default_preferences(settings: Settings) -> Preferences:
    """What holds where nobody chose otherwise on the page."""
    serve = settings.serve
    return Preferences(
        max_concurrent=settings.max_concurrent,
        min_interval=settings.min_interval,
        picture_timeout=settings.picture_timeout,
        settle_timeout=settings.settle_timeout,
        rates=[rate.model_dump() for rate in settings.rates],  # type: ignore[misc] # validated
        **_bounds(serve.budget),
        mode=serve.wished_mode,
        preset=serve.preset,
        every_words=serve.every_words,
        depth=serve.depth,
        model=settings.llm_model,
    )


def _bounds(budget: BudgetSettings) -> dict[str, Any]:
    """The bounds of a budget in words, as people choose them."""
    told = budget.model_dump(exclude_none=True)
    return {
        BUDGET + name: ", ".join(map(str, most)) if isinstance(most, tuple) else str(most)
        for name, most in told.items()
    }


def fixed_settings(settings: Settings) -> dict[str, str]:
    """What holds from start to end, by the names of the settings; without keys.

    Examples:
        >>> fixed_settings(Settings(patterns=["<p>(.*?)</p>"]))["patterns"]
        '<p>(.*?)</p>'
    """
    serve = settings.serve
    return {
        "backends": ", ".join(shown_backends(settings)),
        "patterns": " ".join(settings.patterns or ("those of limner",)),
        "upstreams": ", ".join(one.endpoint.base for one in proxy_upstreams(settings)) or "none",
        "serve.unstreamed": serve.unstreamed,
        "serve.reasoning_marks": ", ".join(map(" … ".join, serve.reasoning_marks)) or "the usual",
    }


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


def instruction_for(preferences: Preferences, preset: Preset) -> Instruction:
    """What models are told about pictures.

    Args:
        preferences: What people chose.
        preset: The instruction they chose.
    """
    return Instruction(
        preset=preset if preferences.illustrate and preferences.preset != NO_PRESET else None,
        every_words=preferences.every_words,
        depth=preferences.depth,
    )


def proxy_settings(settings: Settings, *, public_url: str) -> ProxySettings:
    """How the proxy works.

    Args:
        settings: The configuration.
        public_url: Under which browsers reach the server.

    Raises:
        limner.errors.ConfigError: The public URL cannot stand in a text, or two model servers
            have the same name.
    """
    serve = settings.serve
    return ProxySettings(
        upstreams=proxy_upstreams(settings) or (NOWHERE,),
        public_url=public_url,
        mode=None if serve.wished_mode is None else Mode(serve.wished_mode),
        unstreamed=Unstreamed(serve.unstreamed),
        patterns=settings.patterns,
        prompt_place=PromptPlace(serve.prompt_place),
        pass_through=below(serve.pass_through),
        forward_headers=tuple(
            one for one in FORWARDED if settings.tracing.pass_on or one not in TRACE
        ),
        allowed_origins=serve.origins,
        body_limit=serve.body_bytes,
        image_wait=serve.picture_wait,
        live_pictures=serve.live_pictures,
    )


@asynccontextmanager
async def with_storyteller(how: ProxySettings) -> AsyncIterator[ProxySettings]:
    """The same with the built-in storyteller as its model server, where there is no other.

    Args:
        how: As the settings say.
    """
    if how.upstreams != (NOWHERE,):
        yield how
        return
    async with storyteller_server(Storyteller(random.SystemRandom())) as url:
        yield replace(how, upstreams=(Upstream(url=url, name=NAME, models=(NAME,)),))


def reasoning_options(settings: Settings) -> ReasoningOptions:
    """What is known beforehand of how models think."""
    serve = settings.serve
    return ReasoningOptions(
        marks=serve.reasoning_marks,
        models=serve.reasoning_models,
        most_held=serve.reasoning_held,
    )


def guard_rules(settings: Settings, *, public_url: str, token_required: bool) -> GuardRules:
    """What gets in."""
    serve = settings.serve
    return GuardRules(
        public_url=public_url,
        hosts=serve.hosts,
        origins=serve.origins,
        token_required=token_required or serve.trusted_user is not None,
        household=serve.household,
        trusted_user=serve.trusted_user,
        trusted_proxies=serve.trusted_proxies,
        admins=serve.admins,
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


def configured_admins(settings: Settings) -> tuple[str, ...]:
    """The names of the configuration's tokens whose holders may do everything.

    The one for all belongs to whoever runs the server.
    """
    return ("default", *settings.serve.admins)


def secrets_of(settings: BaseModel) -> list[str]:
    """Everything in the settings that nobody may see: keys, tokens, passwords in addresses.

    Examples:
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


def server_facts(
    settings: Settings,
    public_url: str,
    *,
    bears: Callable[[], str],
    places: Callable[[], frozenset[str]],
) -> ServerFacts:
    """What people are told about the server."""
    models = [f"{one.name} ({one.endpoint.base})" for one in proxy_upstreams(settings)]
    backends = shown_backends(settings)
    costs_nothing = not models and backends == ["sketch"]
    return ServerFacts(
        base=f"{public_url}/v1",
        bound=bound_of(settings),
        models=tuple(models),
        backends=tuple(backends),
        storyteller=not models,
        sample=SAMPLE if costs_nothing else None,
        fixed=fixed_settings(settings),
        bears=bears,
        look=partial(all_findings, settings),
        find=partial(unused_servers, settings),
        scenes=partial(_scenes, settings),
        writer=lambda url: text_model(UpstreamSettings(url=url, key=None), settings),
        places=places,
        servers=tuple(configured_servers(settings, draws=settings.serve.draw != "elsewhere")),
    )


def _scenes(settings: Settings, by_model: bool) -> TagWriter:
    """What finds places for pictures in texts that have none."""
    mode = ScenesMode.MODEL if by_model and model_servers(settings) else ScenesMode.WORDS
    return scene_writer(Scenes(mode=mode), settings, log.info)
