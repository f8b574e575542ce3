"""What is said in a conversation, whatever a front-end made of its blanks and pictures. Pure.

Front-ends send the whole conversation with every question, and name neither it nor its messages.
So a message is known by all that was said up to it. What they change of their own accord does not
count: blanks, a quotation mark they add to an answer that was cut, system messages, and our
pictures, which stand there in the place of tags.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.illustration import Role
from limner.prompts import PromptScanner, Text, find_pictures, open_tag

_NAME = re.compile(r"\s*[^\W\d_][^\n:*<>\[\]\"!?.]{0,39}:[ \t]")
"""Who speaks, as front-ends write it before the answers of a group's characters."""
_ADDED = "\"*”“'`_"
"""Marks that front-ends add at the end of an answer, to close what was left open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What somebody said.

    Attributes:
        role: Who: the user or the model.
        words: What, without blanks, pictures and tags.
        pictures: The ids of our pictures in it.
        text: What is to be kept of it, with tags in the place of pictures.
    """

    role: Role
    words: str
    pictures: tuple[str, ...] = ()
    text: str = ""


def words(
    text: str,
    patterns: Sequence[str] | None = None,
    *,
    tags: Sequence[tuple[int, int]] | None = None,
    answer: bool = False,
) -> str:
    r"""A text without what front-ends change.

    Args:
        text: The text.
        patterns: Tag patterns in place of the defaults.
        tags: Where its tags begin and end, in order, if somebody has found them already; one that
            is open at its end is among them.
        answer: Whether it is an answer, before which front-ends put the name of its character
            where several speak.

    Examples:
        >>> words("A fox.  \n\n![a fox](http://h/images/3fa0.png)\n\n The *end*.*")
        'Afox.The*end*.'
        >>> words('A fox. <!--img-prompt="a fox"--> The *end*. ')
        'Afox.The*end*.'
        >>> words('A fox. <!--img-prompt="a fox"--> The *end*. ', tags=[(7, 32)])
        'Afox.The*end*.'
        >>> words("Mia Fox: Who is there?", answer=True)
        'Whoisthere?'
    """
    if tags is not None:
        text = _without(text, tags)
    found = find_pictures(text)
    said = _without(text, [(one.start, one.end) for one in found if one.id is not None])
    if tags is None and (patterns is not None or "<" in said):  # else no tag can be there
        said = said.removesuffix(open_tag(said, patterns))
        scanner = PromptScanner(patterns)
        pieces = [*scanner.feed(said), *scanner.finish()]
        said = "".join(piece.text for piece in pieces if isinstance(piece, Text))
    if answer and (named := _NAME.match(said)):
        said = said[named.end() :]
    return "".join(said.split()).rstrip(_ADDED)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def digest(said: str) -> str:
    """The words of a turn in short, so that one text is compared with many without reading them.

    Examples:
        >>> digest("Afox.")[:8], len(digest("Afox."))
        ('9052d3e1', 32)
    """
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def turns(shown: Any, restored: Any = None, *, patterns: Sequence[str] | None = None) -> list[Turn]:
    """The turns of a request's messages: what users and the model said, and nothing else.

    Args:
        shown: The messages as the front-end sent them.
        restored: The same with tags in the place of pictures.
        patterns: Tag patterns in place of the defaults.

    Examples:
        >>> [turn.words for turn in turns([
        ...     {"role": "system", "content": "Be kind."},
        ...     {"role": "user", "content": [{"type": "text", "text": "A tale!"}]}])]
        ['Atale!']
    """
    if not isinstance(shown, list):
        return []
    kept = restored if isinstance(restored, list) and len(restored) == len(shown) else shown
    made = []
    for message, whole in zip(shown, kept, strict=True):
        if not isinstance(message, Mapping) or message.get("role") not in ("user", "assistant"):
            continue
        text = _text(whole)
        pictures = tuple(one.id for one in find_pictures(_text(message)) if one.id)
        turn = Turn(
            role=Role(message["role"]),
            words=words(text, patterns, answer=message["role"] == "assistant"),
            pictures=pictures,
            text=text,
        )
        if turn.words or pictures or turn.role is Role.USER:
            made.append(turn)
    return made


def goes_on(shown: Any) -> bool:
    """Whether the answer is to go on in the model's last message, instead of beginning a new one.

    A front-end may add a word of its own to the model; in a group of characters, that word asks
    another one to speak.

    Examples:
        >>> goes_on([{"role": "user", "content": "Go."}, {"role": "assistant", "content": "I"}])
        True
        >>> goes_on([{"role": "assistant", "content": "I"}, {"role": "user", "content": "Go."}])
        False
    """
    added = ""
    for message in reversed(shown if isinstance(shown, list) else []):
        role = message.get("role") if isinstance(message, Mapping) else None
        if role in ("system", "developer"):
            added += _text(message)
        else:
            return role == "assistant" and (not added or "continue" in added.lower())
    return False


def names(said: Sequence[Turn], key: bytes) -> list[str]:
    """The id of each turn's message, and last that of the answer to them all.

    An answer is named by what it answers, so that all answers to the same are one message; what
    a user says, and a greeting that answers nothing, by themselves and all before them.

    Args:
        said: The turns.
        key: Secret, and another one for everybody whose conversations are apart.

    Returns:
        Ids of 128 bits, in hexadecimal.
    """
    chain = b""
    made = []
    answering = False
    for turn in said:
        before = chain
        chain = _digest(chain, turn)
        if turn.role is Role.ASSISTANT and answering:
            made.append(_name(key, b"answer", before))
        else:
            made.append(_name(key, b"turn", chain))
        answering = answering or turn.role is Role.USER
    return [*made, _name(key, b"answer", chain)]


def told_name(key: bytes, told: str) -> str:
    """The id of a message that a front-end names itself.

    Args:
        key: Secret, as in `names`.
        told: What the front-end calls it.

    Examples:
        >>> len(told_name(b"secret", "m1")), told_name(b"secret", "m1") == told_name(b"other", "m1")
        (32, False)
    """
    return _name(key, b"told", told.encode("utf-8", "surrogatepass"))


def answer_name(key: bytes, called: str) -> str:
    """What an answer is remembered by that its model server calls so.

    Args:
        key: Secret, as in `names`.
        called: What the server calls it.

    Examples:
        >>> answer_name(b"secret", "resp_1") == answer_name(b"other", "resp_1")
        False
    """
    return _name(key, b"called", called.encode("utf-8", "surrogatepass"))


def answer_turn(message_id: str, variant: int) -> Turn:
    """A kept answer in the place of all that was said up to it; what it says is not needed.

    Examples:
        >>> answer_turn("m", 0) == answer_turn("m", 1)
        False
    """
    return Turn(role=Role.ASSISTANT, words=f"{message_id}/{variant}")


def _digest(chain: bytes, turn: Turn) -> bytes:
    said = f"{turn.role.value}:{turn.words}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(chain + said).digest()


def _name(key: bytes, kind: bytes, chain: bytes) -> str:
    return hmac.digest(key, kind + chain, "sha256").hex()[:32]


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return "\n".join(text for text in texts if isinstance(text, str))
