"""How long something lives, and waiting for its end."""

import asyncio


class Lifetime:
    """From when it is made until `end` is called, in seconds on the loop's clock."""

    def __init__(self) -> None:
        self.started_at = asyncio.get_running_loop().time()
        self.ended_at: float | None = None
        self.ended = asyncio.Event()

    @property
    def duration(self) -> float:
        """Seconds it lives already, or has lived."""
        if self.ended_at is not None:
            return self.ended_at - self.started_at
        return asyncio.get_running_loop().time() - self.started_at

    def end(self) -> None:
        """It has ended. Twice is fine."""
        if self.ended_at is None:
            self.ended_at = asyncio.get_running_loop().time()
            self.ended.set()
