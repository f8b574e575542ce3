"""Choosing where the pictures of a text stand, by its words alone.

The text is divided into as many parts as it is to have pictures, and in each part the paragraph
is taken that shows most: somebody, doing something, somewhere. A paragraph that begins a scene
counts more, one of talk counts less, and so does one that shows what the picture before showed.
Equal texts get equal pictures; nothing is left to chance.
"""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from limner.prompts.grammar.tag_writing import tag_prompt
from limner.prompts.scenes.passage import Passage, passages
from limner.prompts.scenes.proposal import Proposal
from limner.prompts.scenes.sight import Eye, Seen
from limner.prompts.scenes.wording import best_sentence, spoken, without_markup, worded

EVERY = 250
"""Words for which there is a picture, unless told otherwise."""
MOST = 60
"""Pictures of a text, unless told otherwise: those of a longer one lie further apart."""

_SHORTEST = 6
"""Words a paragraph needs to be worth a picture beside longer ones."""

_REMEMBERED = 3
"""Paragraphs for which a place or an hour holds that is not said again."""

_ACTING = re.compile(r"\b\w{3,}(?:ed|ing)\b|\b(?:ran|sat|stood|rode|fell|flew|swam|came|went)\b")
_ENDS = re.compile(r"[.!?…。！？]")
"""What a list of persons or of contents has not."""
_SEEN_ON_STAGE = re.compile(r"\\?\[[^\[\]]+\]")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A paragraph a picture could follow."""

    passage: Passage
    middle: float  # words of the text up to its middle
    sentence: str
    seen: Seen  # of the sentence
    around: Seen  # what is known of the scene from before
    worth: float


def pick(text: str, eye: Eye, *, every: int = EVERY, maximum: int = MOST) -> list[Proposal]:
    """The places where pictures belong in a text, and what they show, in its order.

    Args:
        text: The text, Markdown or plain.
        eye: Says what can be seen in a stretch of it.
        every: For how many words there is a picture; a text that is shorter gets one.
        maximum: How many pictures at most.

    Raises:
        ValueError: A number is less than 1.
    """
    if every < 1 or maximum < 1:
        raise ValueError(f"every and maximum must be at least 1, not {every!r} and {maximum!r}")
    found = passages(text)
    candidates = _candidates(found, eye)
    total = sum(passage.words for passage in found)
    count = min(max(1, round(total / every)), maximum, len(candidates))
    chosen: list[_Candidate] = []
    for part in range(count):
        first, last = total * part / count, total * (part + 1) / count
        best = _best(candidates, chosen, first, last, first_part=part == 0)
        if best is not None:
            chosen.append(best)
    return [
        Proposal(one.passage.end, tag_prompt(worded(one.sentence, one.seen, one.around)))
        for one in chosen
    ]


def _best(
    candidates: Sequence[_Candidate],
    chosen: Sequence[_Candidate],
    first: float,
    last: float,
    *,
    first_part: bool,
) -> _Candidate | None:
    """What is worth most in a part of the text, not too near to the picture before."""
    width = last - first
    before = chosen[-1] if chosen else None
    best, most = None, float("-inf")
    for one in candidates:
        if not first < one.middle <= last or one is before:
            continue
        # Early in the first part, so that a reader sees soon what kind of book it is.
        wanted = first + width * (0.3 if first_part else 0.5)
        worth = one.worth - 2.0 * abs(one.middle - wanted) / width
        if before is not None:
            near = one.middle - before.middle
            worth -= 4.0 if near < width / 3 else 0.0
            worth -= len(set(one.seen.beings + one.seen.things) & set(_shown(before))) * 0.5
            worth -= (
                1.0 if one.seen.place is not None and one.seen.place == before.seen.place else 0
            )
        if worth > most:
            best, most = one, worth
    return best


def _shown(one: _Candidate) -> tuple[str, ...]:
    return one.seen.beings + one.seen.things


def _candidates(found: Sequence[Passage], eye: Eye) -> list[_Candidate]:
    made: list[_Candidate] = []
    recent = deque[Seen](maxlen=_REMEMBERED)
    beings: tuple[str, ...] = ()
    words = 0
    for passage in found:
        words += passage.words
        if passage.opens:
            recent.clear()
        if not passage.prose or not passage.words:
            continue
        clean = without_markup(passage.text)
        sentence, seen = best_sentence(clean, eye)
        if sentence:
            worth = _worth(passage, clean, sentence, seen)
            around = _remembered(recent, beings)
            made.append(
                _Candidate(passage, words - passage.words / 2, sentence, seen, around, worth)
            )
        recent.append(eye(clean))
        beings = recent[-1].beings or beings
    return made


def _remembered(recent: Iterable[Seen], beings: tuple[str, ...]) -> Seen:
    """What a reader has in mind: what was said last of each."""
    place = time = weather = None
    for seen in recent:
        place, time = seen.place or place, seen.time or time
        weather = seen.weather or weather
    return Seen(beings=beings, place=place, time=time, weather=weather)


def _worth(passage: Passage, clean: str, sentence: str, seen: Seen) -> float:
    worth = 2.0 * min(len(seen.beings), 2) + 1.0 * min(len(seen.things), 3)
    worth += sum(1.5 for said in seen.setting if said is not None)
    worth += 1.0 if _ACTING.search(sentence) else 0.0
    worth += 1.5 if passage.opens else 0.0
    worth += 1.5 if _SEEN_ON_STAGE.fullmatch(passage.text.strip()) else 0.0
    worth -= 3.0 * len(spoken(clean)) / max(1, len(clean))
    worth -= 3.0 if passage.words < _SHORTEST else 0.0
    worth -= 4.0 if passage.text.count("\n") > 1 and not _ENDS.search(passage.text) else 0.0
    return worth
