"""What several servers on one library tell one another, as the settings say."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from limner.config import Settings
from limner.errors import ConfigError
from limner.errors.installation import needing

if TYPE_CHECKING:  # heavy: only loaded where it is needed
    from limner.cluster import ValkeyJournal, ValkeyLeases, ValkeyNotes
    from limner.storage import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What joins the servers of one library.

    Attributes:
        journal: In which all write what happens.
        leases: What only one of them may do at a time.
        notes: What they tell one another for a while.
    """

    journal: "ValkeyJournal"
    leases: "ValkeyLeases"
    notes: "ValkeyNotes"


@asynccontextmanager
async def open_sharing(settings: Settings, library: "Library") -> AsyncIterator[Sharing | None]:
    """Join the other servers of a library for the time of the block.

    Args:
        settings: Name the Valkey server; ``None`` is given where they name none.
        library: Its servers hear of one another, and of nobody else who names the same Valkey.

    Raises:
        limner.errors.ConfigError: The settings name no Valkey server.
        limner.errors.MissingExtra: What that needs is not installed.
        limner.errors.StorageError: The library cannot be read.
    """
    if settings.shared_limits is None:
        yield None
        return
    from limner.storage.copying import IDENTITY

    with needing("shared_limits", extra="cluster"):
        from limner.cluster import ValkeyJournal, ValkeyLeases, ValkeyNotes
    url = settings.shared_limits.get_secret_value()
    name = f"limner-{await library.first_setting(IDENTITY, secrets.token_hex(8))}"
    try:
        journal, leases = ValkeyJournal(url, name=name), ValkeyLeases(url, name=name)
        notes = ValkeyNotes(url, name=name)
    except ValueError as error:
        raise ConfigError(f"shared_limits is no address of a Valkey server: {error}") from error
    async with journal, leases, notes:
        yield Sharing(journal=journal, leases=leases, notes=notes)
