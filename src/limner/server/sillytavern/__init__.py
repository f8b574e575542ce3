"""limner's extension for SillyTavern: its files, and putting them where they belong."""

from limner.server.sillytavern.extension_files import extension_files
from limner.server.sillytavern.installing import Installed, install, remove
from limner.server.sillytavern.places import extension_places, usual_places

__all__ = [
    "Installed",
    "extension_files",
    "extension_places",
    "install",
    "remove",
    "usual_places",
]
