"""Changing texts deep inside of JSON, with all else as it came."""

from collections.abc import Mapping

import msgspec

from limner.server.proxy.protocol.chunk_writing import json_text, read_fields
from limner.server.proxy.protocol.dialect import Path

_list = msgspec.json.Decoder(list[msgspec.Raw])
_encode = msgspec.json.Encoder().encode


def put(document: bytes, texts: Mapping[Path, str]) -> bytes:
    """A document with other texts in these places.

    Examples:
        >>> put(b'{"a": [{"t": "x", "n": 1e400}], "b": 1.10}', {("a", 0, "t"): "y"})
        b'{"a":[{"t":"y","n":1e400}],"b":1.10}'
    """
    if () in texts:
        return bytes(json_text(texts[()]))
    below: dict[str | int, dict[Path, str]] = {}
    for path, text in texts.items():
        below.setdefault(path[0], {})[path[1:]] = text
    if any(isinstance(name, int) for name in below):
        items = _list.decode(document)
        for at, inner in below.items():
            items[int(at)] = msgspec.Raw(put(bytes(items[int(at)]), inner))
        return _encode(items)
    fields = read_fields(document)
    for name, inner in below.items():
        fields[str(name)] = msgspec.Raw(put(bytes(fields.get(str(name), b'""')), inner))
    return _encode(fields)
