"""How often a ComfyUI is looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PollIntervals:
    """How often is looked.

    Attributes:
        poll: Seconds between two looks at the history, where there is no websocket.
        quiet: Seconds without news on the websocket, after which the history is looked at.
    """

    poll: float = 1.0
    quiet: float = 10.0
