"""A whole answer, not streamed, with pictures in the place of its tags."""

from collections.abc import Sequence

from limner.server.proxy.mode import Mode
from limner.server.proxy.pictures.picture_sink import AnswerState, PictureSink, PictureTicket
from limner.server.proxy.protocol.choice_text import ChoiceText, Placed
from limner.server.proxy.protocol.dialect import Dialect, Path, TextPart
from limner.server.proxy.protocol.json_paths import put


def rewrite_completion(
    body: bytes,
    sink: PictureSink,
    dialect: Dialect,
    *,
    mode: Mode = Mode.INLINE,
) -> tuple[bytes, list[PictureTicket]]:
    """The answer with pictures; as it came, to the byte, if no tag stands in it.

    Args:
        body: The answer.
        sink: Takes the pictures.
        dialect: Where its texts stand.
        mode: Where pictures go; `Mode.HOLD` is for the caller to wait.

    Returns:
        The body to send, and the pictures in it.
    """
    if dialect.follows and (answer_id := dialect.answer_id(body)):
        sink.named(answer_id)
    parts: dict[int, list[TextPart]] = {}
    for part in dialect.parts(body):
        parts.setdefault(part.choice, []).append(part)
    if not parts:  # it may be a call alone
        sink.finished(0, AnswerState.COMPLETE)
    tickets: list[PictureTicket] = []
    texts: dict[Path, str] = {}
    for choice, said in parts.items():
        writer = _Writer(choice, sink, mode)
        made = writer.write([part.text for part in said])
        tickets += writer.tickets
        if writer.changed:
            texts |= {part.path: text for part, text in zip(said, made, strict=True)}
    return (put(body, texts) if texts else body), tickets


class _Writer:
    """Rewrites the text of one choice, which may come in several parts."""

    def __init__(self, index: int, sink: PictureSink, mode: Mode) -> None:
        self.tickets: list[PictureTicket] = []
        self._append = mode is Mode.APPEND
        self._choice = ChoiceText(index, sink, in_place=not self._append)
        self.changed = False

    def write(self, parts: Sequence[str]) -> list[str]:
        """The parts with pictures."""
        starts = []
        for part in parts:
            starts.append(self._choice.fed)
            self._choice.feed(part)
        self._choice.finish(AnswerState.COMPLETE)
        made = []
        for part, start in zip(parts, starts, strict=True):
            pieces = self._choice.segments(part, start, start + len(part))
            placed = [piece for piece in pieces if isinstance(piece, Placed)]
            self.tickets += [piece.ticket for piece in placed]
            if self._append:
                self._choice.waiting += placed
                made.append("".join(p if isinstance(p, str) else p.kept for p in pieces))
            else:
                made.append("".join(p if isinstance(p, str) else p.kept + p.text for p in pieces))
        if made:
            made[-1] += "".join(placed.text for placed in self._choice.waiting)
        self.changed = made != list(parts)
        return made
