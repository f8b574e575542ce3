"""A limiter for every key: every message, every user, every server."""

from __future__ import annotations

import asyncio
import math
import weakref
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar, overload

from limner.scheduling.engine.engine import Engine
from limner.scheduling.engine.events import logger
from limner.scheduling.limiter import Limiter, engine_of
from limner.scheduling.limits.validation import check_seconds

K = TypeVar("K", bound=Hashable)


class LimiterGroup(Generic[K]):
    """Makes a `Limiter` for each key when it is first asked for, and forgets idle ones.

    A limiter is forgotten when it has had nothing to do for ``idle_timeout`` seconds and a fresh
    one would decide exactly as it does: its windows are free, its reservoir is full, it is not
    paused. Whoever still holds it shares it with those who ask for the key again.

    Args:
        factory: ``key -> Limiter``, for limits that depend on the key.
        idle_timeout: Seconds after which an idle key is forgotten; ``None``: never.
        limits: The keywords of `Limiter` for every key, instead of a factory.

    Raises:
        TypeError: A factory and limits, or limits that make no sense.
        ValueError: A number that makes no sense.

    Examples:
        >>> group = LimiterGroup(max_concurrent=1)
        >>> group["message-1"] is group.key("message-1")
        True
        >>> "message-2" in group, len(group)
        (False, 1)
    """

    @overload
    def __init__(
        self, *, factory: Callable[[K], Limiter], idle_timeout: float | None = 300.0
    ) -> None: ...

    @overload
    def __init__(
        self: LimiterGroup[Any],
        *,
        factory: None = None,
        idle_timeout: float | None = 300.0,
        **limits: Any,
    ) -> None: ...

    def __init__(
        self,
        *,
        factory: Callable[[K], Limiter] | None = None,
        idle_timeout: float | None = 300.0,
        **limits: Any,
    ) -> None:
        if factory is not None and limits:
            raise TypeError("the factory decides the limits: give it or them, not both")
        if factory is not None and not callable(factory):
            raise TypeError(f"factory must be a function of the key, not {factory!r}")
        if idle_timeout is not None:
            check_seconds("idle_timeout", idle_timeout, above_zero=True)
        if factory is None:
            Limiter(**limits)  # say what is wrong now, not at the first key
        self._factory = factory
        self._limits = limits
        self._changes: dict[str, Any] = {}
        self._idle_timeout = math.inf if idle_timeout is None else idle_timeout
        self._limiters: dict[K, Limiter] = {}
        self._forgotten: weakref.WeakValueDictionary[K, Limiter] = weakref.WeakValueDictionary()
        self._made: dict[K, tuple[object, ...]] = {}
        """To each key what its limiter was when it was made."""
        self._created: list[Callable[[Limiter, K], object]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # the timer's

    def __getitem__(self, key: K) -> Limiter:
        limiter = self._limiters.get(key)
        if limiter is None:
            limiter = self._forgotten.get(key) or self._make(key)
            self._limiters[key] = limiter
            self._made.setdefault(key, _settings(engine_of(limiter)))
        if self._timer is None or self._loop is not _running_loop():
            self._watch(self._idle_timeout)
        return limiter

    def key(self, key: K) -> Limiter:
        """Return the limiter of a key, made now if there is none: the same as ``group[key]``."""
        return self[key]

    def __contains__(self, key: object) -> bool:
        return key in self._limiters

    def __len__(self) -> int:
        return len(self._limiters)

    def keys(self) -> list[K]:
        """The keys that have a limiter, oldest first."""
        return list(self._limiters)

    def limiters(self) -> dict[K, Limiter]:
        """The limiters there are, by key."""
        return dict(self._limiters)

    def on_created(self, handler: Callable[[Limiter, K], object]) -> Callable[[], None]:
        """Call ``handler(limiter, key)`` for each new limiter, before anybody else sees it.

        A handler that raises is logged and harms nothing.

        Returns:
            The function that ends it.

        Raises:
            TypeError: Not callable.
        """
        if not callable(handler):
            raise TypeError(f"a handler must be callable, not {handler!r}")
        self._created.append(handler)

        def unsubscribe() -> None:
            if handler in self._created:
                self._created.remove(handler)

        return unsubscribe

    def update(self, key: K | None = None, **limits: Any) -> None:
        """Change limits of one key, or of all keys there are and will be.

        Args:
            key: One key; ``None``: all.
            limits: As for `Limiter.update`.

        Raises:
            KeyError: The key has no limiter.
            TypeError, ValueError: Limits that make no sense; nothing is changed then.
        """
        if key is not None:
            self._limiters[key].update(**limits)
            return
        alive = [*self._limiters.values(), *self._forgotten.values()]
        for limiter in alive:
            limiter.limits.changed(limits)
        Limiter().limits.changed({**self._changes, **limits})
        self._changes.update(limits)
        as_made = [key for key in self._limiters if self._is_as_made(key, engine_of(self[key]))]
        for limiter in alive:
            limiter.update(**limits)
        for key in as_made:
            self._made[key] = _settings(engine_of(self[key]))

    async def delete(self, key: K) -> bool:
        """Forget a key: its waiting jobs get `JobDropped`, and those that run are waited for.

        Until they have ended the key takes no new jobs (`LimiterStopped`); after that it starts
        afresh.

        Returns:
            Whether there was such a key.
        """
        limiter = self._limiters.get(key) or self._forgotten.get(key)
        if limiter is None:
            return False
        engine = engine_of(limiter)
        engine.check_thread()
        try:
            await engine.stop(drop_waiting=True, timeout=None, strategy="delete")
        finally:
            if not engine.core.active:
                if self._limiters.get(key) is limiter:
                    del self._limiters[key], self._made[key]
                self._forgotten.pop(key, None)
        return True

    def _make(self, key: K) -> Limiter:
        limiter = self._factory(key) if self._factory is not None else self._plain(key)
        if not isinstance(limiter, Limiter):
            raise TypeError(f"the factory must return a Limiter, not {limiter!r}")
        if self._changes:
            limiter.update(**self._changes)
        for handler in list(self._created):
            try:
                handler(limiter, key)
            except Exception:
                logger.exception("an on_created handler raised")
        return limiter

    def _plain(self, key: K) -> Limiter:
        return Limiter(**{"name": str(key), **self._limits})

    def _watch(self, seconds: float) -> None:
        """Look for idle keys in so many seconds, or as soon as the group is used in a loop."""
        loop = _running_loop()
        if seconds < math.inf and loop is not None:
            self._loop = loop
            self._timer = loop.call_at(_after(loop.time(), seconds), self._sweep)

    def _is_as_made(self, key: K, engine: Engine) -> bool:
        """Whether nobody has changed what a fresh limiter would not have."""
        return self._made.get(key) == _settings(engine)

    def _sweep(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        left = self._idle_timeout
        for key, limiter in list(self._limiters.items()):
            engine = engine_of(limiter)
            if engine.core.alive:
                continue
            due = engine.core.idle_since + self._idle_timeout
            if due <= now and engine.outlook.forgettable(now) and self._is_as_made(key, engine):
                del self._limiters[key], self._made[key]
                self._forgotten[key] = limiter
            elif due > now:
                left = min(left, due - now)
        if self._limiters:
            self._watch(left)


def _settings(engine: Engine) -> tuple[object, ...]:
    """Return what somebody may change about a limiter: its limits, its chain, who listens."""
    return engine.scheduler.limits, engine.runner.chained, engine.core.handlers.registered


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _after(now: float, seconds: float) -> float:
    """Return an instant that really is later: far from zero a clock does not show every step."""
    return max(now + seconds, math.nextafter(now, math.inf))
