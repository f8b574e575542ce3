"""What front-ends ask beside a chat, answered shortly: a title, tags, questions, a summary.

Open WebUI says in its request which JSON it wants; SillyTavern asks quietly, in a last system
message. Everything is in the language of the conversation, as far as it has words here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from limner.server.proxy.side_request import is_impersonation, is_side_request
from limner.server.story.telling.cast import TOLD, Named, cast
from limner.server.story.telling.language import language_of
from limner.server.story.telling.phrases import GENERAL, GO_ON, NOTHING_YET, PHRASES

WORDS = 60
"""Words that a summary has at most."""
TITLE_WORDS = 5
TITLE_LETTERS = 14
"""Of a title in a language that writes no blanks."""

_HISTORY = re.compile(r"<chat_history>(.*?)</chat_history>", re.DOTALL)
_SAID = re.compile(r"^(USER|ASSISTANT|SYSTEM|TOOL):", re.MULTILINE | re.IGNORECASE)
_OUTPUT = re.compile(r"^#+\W*output\b", re.MULTILINE | re.IGNORECASE)
_FORM = re.compile(r"\{[^{}]*\}")
_FIELD = re.compile(r'"(\w+)"\s*:\s*(\[?)')
_TITLE = re.compile(r"\btitle\b", re.IGNORECASE)
"""Without it, and without JSON, a task is to answer by documents that somebody has added."""
_EMOJI = re.compile(r"\bwith an? emojis?\b", re.IGNORECASE)
_FACE = re.compile(r"\bfacial expression\b.*\bemoji", re.IGNORECASE | re.DOTALL)
_TOOLS = "Available Tools:"
_NUDGE = re.compile(r"\bcontinue\b|\bnext reply\b", re.IGNORECASE)
"""How SillyTavern has an answer go on, or written for one of several: that is the story itself."""
_SUMMARY = re.compile(r"\bsummari[sz]e\b", re.IGNORECASE)
_LABELS = re.compile(r"\bfollowing labels:?\s*([^\n]+)", re.IGNORECASE)
_KEYWORDS = re.compile(r"\bcomma[- ](?:delimited|separated)\b", re.IGNORECASE)
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<!--.*?-->|<[^<>\n]*>", re.DOTALL)
_SENTENCE = re.compile(r"[^.!?。！？…]+[.!?。！？…]+[”’\"»“]*")
_MARKS = re.compile(r"[^\w\s'’-]+")
_HEAD = 400
"""Characters of a message in which it says what it wants."""

Messages = Sequence[Mapping[str, Any]]


def aside(messages: Messages, *, streamed: bool) -> str | None:
    r"""The answer to what is asked beside a chat; ``None``: it is a chat, which wants a tale.

    Args:
        messages: The conversation, each with its words as one text.
        streamed: Whether the answer is read as it comes.

    Examples:
        >>> def title(said):
        ...     asked = '### Task:\nGenerate a title.\n### Output:\n{ "title": "it" }'
        ...     history = f"<chat_history>\nUSER: {said}\n</chat_history>"
        ...     return aside([{"role": "user", "content": f"{asked}\n{history}"}], streamed=False)
        >>> title("Tell me of a fox and a whale!")
        '{"title": "The Fox and the Whale"}'
        >>> title("讲一个城堡里的狐狸的故事")
        '{"title": "狐狸与城堡"}'
        >>> aside([{"role": "user", "content": "A fox!"}], streamed=False) is None
        True
    """
    if not messages:
        return None
    read = [dict(one) for one in messages]
    last = _words(messages[-1])
    if is_side_request(read):
        return _task(messages)
    if _FACE.search(last[:_HEAD]):
        return "🙂"
    if _words(messages[0]).startswith(_TOOLS):
        return '{"tool_calls": []}'
    if any("img-prompt" in _words(one) for one in messages):
        return None
    if is_impersonation(read):
        return GO_ON.get(language_of(_by_users(messages)), GO_ON["en"])
    if not streamed and len(messages) > 1 and _SUMMARY.search(_words(messages[0])[:_HEAD]):
        told = {"role": "assistant", "content": last}  # a text that is given to be summarized
        return _quiet([told], _words(messages[0]))
    if not streamed and messages[-1].get("role") == "system" and not _NUDGE.search(last[:_HEAD]):
        return _quiet(messages[:-1], last)
    return None


def _task(messages: Messages) -> str | None:
    """What a front-end wants to have of a conversation; ``None``: an answer in it after all."""
    asked = next(one for one in reversed(messages) if one.get("role") == "user")
    prompt = _words(asked)
    history = _HISTORY.search(prompt)
    if history is not None:
        told = history[1]
    else:
        others = [_words(one) for one in messages if one is not asked]
        told = "\n".join(others) if len(others) > 1 else prompt.partition("\n\n")[2] or prompt
    said = _of_users(told)
    language = language_of(said)
    fields = _form(prompt)
    if not fields:
        return _title(said, told, language) if _TITLE.search(_words(messages[0]) + prompt) else None
    made: dict[str, Any] = {}
    for name, is_list in fields.items():
        made[name] = _field(name, said, told, language, prompt=prompt, is_list=is_list)
    return json.dumps(made, ensure_ascii=False)


def _form(prompt: str) -> dict[str, bool]:
    """The fields of the JSON that is asked for, each with whether it is a list."""
    output = _OUTPUT.search(prompt)
    form = _FORM.search(prompt, output.end()) if output else None
    return {name: bool(bracket) for name, bracket in _FIELD.findall(form[0])} if form else {}


def _field(
    name: str, said: str, told: str, language: str, *, prompt: str, is_list: bool
) -> str | list[str]:
    if name == "tags":
        return _tags(said, told, language)
    if name == "follow_ups":
        return _follow_ups(said, told, language)
    if is_list:
        return []  # nothing has to be searched for
    if name == "text":
        return ""  # what somebody is writing is for them to say
    if name == "prompt":
        return _scene(said, told, language)
    title = _title(said, told, language)
    return f"📖 {title}" if _EMOJI.search(prompt) else title


def _title(said: str, told: str, language: str) -> str:
    named = _named(said, told, language)
    if not len(named):
        return _beginning(said) or PHRASES.get(language, PHRASES["en"]).tale
    return PHRASES[language].title(_nouns(named, language)[:2])


def _beginning(said: str) -> str:
    """The first words of what somebody said."""
    words = _MARKS.sub(" ", _PICTURE.sub(" ", said)).split()
    if words and not words[0].isascii() and len(words[0]) > TITLE_LETTERS:
        return words[0][:TITLE_LETTERS]
    return " ".join(words[:TITLE_WORDS])[:80]


def _tags(said: str, told: str, language: str) -> list[str]:
    if language not in PHRASES:
        return [GENERAL]
    nouns = _nouns(_named(said, told, language), language)
    return [PHRASES[language].story, *(noun[0].upper() + noun[1:] for noun in nouns[:2])]


def _follow_ups(said: str, told: str, language: str) -> list[str]:
    if language not in PHRASES:
        return []
    phrases, named = PHRASES[language], _named(said, told, language)
    about = [phrases.more_of.format_map(_words_of(named, language))] if named.who else []
    return [phrases.and_then, *about, phrases.another]


def _scene(said: str, told: str, language: str) -> str:
    """What a picture of it shows, in English, as models for pictures read it."""
    words = _words_of(_named(said, told, language), "en")
    return f"{words['hero']} and {words['friend']} by {words['place']} at dusk"


def _named(said: str, told: str, language: str) -> Named:
    """Who and where it is about, by what the users said, else by what was told."""
    if language not in TOLD:
        return Named()
    known = cast(language)
    return next((named for text in (said, told) if len(named := known.named(text))), Named())


def _nouns(named: Named, language: str) -> list[str]:
    """The nouns for who and where; a lighthouse with its keeper is one thing."""
    known = cast(language)
    nouns = [known.noun("who", name) for name in named.who]
    place = "" if named.where is None else known.noun("where", named.where)
    if place and not any(place.lower() in noun.lower() for noun in nouns):
        nouns.insert(1, place)
    return nouns


def _words_of(named: Named, language: str) -> dict[str, str]:
    known = cast(language)
    hero, friend = [*named.who, *(one for one in known.who if one not in named.who)][:2]
    place = named.where or known.where[0]
    return known.words(hero=hero, friend=friend, place=place, thing=known.what[0])


def _quiet(messages: Messages, asked: str) -> str:
    """What SillyTavern's parts and extensions get when they ask without the reader seeing it."""
    labels = _LABELS.search(asked)
    if labels is not None:
        known = re.findall(r"[\w-]+", labels[1])
        return next((one for one in known if one == "joy"), known[0] if known else "joy")
    said = _by_users(messages)
    language = language_of(said)
    if _KEYWORDS.search(asked):
        told = "\n".join(_words(one) for one in messages)
        words = _words_of(_named(said, told, language), "en")
        return f"{words['hero']}, {words['friend']}, {words['place']}, dusk, soft light"
    summary = _summary(messages)
    return summary or NOTHING_YET.get(language, NOTHING_YET["en"])


def _summary(messages: Messages) -> str:
    """How each answer begins, as far as there is room."""
    kept: list[str] = []
    for one in messages:
        if one.get("role") == "assistant":
            first = _SENTENCE.search(_PICTURE.sub(" ", _words(one)))
            kept += [" ".join(first[0].split())] if first else []
    while len(kept) > 1 and sum(_length(one) for one in kept) > WORDS:
        kept.pop(1)
    return " ".join(kept)


def _length(sentence: str) -> int:
    """How many words it has; two letters of a language without blanks are one."""
    return max(len(sentence.split()), sum(not letter.isascii() for letter in sentence) // 2)


def _by_users(messages: Messages) -> str:
    return "\n".join(_words(one) for one in messages if one.get("role") == "user")


def _of_users(told: str) -> str:
    """What the users said in a conversation that is written as one text."""
    pieces = _SAID.split(told)
    said = [
        text for who, text in zip(pieces[1::2], pieces[2::2], strict=True) if who.upper() == "USER"
    ]
    return "\n".join(said).strip() or told


def _words(message: Mapping[str, Any]) -> str:
    return str(message.get("content", ""))
