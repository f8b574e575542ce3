"""What was waited for, and how long: for the summary of a run."""

from dataclasses import dataclass, field, replace
from math import inf

from limner.illustration.generation.wait import spoken

SOON = 5.0
"""Seconds between two stretches that count as one: in them somebody has asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """One kind of wait that is over, or goes on.

    Attributes:
        words: For what, as in "server busy (503)".
        seconds: How long altogether.
        times: How often.

    Examples:
        >>> Waited(words="server busy (503)", seconds=83.0, times=2).told
        'waited 83 s in 2 stretches: server busy (503)'
    """

    words: str
    seconds: float
    times: int = 1

    @property
    def told(self) -> str:
        """All of it in words."""
        often = "" if self.times == 1 else f" in {self.times} stretches"
        return f"waited {spoken(self.seconds)}{often}: {self.words}"


@dataclass(slots=True)
class WaitLedger:
    """Adds up stretches in which nobody was sent, by what was waited for."""

    _over: dict[str, Waited] = field(default_factory=dict)
    _since: float | None = None
    _until: float = 0.0
    _words: str = ""

    def note(self, words: str | None, now: float, *, until: float = inf) -> None:
        """What is waited for at this instant, and until when at most; ``None``: nothing."""
        if self._since is not None and (words is None or now > self._until + SOON):
            self._over[self._words] = self._with_current(now)
            self._since = None
        if words is not None:
            if self._since is None:
                self._since, self._words = now, words
            self._until = until

    def waited(self, now: float) -> list[Waited]:
        """All of it, the longest first."""
        found = dict(self._over)
        if self._since is not None:
            found[self._words] = self._with_current(now)
        return sorted(found.values(), key=lambda one: -one.seconds)

    def _with_current(self, now: float) -> Waited:
        since = now if self._since is None else self._since
        seconds = max(min(now, self._until) - since, 0.0)
        before = self._over.get(self._words)
        if before is None:
            return Waited(words=self._words, seconds=seconds)
        return replace(before, seconds=before.seconds + seconds, times=before.times + 1)
