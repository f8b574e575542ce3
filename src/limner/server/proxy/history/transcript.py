"""Who said what in a prompt, which holds a conversation as one text. Pure.

Front-ends write such prompts by a template: marks of a model's own (ChatML and its kind), or lines
that begin with a name, the last of which says who speaks next. So they can be read again, and what
is read of one prompt is the beginning of what is read of the next, which is all that matters here:
by its turns a conversation is known again. What stands before the first turn (characters, memory,
lore) front-ends change as they like, and it is nobody's.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from limner.server.proxy.chat_request import ChatRequest

Message = dict[str, str]

PROMPT = "prompt"
"""The role of a prompt that is no message of anybody's; see `limner.server.proxy.dialects`."""

_MARK = re.compile(
    r"[<{\[#](?:"  # first of all, since it is looked for in long texts
    r"\|im_start\|>(\w+)[^\S\n]*\n?"  # ChatML
    r"|\|start_header_id\|>(\w+)<\|end_header_id\|>\s*"  # Llama 3
    r"|start_of_turn>(\w+)\n?"  # Gemma
    r"|\|START_OF_TURN_TOKEN\|><\|(\w+?)_TOKEN\|>"  # Command R
    r"|[|\uff5c](system|user|assistant|model|observation)[|\uff5c]>\n?"  # Phi, GLM, DeepSeek
    r"|\{\[(INPUT|OUTPUT|SYSTEM)\]\}\}"  # KoboldCpp, which puts in the model's own
    r"|(/?INST)\][^\S\n]?"  # Mistral, Llama 2
    r"|(?<=^\#)\#\#[ ]?(instruction|input|response|user|assistant|system)\b[^\n:]*:[^\S\n]*\n?"
    r")",  # the last one: Alpaca
    re.IGNORECASE | re.MULTILINE,
)
_USER = frozenset({"user", "human", "input", "instruction", "inst"})
_MODEL = frozenset({"assistant", "model", "chatbot", "output", "response", "/inst"})
_END = re.compile(
    r"[<{](?:\|im_end\|>|\|eot_id\|>|end_of_turn>|\|end\|>|\|endoftext\|>|/?s>\s*\Z"
    r"|\|END_OF_TURN_TOKEN\|>|\uff5cend\u2581of\u2581sentence\uff5c>|\{\[\w+_END\]\}\})"
)
"""What ends a turn; what stands behind it is nobody's."""
_NAME = re.compile(r"^[^\W\d_][^\n:*<>\[\]\"!?.{}|]{0,39}(?=:(?:[ \t]|$))", re.MULTILINE)
_PARTED = re.compile(r"^(?:\*\*\*|<START>)[ \t]*\n", re.MULTILINE)
"""What stands before examples of a chat, and before the chat, each time."""
_STOPS = ("stop", "stop_sequence", "stop_sequences", "stopping_strings")


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a prompt holds.

    Attributes:
        messages: The turns, the oldest first; none, if it is a text that only goes on.
        for_user: Whether it ends where the user is to speak.
    """

    messages: Sequence[Message] = ()
    for_user: bool = False


def read_transcript(prompt: str, stops: Sequence[str] = ()) -> Transcript:
    r"""The turns of a prompt.

    Args:
        prompt: The prompt.
        stops: Where its answer is to stop; they name who else speaks, the user first.

    Examples:
        >>> told = read_transcript("You are Fox.\nFox: Hm?\nAnn: Go on.\nFox:", ["\nAnn:"])
        >>> [(one["role"], one["content"]) for one in told.messages], told.for_user
        ([('assistant', 'Hm?'), ('user', 'Go on.')], False)
        >>> told = read_transcript("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nI am")
        >>> [(one["role"], one["content"]) for one in told.messages]
        [('user', 'Hi'), ('assistant', 'I am')]
        >>> read_transcript("Once upon a time")
        Transcript(messages=(), for_user=False)
    """
    prompt = _talk(prompt)
    turns = list(_marked(prompt)) or list(_named(prompt, stops))
    if not any(role == "assistant" for role, _ in turns):
        return Transcript()
    last, text = turns[-1]
    for_user = last == "user" and not text.strip()
    said = [{"role": role, "content": text} for role, text in turns if role and text.strip()]
    return Transcript(said, for_user)


def stops_of(request: ChatRequest) -> list[str]:
    """Where a request says that its answer is to stop."""
    options = request.get("options")
    given = [*(request.get(name) for name in _STOPS)]
    given += [options.get("stop")] if isinstance(options, dict) else []
    lists = (one if isinstance(one, list) else [one] for one in given)
    return [stop for one in lists for stop in one if isinstance(stop, str)]


def _talk(prompt: str) -> str:
    """A prompt without the examples that front-ends put before a chat, and drop when it grows."""
    for found in reversed(list(_PARTED.finditer(prompt))):
        if _NAME.match(prompt, found.end()) or _MARK.match(prompt, found.end()):
            return prompt[found.end() :]
    return prompt


def _marked(prompt: str) -> Iterator[tuple[str, str]]:
    """The turns between a model's own marks."""
    marks = list(_MARK.finditer(prompt))
    for at, mark in enumerate(marks):
        end = marks[at + 1].start() if at + 1 < len(marks) else len(prompt)
        who = str(mark[mark.lastindex or 0]).lower()
        role = "user" if who in _USER else "assistant" if who in _MODEL else ""
        yield role, _plain(_END.split(prompt[mark.end() : end], maxsplit=1)[0])


def _named(prompt: str, stops: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The turns that begin with a name."""
    others = [stop.strip()[:-1] for stop in stops if stop.strip().endswith(":")]
    found = list(_NAME.finditer(prompt))
    last = _last_speaker(prompt, found, others)
    if last is None:
        return
    known = {last, *others}
    speakers = [one for one in found if one[0] in known or not others]
    if last in others:
        user: str | None = last
    else:
        user = others[0] if others else next((n[0] for n in speakers if n[0] != last), None)
    for at, one in enumerate(speakers):
        end = speakers[at + 1].start() if at + 1 < len(speakers) else len(prompt)
        yield "user" if one[0] == user else "assistant", _plain(prompt[one.end() + 1 : end])


def _last_speaker(
    prompt: str, found: Sequence["re.Match[str]"], others: Sequence[str]
) -> str | None:
    """Who speaks at the end: next, or still; ``None``: nobody can be told."""
    if found and not prompt[found[-1].end() + 1 :].strip():
        return found[-1][0]
    going = [one[0] for one in found if one[0] not in others]
    return going[-1] if others and going else None


def _plain(text: str) -> str:
    """A turn without what a front-end puts behind it in brackets, as it does an author's note."""
    text = text.strip()
    while text.endswith("]"):
        begin = text.rfind("[")
        if begin <= 0 or text[text.rfind("\n", 0, begin) + 1 : begin].strip():
            return text
        text = text[:begin].rstrip()
    return text


def told_in(request: ChatRequest) -> tuple[Any, bool]:
    """The messages of a request, or the turns of its prompt; and whether it is one without turns.

    A prompt without turns is what a user says. Nobody's, or no messages at all: ``None``.
    """
    messages = request.get("messages")
    prompt = prompt_of(messages)
    if prompt is None:
        return messages, False
    told = read_transcript(prompt, stops_of(request)).messages
    return (list(told), False) if told else ([{"role": "user", "content": prompt}], True)


def prompt_of(messages: Any) -> str | None:
    """The prompt that stands in the place of messages; ``None``: they are some."""
    only = messages[0] if isinstance(messages, list) and len(messages) == 1 else None
    if not isinstance(only, dict) or only.get("role") != PROMPT:
        return None
    content = only.get("content")
    return content if isinstance(content, str) else None
