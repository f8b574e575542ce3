"""Who may use the server: tokens with names, kept as hashes, told apart in constant time."""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from limner.errors import ConfigError, StorageError
from limner.storage import Library

log = logging.getLogger(__name__)

SETTING = "tokens"
"""Under which a library keeps them."""
FRESH = 1.0
"""Seconds after which a server looks whether tokens were added or revoked by others."""
PATIENCE = 1.0
"""Seconds for which a request waits for that, where it is known who counted before."""
PREFIX = "limner_"
"""How tokens begin that are made here, so that one in a wrong place is recognised."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token that is known.

    Attributes:
        name: Whose it is; pictures are drawn and counted for this owner.
        created_at: When, in seconds since the epoch; ``None``: it is from the configuration, or
            nobody knows.
        front_end: Whether a front-end shows it, which speaks for its users.
        admin: Whether its holder may do everything, where users have theirs to themselves.
    """

    name: str
    created_at: float | None = None
    front_end: bool = False
    admin: bool = False


class KeptSettings(Protocol):
    """Where tokens are kept: a `limner.storage.Library` is one."""

    async def setting(self, name: str, default: Any = None) -> Any:
        """What was kept under a name; the default if there is nothing."""
        ...


class TokenBook:
    """Knows the tokens of the configuration and those a library keeps.

    Only their SHA-256 is held: tokens are long and random, so nobody can find them from it.

    Args:
        library: Where tokens are kept that were made with `add`.
        configured: Those of the configuration, by name.
        admins: The names of those among them whose holders may do everything.
        clock: Seconds, for how old what is known is.

    Raises:
        limner.errors.ConfigError: Two names have the same token.
    """

    def __init__(
        self,
        library: KeptSettings | None,
        configured: Mapping[str, str],
        *,
        admins: Collection[str] = (),
        clock: Callable[[], float],
    ) -> None:
        self._library = library
        self._configured = {name: _hash(token) for name, token in configured.items()}
        self._admins = frozenset(admins)
        self._kept: dict[str, dict[str, Any]] = {}
        self._clock = clock
        self._read_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._is_known = self._is_away = False
        if len(set(self._configured.values())) != len(self._configured):
            raise ConfigError("two tokens of the configuration are the same")

    def __len__(self) -> int:
        return len(self._configured) + len(self._kept)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sorted({*self._configured, *self._kept})})"

    async def refresh(self) -> None:
        """Look at what the library keeps, unless that was done just now.

        A library that cannot be read leaves what was known before: nobody gets in by breaking it.
        One look serves all who ask meanwhile, and nobody waits long for one that is slow.

        Raises:
            limner.errors.StorageError: It cannot be read, and never could.
        """
        if self._library is None or self._clock() - self._read_at < FRESH:
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(self._library), name="tokens")
        looking = self._looking
        await asyncio.wait((looking,), timeout=PATIENCE if self._is_known else None)
        if not self._is_known:
            looking.result()

    async def _look(self, library: KeptSettings) -> None:
        began = self._clock()
        try:
            self._kept = _read(await library.setting(SETTING, {}))
        except StorageError:
            if not self._is_known:
                raise
            if not self._is_away:
                log.warning("the library does not tell its tokens; those known before still count")
            self._is_away = True
        else:
            self._is_known, self._is_away = True, False
        self._read_at = began

    def changed(self) -> None:
        """Somebody here has added or revoked one: the next look is a fresh one."""
        self._read_at = float("-inf")

    def owner(self, presented: str) -> str | None:
        """Whose token this is."""
        found = self.entry(presented)
        return None if found is None else found.name

    def entry(self, presented: str) -> TokenEntry | None:
        """What is known of a token; every one is compared, each in constant time."""
        asked = _hash(presented)
        found = None
        for name, known in (
            *self._configured.items(),
            *((name, entry["hash"]) for name, entry in self._kept.items()),
        ):
            if hmac.compare_digest(asked, known):
                found = name
        return next((one for one in self.entries() if one.name == found), None)

    def entries(self) -> list[TokenEntry]:
        """All that are known, those of the configuration first."""
        return [
            *(TokenEntry(name, admin=name in self._admins) for name in self._configured),
            *map(_entry, self._kept, self._kept.values()),
        ]


async def add_token(
    library: Library, name: str, *, now: float, front_end: bool = False, admin: bool = False
) -> str:
    """Make a token and keep its hash; the token itself is told once, here.

    Args:
        library: Where it is kept.
        name: Whose it is.
        now: Seconds since the epoch.
        front_end: Whether a front-end shows it, which speaks for its users.
        admin: Whether its holder may do everything.

    Raises:
        limner.errors.ConfigError: The name cannot be one, or has a token already.
        limner.errors.StorageError: It cannot be kept.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            "a token's name has up to 64 letters, digits, '_', '.', '@' and '-', the first a "
            "letter or digit"
        )
    token = PREFIX + secrets.token_urlsafe(32)
    entry = {
        "hash": _hash(token), "created_at": now, "front_end": front_end, "admin": admin
    }  # fmt: skip

    def added(kept: Any) -> Any:
        known = _read(kept)
        if name in known:
            raise ConfigError(f"there is a token {name!r} already; revoke it first")
        return {**known, name: entry}

    await library.change_setting(SETTING, added)
    return token


async def list_tokens(library: Library) -> list[TokenEntry]:
    """The tokens a library keeps.

    Raises:
        limner.errors.StorageError: It cannot be read.
    """
    kept = _read(await library.setting(SETTING, {}))
    return list(map(_entry, kept, kept.values()))


async def revoke_token(library: Library, name: str) -> bool:
    """Make a token worthless, within a second also for a server that runs; tells if it was known.

    Raises:
        limner.errors.StorageError: It cannot be kept.
    """
    was_known = False

    def without(kept: Any) -> Any:
        nonlocal was_known
        known = _read(kept)
        was_known = known.pop(name, None) is not None
        return known

    await library.change_setting(SETTING, without)
    return was_known


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _entry(name: str, kept: Mapping[str, Any]) -> TokenEntry:
    return TokenEntry(
        name, kept["created_at"], front_end=kept["front_end"], admin=kept["admin"]
    )  # fmt: skip


def _read(kept: Any) -> dict[str, dict[str, Any]]:
    """What a library keeps, without entries that make no sense."""
    return {
        name: {
            "hash": entry["hash"],
            "created_at": entry.get("created_at"),
            "front_end": entry.get("front_end") is True,
            "admin": entry.get("admin") is True,
        }
        for name, entry in (kept.items() if isinstance(kept, dict) else ())
        if isinstance(entry, dict) and isinstance(entry.get("hash"), str)
    }
