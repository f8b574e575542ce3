"""The text of a choice as it comes, in many small pieces."""

PIECES = 256
"""Pieces after which text that nobody has asked for is put together."""


class SaidText:
    """Keeps all that was said, and knows what of it was taken.

    Examples:
        >>> said = SaidText()
        >>> said.add("Once ")
        >>> said.add("upon")
        >>> said.take(), said.take(), said.whole
        ('Once upon', '', 'Once upon')
    """

    def __init__(self) -> None:
        self._said: list[str] = []
        self._taken = 0
        self._new: list[str] = []

    @property
    def whole(self) -> str:
        """All of it."""
        return "".join(self._said) + "".join(self._new)

    def add(self, text: str) -> None:
        """More was said."""
        self._new.append(text)
        if len(self._new) >= PIECES:
            self._pack()

    def take(self) -> str:
        """What was said since this was asked last."""
        self._pack()
        text = "".join(self._said[self._taken :])
        self._taken = len(self._said)
        return text

    def _pack(self) -> None:
        """Put small pieces together: each takes ten times as much memory as its text."""
        if self._new:
            self._said.append("".join(self._new))
            self._new.clear()
