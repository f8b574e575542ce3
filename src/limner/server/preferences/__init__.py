"""What people choose while the server runs, and what is done with it at once.

General layout: `Preferences` are the choices, checked; `LiveSettings` keeps them in a library and
tells when they change; `ChatPreferences` keeps what differs in one conversation, and
`PresetRepository` the presets.
"""

from limner.server.preferences.chat_choices import ChatChoices, ChatPreferences
from limner.server.preferences.choices import NO_PRESET, Preferences, PreferencesChange
from limner.server.preferences.live_settings import LiveSettings, OwnPins
from limner.server.preferences.preset_repository import PresetRepository
from limner.server.preferences.style_choice import CharacterChoice, RateChoice, StyleChoice

__all__ = [
    "NO_PRESET",
    "CharacterChoice",
    "ChatChoices",
    "ChatPreferences",
    "LiveSettings",
    "OwnPins",
    "Preferences",
    "PreferencesChange",
    "PresetRepository",
    "RateChoice",
    "StyleChoice",
]
