"""Whether a server that failed is asked again: a circuit breaker, without a clock of its own.

Closed: it is asked. After some failures in a row it opens: nobody asks, for a time that grows with
each opening. Then it is half open: one picture is tried. If that goes well it closes.
"""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Circuit:
    """The circuit of one server.

    Attributes:
        threshold: Failures in a row after which it opens.
        first_delay: Seconds for which it opens first.
        longest_delay: Seconds for which it opens at most; each opening doubles the time.
        failures: How many there were in a row.
        openings: How often it opened in a row.
        open_until: While it is open: until when.
        half_open: Whether one picture may be tried.

    Examples:
        >>> circuit = Circuit(threshold=2, first_delay=5.0)
        >>> circuit.failed(0.0), circuit.failed(1.0), circuit.open_until
        (False, True, 6.0)
        >>> circuit.try_again()
        >>> circuit.allows(running=0), circuit.allows(running=1)
        (True, False)
    """

    threshold: int = 3
    first_delay: float = 5.0
    longest_delay: float = 300.0
    failures: int = 0
    openings: int = 0
    open_until: float | None = None
    half_open: bool = False

    def allows(self, *, running: int) -> bool:
        """Whether one more picture may be given to the server, which draws so many now."""
        return self.open_until is None and (not self.half_open or running == 0)

    def succeeded(self) -> None:
        """It answered as a server should."""
        if self.open_until is None:
            self.failures = self.openings = 0
            self.half_open = False

    def failed(self, now: float) -> bool:
        """It did not. Tells whether that has opened the circuit."""
        if self.open_until is not None:
            return False  # sent before it opened
        self.failures += 1
        if self.failures < self.threshold and not self.half_open:
            return False
        self.open(now)
        return True

    def open(self, now: float) -> None:
        """Leave the server alone for a while."""
        delay = self.first_delay * 2.0 ** min(self.openings, 60)
        self.openings += 1
        self.open_until = now + min(delay, self.longest_delay)
        self.half_open = False

    def try_again(self) -> None:
        """Let one picture be tried."""
        self.open_until = None
        self.half_open = True
