"""What holds and what does not, told one by one."""

import json
from collections.abc import Iterable

from limner.testing.chat_server import ChatRequest


class Checks:
    """Tells each check, and whether all held.

    Attributes:
        failed: How many did not.
    """

    def __init__(self) -> None:
        self.failed = 0

    def holds(self, what: str, held: bool, seen: object = "") -> None:
        """Tell one."""
        self.failed += not held
        print(f"{'ok  ' if held else 'FAIL'}  {what}{'' if held else f': {seen!r}'}", flush=True)

    def no_links(self, what: str, requests: Iterable[ChatRequest]) -> None:
        """No model was shown a picture of limner's."""
        bodies = [json.dumps(request.body) for request in requests]
        shown = [body for body in bodies if "/images/" in body]
        self.holds(f"{what} ({len(bodies)} requests)", bool(bodies) and not shown, shown)
