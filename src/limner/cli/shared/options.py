"""A command's options as settings: what is not given is as the settings say."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # loaded only where settings are read
    from limner.config import Settings

SharedLimits = Annotated[
    str | None,
    typer.Option(
        "--shared-limits",
        metavar="URL",
        help="A Valkey server (valkey://HOST:PORT/0) at which several limners keep one limit; "
        "servers of one library also share their events there.",
    ),
]


def settings_with(
    file: str | os.PathLike[str] | None = None,
    *,
    llm: Sequence[str] | None = None,
    backend: Sequence[str] | None = None,
    **options: Any,
) -> "Settings":
    """The settings, with a command's options before them; what seems to be wrong is told.

    Args:
        file: The settings file that the command names.
        llm: Its ``--llm``: the model servers, in place of the configured ones.
        backend: Its ``--backend``: what draws, likewise.
        **options: Others, by the settings' names; ``None`` is not given.

    Raises:
        limner.errors.ConfigError: The settings cannot be read, or something in them is wrong.
    """
    from limner.config import load_settings

    given = {name: value for name, value in options.items() if value is not None}
    if backend:
        given["backends"] = tuple(backend)
    if llm:
        given |= {"llm_url": None, "upstreams": _upstreams(llm, load_settings(file))}
    if "library" in given and "library_pictures" not in given:
        given |= _pictures(given["library"], load_settings(file))
    _warn_of_variables()
    _warn_of_passwords([*(llm or ()), *(backend or ()), given.get("shared_limits", "")])
    return load_settings(file, **given)


def _pictures(library: str, settings: "Settings") -> dict[str, Any]:
    """What is to be said besides of the pictures of a library that the command names."""
    from limner.composition import pictures_of

    if settings.library_pictures is None:
        return {}
    return {"library_pictures": pictures_of(library, settings)}


def _upstreams(urls: Sequence[str], settings: "Settings") -> list[Any]:
    """The model servers of the command line; one that is configured keeps its key and models.

    The key of LIMNER_LLM_KEY is for one server: with several it is shown to the first alone.
    """
    from limner.config import UpstreamSettings

    known = {one.url: one for one in settings.upstreams}
    return [
        known.get(url) or UpstreamSettings(url=url, key=None if at else settings.llm_key)
        for at, url in enumerate(urls)
    ]


def _warn_of_variables() -> None:
    from limner.config.loading import unknown_variables

    for problem in unknown_variables():
        typer.echo(f"limner: {problem}", err=True)


def _warn_of_passwords(addresses: Sequence[str]) -> None:
    if any("@" in address.partition("?")[0].partition("://")[2] for address in addresses):
        typer.echo(
            "limner: a password on the command line can be read by everybody on this machine; "
            "put it into the settings file instead, or set LIMNER_BACKEND_KEY",
            err=True,
        )
