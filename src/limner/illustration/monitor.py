"""Watching a message's text grow: what is new for the reader, and which pictures it asks for."""

from collections.abc import Sequence

from limner.prompts import PromptScanner, PromptTag, Text


class StreamingMonitor:
    """Feeds the growing text to the scanner and keeps it all.

    It is driven by the chunks themselves; nothing polls. Because the scanner is finished with the
    stream, a tag that closes with the very last character is found like any other.

    Args:
        patterns: Tag patterns in place of the defaults; see `limner.prompts.PromptScanner`.

    Example:
        >>> monitor = StreamingMonitor()
        >>> [part.source for part in monitor.feed('Snow. <!--img-prompt="a fox"--')]
        ['Snow. ']
        >>> [part.prompt for part in monitor.feed(">")]
        ['a fox']
        >>> monitor.text
        'Snow. <!--img-prompt="a fox"-->'
    """

    def __init__(self, patterns: Sequence[str] | None = None) -> None:
        self.scanner = PromptScanner(patterns)
        # As bytes while it grows: a long text with a single emoji would take four times as much.
        self._encoded = bytearray()
        self._whole: str | None = None
        self.characters = 0

    def feed(self, chunk: str) -> list[Text | PromptTag]:
        """Take the next piece of the message's text.

        Raises:
            TypeError: It is not a string.
        """
        if not isinstance(chunk, str):
            raise TypeError(f"a chunk of text must be a str, not {type(chunk).__name__}")
        parts = self.scanner.feed(chunk)
        self._encoded += chunk.encode("utf-8", "surrogatepass")
        self.characters += len(chunk)
        return parts

    def finish(self) -> list[Text | PromptTag]:
        """Tell that no more text comes; gives what was still held back."""
        self._whole = self.text
        self._encoded.clear()
        return self.scanner.finish()

    @property
    def text(self) -> str:
        """The raw text so far, with its tags."""
        if self._whole is not None:
            return self._whole
        return self._encoded.decode("utf-8", "surrogatepass")
