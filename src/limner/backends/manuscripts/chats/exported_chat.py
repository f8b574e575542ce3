"""A file of JSON, read as whichever export it is."""

import json
from pathlib import Path
from typing import Any

from limner.backends.manuscripts.chats import character_card, chatgpt, open_webui, sillytavern
from limner.backends.manuscripts.chats.told import Told, as_story, titles
from limner.errors import SourceError

KNOWN = "a chat of SillyTavern, Open WebUI or ChatGPT, or a character card"


def exported_chat(
    path: Path, data: bytes, encoding: str | None = None, conversation: str | None = None
) -> str:
    """The story of an export.

    Args:
        path: The file, for errors.
        data: Its content.
        encoding: What its characters are coded in; by default UTF-8.
        conversation: Words of the title of the one that is meant, if there are several.

    Raises:
        limner.errors.SourceError: It is no JSON, no export that is known, or holds several chats
            and none is named.
    """
    text = data.decode(encoding or "utf-8-sig", "replace")
    chats = [chat for chat in _chats(path, text) if chat.said]
    if not chats:
        raise SourceError(f"{path} is JSON, but not {KNOWN}", source=str(path))
    return as_story(_meant(path, chats, conversation))


def _chats(path: Path, text: str) -> list[Told]:
    found = _values(path, text)
    if (lines := sillytavern.chat_of(found)) is not None:
        return [lines]
    if len(found) != 1:
        return []
    value = found[0]
    if (card := character_card.card_of(value)) is not None:
        return [card]
    return chatgpt.chats_of(value) or open_webui.chats_of(value)


def _values(path: Path, text: str) -> list[Any]:
    """The values of a file: one, or one a line."""
    try:
        return [json.loads(text)]
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            if len(lines) > 1:
                return [json.loads(line) for line in lines]
        except ValueError:
            pass
        raise SourceError(f"{path} is damaged JSON: {error}", source=str(path)) from error


def _meant(path: Path, chats: list[Told], words: str | None) -> Told:
    asked = (words or "").casefold().split()
    meant = [one for one in chats if all(word in (one.title or "").casefold() for word in asked)]
    exact = [one for one in meant if (one.title or "").casefold().split() == asked]
    if len(meant) == 1 or len(exact) == 1:
        return (exact if len(exact) == 1 else meant)[0]
    if not meant:
        raise SourceError(
            f"{path} holds no chat {words!r}; it holds {titles(chats)}", source=str(path)
        )
    raise SourceError(
        f"{path} holds {len(meant)} chats: name one by --conversation ({titles(meant)})",
        source=str(path),
    )
