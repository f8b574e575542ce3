"""Texts that are JSON, as the results of tools are: changed inside, they are JSON still."""

import json
import re
from collections.abc import Callable

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def in_strings(change: Callable[[str], str]) -> Callable[[str], str]:
    r"""The same change, made to each string in a text that is JSON, and to any other text as it is.

    All else in the text stays as it was written, and so do strings that do not change.

    Examples:
        >>> louder = in_strings(str.upper)
        >>> print(louder('{"said": "a \\"fox\\"", "n": 1.50}'))
        {"SAID": "A \"FOX\"", "N": 1.50}
        >>> louder("[not JSON")
        '[NOT JSON'
    """

    def changed(text: str) -> str:
        if not _is_json(text):
            return change(text)
        return _STRING.sub(lambda found: _string(found[0], change), text)

    return changed


def strings_in(text: str) -> list[str]:
    """The strings in a text that is JSON; of any other text none.

    Examples:
        >>> strings_in('["a", {"b": 1}]'), strings_in('"a"')
        (['a', 'b'], [])
    """
    return (
        [json.loads(one, strict=False) for one in _STRING.findall(text)] if _is_json(text) else []
    )


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _string(written: str, change: Callable[[str], str]) -> str:
    said: str = json.loads(written, strict=False)
    made = change(said)
    if made == said:
        return written
    text = json.dumps(made, ensure_ascii=written.isascii())
    # Half a character, which only JSON can write.
    return text if text.isascii() or not re.search("[\ud800-\udfff]", text) else json.dumps(made)
