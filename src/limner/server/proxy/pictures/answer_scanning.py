"""How the answers of each model are scanned: which of them begin inside reasoning."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from limner.server.proxy.pictures.answer_scanner import MOST_HELD, AnswerScanner

MOST_SEEN = 256
"""Models of which it is remembered that their answers begin inside reasoning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningOptions:
    """What is known beforehand of how models think.

    Attributes:
        marks: Pairs of marks between which they do, besides those in use.
        models: Models whose answers begin inside reasoning, with ``*`` for any characters.
        most_held: Characters of an open block of reasoning that a reader waits for at most.
    """

    marks: tuple[tuple[str, str], ...] = ()
    models: tuple[str, ...] = ()
    most_held: int = MOST_HELD


class AnswerScanning:
    """Makes the scanner for an answer, and learns from the answers that were scanned.

    With some models the mark that opens reasoning stands in what they are asked, so that only the
    closing one is in the answer. A model of which that was seen once is taken to do it again, until
    an answer of it ends without the mark.

    Args:
        patterns: Tag patterns in place of the defaults.
        options: What is known beforehand.

    Examples:
        >>> scanning = AnswerScanning()
        >>> for _ in range(2):
        ...     scanner = scanning.scanner("qwen")
        ...     found = scanner.feed('<!--img-prompt="a draft"--> Hm. </think> Once.')
        ...     scanning.scanned("qwen", scanner, whole=True)
        ...     len(found)
        1
        0
    """

    def __init__(
        self,
        patterns: Sequence[str] | None = None,
        options: ReasoningOptions | None = None,
    ) -> None:
        self._patterns = patterns
        self._options = options or ReasoningOptions()
        self._seen: dict[str, None] = {}

    def scanner(
        self, model: str, *, before: str = "", slots: int = 0, seen: bool = True
    ) -> AnswerScanner:
        """What finds the tags of an answer; see `AnswerScanner`."""
        return AnswerScanner(
            self._patterns,
            before=before,
            slots=slots,
            seen=seen,
            reasoning=self._options.marks,
            begins_in_reasoning=self._begins_inside(model),
            most_held=self._options.most_held,
        )

    def scanned(self, model: str, scanner: AnswerScanner, *, whole: bool) -> None:
        """An answer has ended; `whole`: not because it was cut."""
        if scanner.closed_unopened:
            self._seen[model] = None
            if len(self._seen) > MOST_SEEN:
                del self._seen[next(iter(self._seen))]
        elif whole and scanner.never_closed:
            self._seen.pop(model, None)

    def _begins_inside(self, model: str) -> bool:
        return model in self._seen or any(
            fnmatchcase(model, known) for known in self._options.models
        )
