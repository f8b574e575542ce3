"""What a picture is called at the server that draws it, for whoever has to go on with it."""

from collections.abc import Callable, Mapping

Note = Mapping[str, str]
"""What a backend needs to find its picture again at the server."""


class Errand:
    """Lets a picture be gone on with that somebody had asked a server for, and then died.

    A backend whose server knows pictures by name notes the name when it asks, and looks first
    whether one was left: then it waits for that, in place of having it drawn again.

    Args:
        left: What the one before has noted, if there was one.
        note: Keeps what is noted; must not raise.

    Examples:
        >>> noted = []
        >>> errand = Errand({"kind": "comfyui", "server": "http://a", "id": "7"}, note=noted.append)
        >>> errand.left("comfyui", "http://b") is None, errand.left("comfyui", "http://a")["id"]
        (True, '7')
        >>> errand.left("comfyui", "http://a") is None
        True
        >>> errand.sent("comfyui", "http://a", id="8")
        >>> noted[0]["id"]
        '8'
    """

    def __init__(self, left: Note | None, *, note: Callable[[Note], object]) -> None:
        self._left = left
        self._note = note

    def left(self, kind: str, server: str) -> Note | None:
        """What was left at a server, once: whatever becomes of it, the next try begins anew.

        Args:
            kind: Of the backend.
            server: Where it asks.
        """
        left = self._left
        if left is None or (left.get("kind"), left.get("server")) != (kind, server):
            return None
        self._left = None
        return left

    def sent(self, kind: str, server: str, **told: str) -> None:
        """Note what a picture is called at a server."""
        self._note({"kind": kind, "server": server, **told})
