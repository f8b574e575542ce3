"""Who writes, as the settings say."""

from typing import TYPE_CHECKING

from limner.config import Settings, UpstreamSettings

if TYPE_CHECKING:  # only who talks to a model needs an HTTP client
    from limner.backends.text import TextClient


def model_servers(settings: Settings) -> list[UpstreamSettings]:
    """The model servers, the first before the others.

    Examples:
        >>> [one.url for one in model_servers(Settings(llm_url="http://h", llm_key="k"))]
        ['http://h']
    """
    listed = list(settings.upstreams)
    if settings.llm_url is None or any(one.url == settings.llm_url for one in listed):
        return listed
    return [UpstreamSettings(url=settings.llm_url, key=settings.llm_key), *listed]


def model_for(server: UpstreamSettings, settings: Settings) -> str | None:
    """The model that a server is asked for where nobody chose one; ``None``: its own first.

    What ``llm_model`` says holds for the first server, and for any other that is said to have it.

    Examples:
        >>> settings = Settings(llm_url="http://a", llm_model="m", upstreams=[
        ...     {"url": "http://b", "models": ["n", "m"]}, {"url": "http://c", "models": ["n"]}])
        >>> [model_for(server, settings) for server in model_servers(settings)]
        ['m', 'm', 'n']
    """
    wished = settings.llm_model
    if wished is not None and (server == model_servers(settings)[0] or wished in server.models):
        return wished
    return server.models[0] if server.models else None


def text_model(server: UpstreamSettings, settings: Settings) -> "TextClient":
    """The client of a model server; it does no I/O before it is used.

    Raises:
        limner.errors.BackendRejected: The address or the key cannot be used.
        limner.errors.ConfigError: An option in the address is unknown or wrong.
    """
    from limner.backends.text import make_text_model

    key = server.key.get_secret_value() if server.key is not None else None
    return make_text_model(server.url, model=model_for(server, settings), key=key)


def server_kind(url: str) -> str:
    """What kind of server is at an address, as it is written before it.

    Examples:
        >>> server_kind("anthropic+https://api.anthropic.com"), server_kind("http://h:8080/v1")
        ('anthropic', 'openai')
    """
    kind, plus, _ = url.strip().partition("?")[0].partition("+")
    return kind if kind == "ollama" or (plus and kind.isalnum()) else "openai"


def openai_address(url: str) -> str:
    """Where a model server speaks OpenAI's protocol; Ollama does, too, beside its own.

    Examples:
        >>> openai_address("ollama+http://box:11434?num_ctx=8192"), openai_address("http://h/v1")
        ('http://box:11434', 'http://h/v1')
    """
    from limner.backends.text.ollama import OLLAMA

    kind, plus, address = url.strip().partition("+")
    if url.partition("?")[0].strip() == "ollama":
        return OLLAMA
    if not plus or not kind.isalnum():
        return url.strip()
    return address.partition("?")[0] if kind == "ollama" else address
