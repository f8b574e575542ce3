"""``/open-webui/limner_pictures.py``: the action, which Open WebUI imports from this address."""

from importlib.resources import files

import limner
from limner.server.http.shown_files import ShownFiles

SOURCES = "/open-webui/"
"""Below which it is."""
ACTION = "limner_pictures.py"
USE = "Open WebUI imports this (Admin Panel, Functions, Import From Link):"


def action_source() -> bytes:
    """The action, with limner's version.

    Examples:
        >>> f"version: {limner.__version__}".encode() in action_source()
        True
    """
    source = files("limner.server.open_webui").joinpath(ACTION).read_text("utf-8")
    return source.replace("{version}", limner.__version__, 1).encode()


def action_sources() -> ShownFiles:
    """What shows it."""
    return ShownFiles(SOURCES, {ACTION: action_source()}, USE)
