"""What a picture is called at the server that draws it, for whoever has to go on with it."""

from collections.abc import Callable, Mapping

Note = Mapping[str, str]
"""What a backend needs to find its picture again at the server."""


class Errand:
    """Lets a picture be gone on with that somebody had asked a server for, and then died.

    A backend whose server knows pictures by name notes the name when it asks, and looks first
    whether one was left: then it waits for that, in place of having it drawn again. Whoever hands
    pictures to several servers lets it go to the one where it was left (`place`).

    Args:
        left: What the one before has noted, if there was one.
        note: Keeps what is noted; must not raise.

    Examples:
        >>> noted = []
        >>> errand = Errand({"place": "a", "id": "7"}, note=noted.append)
        >>> errand.place, errand.left("b") is None, errand.left("a")["id"]
        ('a', True, '7')
        >>> errand.place, errand.left("a") is None
        (None, True)
        >>> errand.sent("a", id="8")
        >>> noted[0]["id"]
        '8'
    """

    def __init__(self, left: Note | None, *, note: Callable[[Note], object]) -> None:
        self._left = left
        self._note = note

    @property
    def place(self) -> str | None:
        """The server where something was left that nobody has looked for yet."""
        return None if self._left is None else self._left.get("place")

    def left(self, place: str) -> Note | None:
        """What was left at a server, once: whatever becomes of it, the next try begins anew.

        Args:
            place: The server's fingerprint; see `limner.illustration.capabilities.HasPlaces`.
        """
        if self._left is None or self.place != place:
            return None
        left, self._left = self._left, None
        return left

    def sent(self, place: str, **told: str) -> None:
        """Note what a picture is called at a server."""
        self._note({"place": place, **told})
