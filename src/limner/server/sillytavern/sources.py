"""``/sillytavern/…``: the extension's files, for whoever wants to read what is installed."""

from limner.server.http.shown_files import ShownFiles
from limner.server.sillytavern.extension_files import extension_files

SOURCES = "/sillytavern/"
"""Below which they are."""
USE = "limner sillytavern install PATH puts these into SillyTavern:"


def extension_sources() -> ShownFiles:
    """What shows the files."""
    return ShownFiles(SOURCES, extension_files(), USE)
