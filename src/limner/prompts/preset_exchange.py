"""Presets as JSON: to keep them, and to give them to others."""

import msgspec

from limner.errors import PresetError
from limner.prompts.preset import Preset
from limner.prompts.preset_book import MOST_PRESETS, PresetBook, name_key

FORMAT = "limner-presets"
VERSION = 1
LARGEST = 5_000_000
"""Bytes a file of presets may have."""


class _Entry(msgspec.Struct):
    id: str
    name: str
    template: str


class _File(msgspec.Struct):
    format: str
    version: int
    presets: list[_Entry]


def export_presets(book: PresetBook) -> str:
    """The presets people have made, as JSON; the built-in ones are in every limner already.

    Examples:
        >>> print(export_presets(PresetBook().add("My way", "Ask: {tag_example}")))
        {
          "format": "limner-presets",
          "version": 1,
          "presets": [
            {
              "id": "my-way",
              "name": "My way",
              "template": "Ask: {tag_example}"
            }
          ]
        }
    """
    presets = [_Entry(preset.id, preset.name, preset.template) for preset in book.custom]
    try:
        encoded = msgspec.json.encode(_File(FORMAT, VERSION, presets))
    except UnicodeEncodeError as error:
        raise PresetError(f"a preset holds what no file can hold: {error.reason}") from error
    return msgspec.json.format(encoded, indent=2).decode()


def import_presets(book: PresetBook, data: str | bytes, *, overwrite: bool = False) -> PresetBook:
    """The book with the presets of a file; all of them, or the call fails and none.

    A preset that stands in the book just so already is passed over. Which preset is chosen does
    not change. Ids are kept where they are free.

    Args:
        book: The presets there are.
        data: What `export_presets` gave.
        overwrite: Whether presets of one's own with the same name are replaced.

    Raises:
        PresetError: It is no such file or too large; a preset in it is malformed, has the name of
            a built-in one, or has a name that is taken and `overwrite` was not said; or there
            would be too many.

    Examples:
        >>> file = export_presets(PresetBook().add("My way", "Ask: {tag_example}"))
        >>> [preset.name for preset in import_presets(PresetBook(), file).custom]
        ['My way']
    """
    entries = _read(data)
    if not overwrite:
        _refuse_conflicts(book, entries)
    result = book
    for entry in entries:
        result = _with_entry(result, entry)
    return PresetBook(result.custom, book.chosen_id)


def _read(data: str | bytes) -> list[_Entry]:
    if len(data) > LARGEST:
        raise PresetError(f"the presets are too large: {len(data)} bytes; {LARGEST} are allowed")
    try:
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise PresetError(f"this is no file of presets: {error}") from error
    if file.format != FORMAT:
        raise PresetError(f"this is no file of presets: its format is {file.format[:50]!r}")
    if file.version != VERSION:
        raise PresetError(
            f"the presets are of version {file.version}; this limner reads version {VERSION}"
        )
    if len(file.presets) > MOST_PRESETS:
        raise PresetError(f"there can be at most {MOST_PRESETS} presets of your own")
    names = {name_key(entry.name) for entry in file.presets}
    if len(names) != len(file.presets):
        raise PresetError("two presets in the file have the same name")
    return file.presets


def _refuse_conflicts(book: PresetBook, entries: list[_Entry]) -> None:
    taken = [
        there.name
        for entry in entries
        if (there := book.find(entry.name)) and not there.built_in
        if (there.name, there.template) != (entry.name, entry.template)
    ]
    if taken:
        raise PresetError(
            f"these presets are there already: {', '.join(map(repr, taken))}; say overwrite=True"
            " to replace them"
        )


def _with_entry(book: PresetBook, entry: _Entry) -> PresetBook:
    made = Preset(id=entry.id, name=entry.name.strip(), template=entry.template)
    there = book.find(made.name)
    if there is not None or any(preset.id == made.id for preset in book):
        return book.add(made.name, made.template, overwrite=True)
    return PresetBook((*book.custom, made), book.chosen_id)
