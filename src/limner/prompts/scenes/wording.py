"""What a picture shows, in the words of the paragraph it follows."""

import re

from limner.prompts.scenes.passage import count_words
from limner.prompts.scenes.sight import Eye, Seen

LONGEST = 320
"""Characters of a sentence that go into a prompt."""
SENTENCES = 40
"""Sentences of a paragraph that are looked at."""
LOOKED_AT = 16 * 1024
"""Characters of a paragraph that are looked at."""

_SENTENCE = re.compile(
    r"[^.!?…。！？\n]+(?:[.!?…]+[\"'”’»“«)\]]*(?=\s|\Z)|[。！？]+[”」』]*|\n|\Z|[.!?…]+)"
)
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|Sr|Jr|Capt|Col|Gen|No|Hr|Fr|M|Mme|Mlle)\.\Z")
_SPOKEN = re.compile(
    r"»[^«»]*«|[“„«「『][^”“»」』]*[”“»」』]?|\"[^\"]*\"?|^[ \t]*[—–][ \t]?\w.*$", re.MULTILINE
)
"""German books turn the marks round that French ones use; a dash begins what is said in many."""
_SPEAKER = re.compile(
    r"[^\W\d_a-zß-ÿ][^\W\d_a-zß-ÿ .'’-]{1,30}[.:](?:\s|\Z)|[A-Z][a-z]{1,9}\.[ \t]*\n"
)
"""Who speaks, in a play."""
_DIRECTION = re.compile(r"[\[(][^\[\]()]*[\])]")
_SAYING = re.compile(
    r"\b(?:said|asked|replied|answered|cried|whispered|shouted|thought"
    r"|sagte|fragte|rief|antwortete|erwiderte|dit|demanda|répondit|dijo|preguntó|respondió"
    r"|disse|rispose|perguntou|сказал\w?|спросил\w?|powiedział\w?)\b|[说說道问問]$",
    re.IGNORECASE,
)
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[^<>\n]{1,80}>", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]\n]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)|\[[^\[\]\n]*\])?")
_MARKS = re.compile(r"[*_~`]+|^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_TRAILING = " \t\n.,;:—–-…。！？!?"
_LONE_PRONOUN = re.compile(r"(?:he|she|it|they)\b", re.IGNORECASE)


def without_markup(text: str) -> str:
    r"""The words of a paragraph of Markdown.

    Examples:
        >>> without_markup("> The *old* [fox](http://a.b) ran.<br>")
        'The old fox ran.'
        >>> without_markup("1\\. Enter the fox \\& the owl")
        '1. Enter the fox & the owl'
    """
    plain = _ESCAPE.sub(r"\1", _COMMENT.sub(" ", text[:LOOKED_AT]))
    return _MARKS.sub(_unmarked, _LINK.sub(r"\1", plain)).strip()


def _unmarked(found: re.Match[str]) -> str:
    """What is left of marks: those that join two words, as in ``snake_case``."""
    run, text = found[0], found.string
    around = text[found.start() - 1 : found.start()] + text[found.end() : found.end() + 1]
    joins = len(run) == 1 or not run.strip("_")
    return run if joins and len(around) == 2 and around.isalnum() else ""


def spoken(text: str) -> str:
    """What people say in a paragraph; all of a speech in a play but what is to be seen.

    Examples:
        >>> spoken("ARIEL. [Invisible] Come!")
        'ARIEL.  Come!'
        >>> spoken("“Come,” said the fox.")
        '“Come,”'
    """
    if _SPEAKER.match(text):
        return _DIRECTION.sub("", text)
    return "".join(found[0] for found in _SPOKEN.finditer(text))


def sentences(text: str) -> list[str]:
    r"""The sentences of a paragraph; those of poems and of hard-wrapped lines as they end.

    Examples:
        >>> sentences("Mr. Fox ran.\nIt was\nlate. He hid!")
        ['Mr. Fox ran.', 'It was late.', 'He hid!']
    """
    joined = " ".join(line.strip(" \t\r") for line in text.split("\n"))
    found: list[str] = []
    held = ""
    for piece in _SENTENCE.findall(joined):
        held += piece
        if len(held) < 2 * LONGEST and _ABBREVIATED.search(held):
            continue
        if held.strip():
            found.append(held.strip())
        held = ""
        if len(found) == SENTENCES:
            break
    return [*found, held.strip()] if held.strip() else found


def best_sentence(text: str, eye: Eye) -> tuple[str, Seen]:
    """The sentence of a paragraph that shows most, and what it shows; told before spoken.

    ``""`` if there is nothing but marks in it.
    """
    best, best_seen, most = "", Seen(), float("-inf")
    for at, sentence in enumerate(sentences(text)):
        told = _told(sentence)
        if not any(char.isalpha() for char in told):
            continue
        seen = eye(told)
        worth = 2.0 * min(len(seen.beings), 2) + min(len(seen.things), 3)
        worth += sum(1.0 for said in seen.setting if said is not None)
        worth += min(len(told), 120) / 120 - 0.01 * at - (2.0 if count_words(told) < 3 else 0.0)
        worth -= 2.0 if told is not sentence and _SAYING.search(told) else 0.0
        if worth > most:
            best, best_seen, most = told, seen, worth
    return best, best_seen


def worded(sentence: str, seen: Seen, around: Seen) -> str:
    """A prompt: the sentence, whom its pronoun means, and the setting it leaves unsaid.

    Examples:
        >>> worded("It crossed the bridge.", Seen(things=("bridge",)),
        ...        Seen(beings=("fox",), place="in a forest", time="at night"))
        'a fox, it crossed the bridge, at night'
        >>> worded("The fox ran.", Seen(beings=("fox",)), Seen(place="in a forest"))
        'The fox ran, in a forest'
    """
    words = _short(sentence)
    parts = [words]
    if not seen.beings and around.beings and _LONE_PRONOUN.match(words):
        parts = [_article(around.beings[0]), words[0].lower() + words[1:]]
    # What stands in it says where it is well enough; a place from before could contradict it.
    if seen.place is None and around.place is not None and not seen.things:
        parts.append(around.place)
    if seen.time is None and around.time is not None:
        parts.append(around.time)
    if seen.weather is None and around.weather is not None and around.time is None:
        parts.append(around.weather)
    return ("，" if _IDEOGRAPH.search(words) else ", ").join(parts)


def _article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _told(sentence: str) -> str:
    """The sentence without what somebody says in it, if enough is left of it."""
    left = " ".join(_SPOKEN.sub(" ", sentence).split()).strip(" ,")
    if left == sentence.strip() or len(left) + 3 * len(_IDEOGRAPH.findall(left)) < 25:
        return sentence.strip()
    return left


def _short(sentence: str) -> str:
    words = " ".join(sentence.split()).strip(_TRAILING + '"“”„«»「」『』[]')
    if len(words) <= LONGEST:
        return words
    cut = max(words.rfind(mark, 0, LONGEST) for mark in (", ", "; ", " — "))
    return words[: cut if cut > LONGEST // 3 else LONGEST].rstrip(_TRAILING)
