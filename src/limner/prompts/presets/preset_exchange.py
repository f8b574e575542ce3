"""Presets as JSON: to keep them, and to give them to others."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from limner.errors import PresetError
from limner.prompts.presets.preset import Preset, Writer
from limner.prompts.presets.preset_book import MOST_PRESETS, PresetBook, name_key

FORMAT = "limner-presets"
VERSION = 1
LARGEST = 5_000_000
"""Bytes a file of presets may have."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    name: str
    template: str
    prompts: Writer | None = None


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
    presets = [
        {"id": preset.id, "name": preset.name, "template": preset.template}
        | ({"prompts": preset.prompts} if preset.prompts else {})
        for preset in book.custom
    ]
    file = {"format": FORMAT, "version": VERSION, "presets": presets}
    text = json.dumps(file, ensure_ascii=False, indent=2)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PresetError(f"a preset holds what no file can hold: {error.reason}") from error
    return text


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
        file = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PresetError(f"this is no file of presets: {error}") from error
    kind = _field(file, "format", str, "the file")
    if kind != FORMAT:
        raise PresetError(f"this is no file of presets: its format is {kind[:50]!r}")
    version = _field(file, "version", int, "the file")
    if version != VERSION:
        raise PresetError(
            f"the presets are of version {version}; this limner reads version {VERSION}"
        )
    presets = _field(file, "presets", list, "the file")
    if len(presets) > MOST_PRESETS:
        raise PresetError(f"there can be at most {MOST_PRESETS} presets of your own")
    entries = [_entry(preset, f"preset {number}") for number, preset in enumerate(presets, 1)]
    names = {name_key(entry.name) for entry in entries}
    if len(names) != len(entries):
        raise PresetError("two presets in the file have the same name")
    return entries


def _entry(preset: Any, where: str) -> _Entry:
    own_id, name, template = (_field(preset, n, str, where) for n in ("id", "name", "template"))
    prompts = preset.get("prompts")
    if prompts not in (None, "model", "second"):
        raise PresetError(f"this is no file of presets: {where} has prompts by {prompts!r:.50}")
    return _Entry(own_id, name, template, cast("Writer | None", prompts))


def _field(holder: Any, name: str, kind: type[T], where: str) -> T:
    """What stands under a name in an object of the file."""
    if not isinstance(holder, dict):
        raise PresetError(f"this is no file of presets: {where} is no object")
    value = holder.get(name)
    if type(value) is not kind:  # True is no number here
        raise PresetError(
            f"this is no file of presets: {where} has no {name!r} of type {kind.__name__}"
        )
    return value


def _refuse_conflicts(book: PresetBook, entries: list[_Entry]) -> None:
    taken = [
        there.name
        for entry in entries
        if (there := book.find(entry.name)) and not there.built_in
        if (there.name, there.template, there.prompts)
        != (entry.name, entry.template, entry.prompts)
    ]
    if taken:
        raise PresetError(
            f"these presets are there already: {', '.join(map(repr, taken))}; say overwrite=True"
            " to replace them"
        )


def _with_entry(book: PresetBook, entry: _Entry) -> PresetBook:
    made = Preset(
        id=entry.id, name=entry.name.strip(), template=entry.template, prompts=entry.prompts
    )  # fmt: skip
    there = book.find(made.name)
    if there is not None or any(preset.id == made.id for preset in book):
        return book.add(made.name, made.template, overwrite=True, prompts=made.prompts)
    return PresetBook((*book.custom, made), book.chosen_id)
