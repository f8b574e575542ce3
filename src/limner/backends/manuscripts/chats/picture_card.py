"""Character cards in PNG pictures: the card stands in a text of the picture, as base64."""

import base64
import binascii
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from limner.backends.manuscripts.chats.character_card import card_of
from limner.backends.manuscripts.chats.told import as_story
from limner.errors import SourceError

LONGEST = 16 << 20
"""Bytes of a card."""

KEYS = ("ccv3", "chara")
"""The texts that hold one, the newer version first."""


def picture_card(path: Path) -> str:
    """The story of a card.

    Raises:
        limner.errors.SourceError: The picture holds no card.
    """
    texts = dict(_texts(path.read_bytes()))
    for key in KEYS:
        try:
            card = card_of(json.loads(base64.b64decode(texts.get(key, b""))))
        except (ValueError, binascii.Error):
            continue
        if card is not None and card.said:
            return as_story(card)
    raise SourceError(f"{path} is a PNG picture, not text, and no character card", source=str(path))


def _texts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The texts of a PNG (PNG 3, section 11.3.3)."""
    at = 8
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind not in (b"tEXt", b"zTXt", b"iTXt") or length > LONGEST:
            continue
        key, _, rest = body.partition(b"\0")
        yield key.decode("latin-1").lower(), _content(kind, rest)


def _content(kind: bytes, rest: bytes) -> bytes:
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _unpacked(rest[1:])
    packed, rest = rest[:1] == b"\1", rest[2:]
    text = rest.split(b"\0", 2)[-1]
    return _unpacked(text) if packed else text


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, LONGEST)
    except zlib.error:
        return b""
