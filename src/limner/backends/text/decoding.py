"""From bytes to text, as they come: a pure machine."""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as that of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TextDecoder:
    r"""Decodes UTF-8, or UTF-16 or UTF-32 with a byte order mark first, however it is cut.

    The mark itself is dropped. Bytes that are no text become U+FFFD. Line ends are kept.

    Args:
        encoding: What the characters are coded in, if there is no mark; ``None``: UTF-8.

    Attributes:
        bad_at: Where the first byte stands that is no text, counted from the beginning, or
            ``None`` so far.

    Examples:
        >>> decoder = TextDecoder()
        >>> decoder.feed(b"caf\xc3") + decoder.feed(b"\xa9 \xff!") + decoder.finish()
        'café \ufffd!'
        >>> decoder.bad_at
        6
    """

    def __init__(self, encoding: str | None = None) -> None:
        self._usual = encoding or "utf-8"
        self.bad_at: int | None = None
        self._head = b""
        self._encoding = ""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._taken = 0

    def feed(self, data: bytes) -> str:
        """Take the next bytes; give the characters they complete."""
        return self._decode(data, final=False)

    def finish(self) -> str:
        """Nothing follows; give what stands for bytes that never made a character."""
        return self._decode(b"", final=True)

    def _decode(self, data: bytes, *, final: bool) -> str:
        if self._decoder is None:
            self._head += data
            if not final and _may_be_mark(self._head):
                return ""
            data = self._begin()
        if self._decoder is None:
            return ""
        pending, _ = self._decoder.getstate()
        self._taken += len(data)
        try:
            return self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            self.bad_at = self._taken - len(data) - len(pending) + error.start
            self._decoder = codecs.getincrementaldecoder(self._encoding)("replace")
            return self._decoder.decode(pending + data, final)

    def _begin(self) -> bytes:
        """Choose the encoding by the mark; give what follows the mark."""
        for mark, encoding in _MARKS:
            if self._head.startswith(mark):
                self._encoding = encoding
                self._taken = len(mark)
                break
        else:
            self._encoding = self._usual
        self._decoder = codecs.getincrementaldecoder(self._encoding)("strict")
        return self._head[self._taken :]


def _may_be_mark(head: bytes) -> bool:
    """Whether a byte order mark may still become whole."""
    return any(mark.startswith(head) and head != mark for mark, _ in _MARKS)
