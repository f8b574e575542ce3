"""Finding characters from left to right without searching any stretch twice."""


class MemoisedFind:
    """One text, and for each character asked about, where it comes next.

    Several searches that each stop at another character would look through the same text again
    and again. Here each character's next place is remembered until the reader has passed it, so
    that all searches together cost one pass for each character asked about.

    Positions must not go back by more than was never asked for: `find` remembers only forwards.

    >>> marks = MemoisedFind("a<b")
    >>> marks.find("<", 0), marks.find("<", 2)
    (1, 3)
    """

    __slots__ = ("_next", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._next: dict[str, int] = {}

    def find(self, char: str, start: int) -> int:
        """Where `char` comes next at or after `start`; the text's length if it does not."""
        at = self._next.get(char, -1)
        if at < start:
            at = self.text.find(char, start)
            if at < 0:
                at = len(self.text)
            self._next[char] = at
        return at
