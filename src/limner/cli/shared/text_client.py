"""Which text model a command talks to, from its options and the settings."""

from typing import TYPE_CHECKING

import typer

from limner.config import Settings

if TYPE_CHECKING:
    from limner.backends.text import TextClient


def text_client(settings: Settings, *, llm: str | None, model: str | None) -> "TextClient":
    """The client of the configured model server; it does no I/O before it is used.

    Args:
        settings: The settings, with the key.
        llm: The command's ``--llm``, which goes before the settings'.
        model: The command's ``--model``, likewise.

    Raises:
        typer.BadParameter: No server is configured.
        limner.errors.BackendRejected: The address or the key cannot be used.
        limner.errors.ConfigError: An option in the address is unknown or wrong.
    """
    # Imported here: only who talks to a model needs an HTTP client.
    from limner.backends.text import make_text_model

    url = llm or settings.llm_url
    if url is None:
        raise typer.BadParameter("no model server is configured: add --llm URL or LIMNER_LLM_URL")
    key = settings.llm_key.get_secret_value() if settings.llm_key else None
    return make_text_model(url, model=model or settings.llm_model, key=key)
