"""Settings, read once at the edge and handed down: options, the environment, a TOML file.

- ``tables``: settings that belong together, such as a model server or a budget
- ``settings``: all of them
- ``used_by``: which commands each is for
- ``loading``: reads them, and explains what is wrong
- ``origin``: where each comes from
- ``example``: a file to begin with
"""

from limner.config.loading import config_file, load_settings
from limner.config.settings import Settings
from limner.config.tables import (
    BudgetSettings,
    KeepSettings,
    RateSettings,
    ServeSettings,
    UpstreamSettings,
    WorkSettings,
)

__all__ = [
    "BudgetSettings",
    "KeepSettings",
    "RateSettings",
    "ServeSettings",
    "Settings",
    "UpstreamSettings",
    "WorkSettings",
    "config_file",
    "load_settings",
]
