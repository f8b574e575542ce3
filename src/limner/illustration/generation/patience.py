"""How long a picture is waited for: what counts is silence, not length.

A server may draw one picture in an hour, and have ours wait in its own line for a day. What shows
that it will never come is that nothing moves any more. What a sign of life is depends on how much
the server tells:

- One that tells that the picture is being drawn: its progress.
- One that tells that the picture waits in the server's line: every move of that line, and every
  sign of another picture of ours there. A line may stand still for `LINE` times as long, because
  others draw there, too.
- One that tells nothing: every sign of a picture of ours that was sent there before this one, for
  as long as one of those is there this one's turn has not come; and of those sent later, which may
  be lucky, the first `OVERTAKEN`. So a picture that was lost at a busy server is not waited for
  for ever.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from limner.errors import BackendBusy, BackendTimeout
from limner.illustration.generation.retry_policy import answered, away
from limner.illustration.generation.silence import Silence
from limner.illustration.model.image import ImageRequest, Whereabouts

PICTURE_TIMEOUT = 1800.0
"""Seconds that a picture may be silent if nobody says otherwise.

A machine without a graphics card takes up to a quarter of an hour for a picture, and many a server
tells nothing meanwhile: this is twice that.
"""

SETTLE_TIMEOUT = 3600.0
"""Seconds that a message may be silent: more than one picture, so that a picture fails first."""

LINE = 2.0
"""How many times the patience with a drawing a server's line may stand still."""

OVERTAKEN = 12
"""Pictures sent later whose signs count for one of which the server tells nothing."""


def bound(seconds: float | None, name: str) -> float | None:
    """A time-out as it is set: 0, infinity and ``None`` are none.

    Args:
        seconds: What was set.
        name: What it is called.

    Raises:
        ValueError: It is negative, or no number.

    Examples:
        >>> bound(60, "picture_timeout"), bound(0, "picture_timeout")
        (60, None)
    """
    if seconds is not None and not seconds >= 0:
        raise ValueError(f"{name} must be 0 (none) or more seconds, not {seconds}")
    return None if not seconds or seconds == float("inf") else seconds


class SilenceWatch:
    """One attempt at a picture, from its being sent to a server until it has ended there.

    Args:
        patience: Whose.
        number: Its place among all that were sent.
        on_sign: Called with each sign of life of it, or of those it waits for.
    """

    def __init__(self, patience: "Patience", number: int, on_sign: Callable[[], None]) -> None:
        self._patience = patience
        self._number = number
        self._on_sign = on_sign
        self._place = Whereabouts()
        self._told: tuple[float, bytes | None] = (0.0, None)
        self._overtaken: set[int] = set()
        self._heard_at = asyncio.get_running_loop().time()
        self.silence = Silence(self._due, self._earliest)

    def watched(self, request: ImageRequest) -> ImageRequest:
        """The request, whose news are heard here before they go where they went."""
        progress, whereabouts = request.progress, request.whereabouts

        def progressed(fraction: float, preview: bytes | None) -> None:
            self._progressed(fraction, preview)
            if progress is not None:
                progress(fraction, preview)

        def placed(place: Whereabouts) -> None:
            self._placed(place)
            if whereabouts is not None:
                whereabouts(place)

        return replace(request, progress=progressed, whereabouts=placed)

    def _progressed(self, fraction: float, preview: bytes | None) -> None:
        # Servers say the same again and again; and what is not drawn yet is only guessed at.
        if self._place.drawn is False or (fraction, preview) == self._told:
            return
        self._told = fraction, preview
        if fraction > 0 or preview is not None:
            self._place = replace(self._place, drawn=True)
            self._patience.heard(self)

    def _placed(self, place: Whereabouts) -> None:
        before, self._place = self._place, place
        if place.server != before.server:
            self._told, self._overtaken = (0.0, None), set()
            self._renew()  # it is sent there now
        elif place.drawn and not before.drawn:
            self._patience.heard(self)
        elif _nearer(before, place):
            # A line also moves because those who waited in vain have left it.
            if self._patience.hung:
                self._renew()
            else:
                self._patience.heard(self)

    def hears(self, other: "SilenceWatch") -> bool:
        """Whether a sign of another picture counts for this one."""
        if other is self or self._place.drawn:
            return other is self
        if self._place.server not in ("", other._place.server):
            return False
        if other._number < self._number or other._number in self._overtaken:
            return True
        if len(self._overtaken) < OVERTAKEN:
            self._overtaken.add(other._number)
            return True
        return False

    def heard(self) -> None:
        """There was a sign of life."""
        self._renew()
        self._on_sign()

    def is_behind(self, other: "SilenceWatch") -> bool:
        """Whether this picture has its turn after another, as far as anybody knows."""
        unknown = self._place.drawn is None and other._place.drawn is not False
        there = other._place.server == self._place.server
        return unknown and there and other._number < self._number

    def left(self, other: "SilenceWatch") -> None:
        """Another picture is at the servers no more, however it ended."""
        if self.is_behind(other):
            self._renew()

    def _renew(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        self.silence.moved()

    def _due(self) -> float | None:
        seconds = self._patience.seconds
        if seconds is None:
            return None
        # Each that is before it has its own time first.
        turns = 1 + sum(map(self.is_behind, self._patience.watches))
        return self._heard_at + seconds * (LINE if self._place.drawn is False else turns)

    def _earliest(self) -> float | None:
        """The end if nobody were before it, so that no sign of life costs a count of them all."""
        seconds = self._patience.seconds
        return None if seconds is None else self._heard_at + seconds

    def complaint(self) -> BackendTimeout:
        """Why it is waited for no longer, in words."""
        server, seconds = self._place.server, self._patience.seconds or 0.0
        whose = f"the server {server}" if server else "the server"
        if self._place.drawn is False:
            what, seconds = f"the line of {whose} has not moved", seconds * LINE
        elif self._place.drawn:
            what = f"{whose} has not got on with the picture, of which {self._told[0]:.0%} is done,"
        else:
            what = f"{whose} has given no sign of the picture"
        return BackendTimeout(
            f"{what} for {seconds:g} s; if it is only slow, raise picture_timeout",
            server=server or None,
        )


class Patience:
    """Knows which pictures are at the servers, and when there is nothing more to be hoped for.

    Args:
        seconds: Silence after which a picture fails; ``None``: never.
        settle: Silence of all its pictures after which a message is given up; ``None``: never.

    Attributes:
        seconds, settle: As above; a change counts for what is sent, or waited for, from then on.
        watches: The pictures that are at the servers, in the order in which they were sent.
        hung: Whether the last that was heard of the servers is that nothing was to be heard: one
            more picture that is sent there is no sign of life.

    Examples:
        >>> from limner.testing import ScriptedBackend, run_virtual
        >>> async def draw(seconds, steps):
        ...     backend, patience = ScriptedBackend(seconds=seconds, steps=steps), Patience(60)
        ...     async with patience.watch() as watch:
        ...         await backend.generate(watch.watched(ImageRequest(prompt="a fox")))
        ...     return asyncio.get_running_loop().time()
        >>> run_virtual(draw(500, steps=9))
        500.0
        >>> run_virtual(draw(500, steps=0))
        Traceback (most recent call last):
            ...
        limner.errors.backend.BackendTimeout: the server has given no sign of the picture for 60 s
    """

    def __init__(self, seconds: float | None, settle: float | None = None) -> None:
        self.seconds = seconds
        self.settle = settle
        self.hung = False
        self._numbers = itertools.count()
        self.watches: dict[SilenceWatch, None] = {}
        self._handlers: dict[int, Callable[[], None]] = {}

    def change(self, seconds: float | None, settle: float | None) -> None:
        """Wait so long from now on; 0 is none.

        Raises:
            ValueError: One of them is negative, or no number.
        """
        seconds, settle = bound(seconds, "picture_timeout"), bound(settle, "settle_timeout")
        self.seconds, self.settle = seconds, settle

    def on_life(self, handler: Callable[[], None]) -> Callable[[], None]:
        """Have a function called at every sign of life of any picture; gives what ends that."""
        key = next(self._numbers)
        self._handlers[key] = handler

        def unsubscribe() -> None:
            self._handlers.pop(key, None)

        return unsubscribe

    @asynccontextmanager
    async def watch(
        self, on_sign: Callable[[], None] = lambda: None
    ) -> AsyncIterator[SilenceWatch]:
        """A picture is sent to a server for the time of the block.

        Args:
            on_sign: Called with each sign of life of the picture, and of those it waits for.

        Raises:
            limner.errors.BackendTimeout: There was none for too long.
        """
        watch = SilenceWatch(self, next(self._numbers), on_sign)
        self.watches[watch] = None
        if not self.hung:
            on_sign()
            self._tell()
        try:
            async with watch.silence:
                yield watch
        except TimeoutError as error:
            if not watch.silence.broken:
                raise
            self.hung = True
            raise watch.complaint() from error
        except Exception as error:
            if away(error) or isinstance(error, BackendBusy):
                self.hung = True  # that it is asked again and again is no sign of life
            elif answered(error):
                self.heard(watch)
            raise
        else:
            self.heard(watch)
        finally:
            del self.watches[watch]
            for other in self.watches:
                other.left(watch)

    def heard(self, watch: SilenceWatch) -> None:
        """There was a sign of life of a picture."""
        self.hung = False
        for other in tuple(self.watches):
            if other.hears(watch):
                other.heard()
        self._tell()

    def _tell(self) -> None:
        for handler in tuple(self._handlers.values()):
            handler()


def _nearer(before: Whereabouts, now: Whereabouts) -> bool:
    """Whether the line has moved."""
    return before.ahead is not None and now.ahead is not None and now.ahead < before.ahead
