"""Presets, the book that holds them, and their files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import PresetError
from limner.prompts import (
    BUILT_IN,
    META_PROMPT,
    Preset,
    PresetBook,
    export_presets,
    find_prompts,
    import_presets,
)
from limner.prompts.presets.preset import LONGEST_TEMPLATE
from limner.prompts.presets.preset_book import MOST_PRESETS
from limner.prompts.presets.preset_exchange import LARGEST

MINE = PresetBook().add("My way", "Ask: {tag_example}")


def test_the_default_is_the_meta_prompt() -> None:
    """The general preset says what limner has always said."""
    assert PresetBook().chosen.instruction() == META_PROMPT


@pytest.mark.needs("regex")
@pytest.mark.parametrize("preset", BUILT_IN, ids=lambda preset: preset.id)
def test_built_in_presets_show_exactly_one_tag_and_the_frequency(preset: Preset) -> None:
    """A model sees one tag of the default form, with no placeholder left over."""
    text = preset.instruction(every_words=321)
    assert len(find_prompts(text)) == 1
    assert "321 words" in text
    assert "every_words" not in text and "tag_example" not in text  # noqa: PT018
    assert preset.shows_a_tag()
    assert not preset.shows_a_tag(patterns=[r"\[img:(.*?)\]"])
    assert preset.shows_a_tag(patterns=[r"\[img:(.*?)\]"], tag_example="[img:…]")


def test_only_known_placeholders_are_filled_and_only_once() -> None:
    """Braces that mean something to a model stay, and a value is never read as a template."""
    preset = Preset(id="x", name="x", template="{a} {0} {{every_words}} {tag_example} {strong} }{")
    text = preset.instruction(every_words=9, tag_example="{every_words}")
    assert text == "{a} {0} {9} {every_words} {strong} }{"


@pytest.mark.parametrize("words", [0, -1, True, 2.5, float("nan"), "9"])
def test_d22_a_senseless_frequency_is_refused(words: object) -> None:
    """D22: no empty or NaN number ever gets into an instruction."""
    preset = PresetBook().chosen
    with pytest.raises((TypeError, ValueError), match="every_words"):
        preset.instruction(every_words=words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["General", " general ", "GENERAL", "NOVELAI 4.5  (Base | Characters)"]
)
def test_d22_built_in_names_are_refused_in_any_case(name: str) -> None:
    """D22: what is built in can be neither overwritten nor shadowed."""
    with pytest.raises(PresetError, match="built in"):
        MINE.add(name, "x", overwrite=True)
    with pytest.raises(PresetError):
        MINE.rename("my-way", name)


@pytest.mark.parametrize("built_in", BUILT_IN, ids=lambda preset: preset.id)
def test_r45_a_refusal_says_what_was_asked_for(built_in: Preset) -> None:
    """R45: deleting says deleted, not overwritten."""
    with pytest.raises(PresetError, match="deleted"):
        MINE.delete(built_in.id)
    with pytest.raises(PresetError, match="changed"):
        MINE.replace(built_in.id, "x")
    with pytest.raises(PresetError, match="renamed"):
        MINE.rename(built_in.id, "x")
    with pytest.raises(PresetError, match="nothing was deleted"):
        MINE.delete("nobody")


def test_a_name_that_is_taken_needs_a_word() -> None:
    """The same name is refused until overwriting is said; then the id stays."""
    with pytest.raises(PresetError, match="overwrite=True") as caught:
        MINE.add("MY  WAY", "new")
    assert caught.value.name == "My way"
    changed = MINE.add("MY WAY", "new", overwrite=True)
    assert [(one.id, one.name, one.template) for one in changed.custom] == [
        ("my-way", "MY WAY", "new")
    ]
    other = MINE.add("Other", "x")
    with pytest.raises(PresetError, match="already"):
        other.rename("other", "my way")
    assert other.rename("other", "OTHER").get("other").name == "OTHER"


def test_deleting_the_chosen_one_chooses_the_default() -> None:
    """The default takes the place of what is gone, and of what never was."""
    assert MINE.chosen.id == "my-way"
    assert MINE.delete("my-way").chosen_id == "default"
    assert MINE.choose("nobody").chosen.id == "default"
    assert MINE.get("nobody").id == "default"
    assert PresetBook(MINE.custom, "gone on another device").chosen.id == "default"
    assert MINE.add("B", "x").choose("my-way").delete("b").chosen.id == "my-way"


def test_d22_a_change_leaves_the_book_it_was_made_from() -> None:
    """D22: books are values; what one caller does reaches no other."""
    MINE.add("Other", "x").replace("my-way", "y").delete("my-way")
    assert [one.template for one in MINE.custom] == ["Ask: {tag_example}"]
    assert list(PresetBook()) == list(BUILT_IN)
    assert len(PresetBook()) == len(BUILT_IN)


def test_ids_are_made_from_names_and_never_twice() -> None:
    """Names without letters, and names that differ only in signs, get ids too."""
    book = PresetBook().add("A b!", "x").add("a-B", "x").add("???", "x").add("Default", "x")
    assert [one.id for one in book.custom] == ["a-b", "a-b-2", "preset", "default-2"]


@pytest.mark.parametrize(
    ("name", "template"),
    [("", "x"), (" ", "x"), ("a" * 101, "x"), ("a", " "), ("a", "x" * (LONGEST_TEMPLATE + 1))],
)
def test_blank_and_endless_presets_are_refused(name: str, template: str) -> None:
    """What cannot be used or shown is said at once."""
    with pytest.raises(PresetError):
        PresetBook().add(name, template)


ENTRIES = st.lists(
    st.tuples(st.text(max_size=12), st.text(max_size=30)), max_size=5
)  # fmt: skip


@given(ENTRIES)
def test_r55_presets_travel_as_they_are(entries: list[tuple[str, str]]) -> None:
    """R55: what one device exports another imports, ids included."""
    book = PresetBook()
    for name, template in entries:
        try:
            book = book.add(name, template)
        except PresetError:
            continue
    try:
        file = export_presets(book)
    except PresetError:
        return
    assert import_presets(PresetBook(), file).custom == book.custom
    assert import_presets(book, file.encode()) == book


def file(*presets: dict[str, object], **changes: object) -> str:
    """A file of presets."""
    return json.dumps({"format": "limner-presets", "version": 1, "presets": presets, **changes})


GOOD: dict[str, object] = {"id": "a", "name": "A", "template": "x"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "no file of presets"),
        ("[]", "no file of presets"),
        ("[" * 100_000, "no file of presets"),
        (b"\xff\xfe", "no file of presets"),
        ('{"format": "limner-presets"}', "version"),
        (file(format="cookies"), "cookies"),
        (file(version=2), "version 2"),
        (file(GOOD, {"id": "b", "name": "B"}), "template"),
        (file(GOOD, {**GOOD, "name": " a"}), "same name"),
        (file(GOOD, {"id": "b", "name": "general", "template": "x"}), "built in"),
        (file(GOOD, {"id": "b", "name": "", "template": "x"}), "blank"),
        (file(GOOD, {"id": "b", "name": "my WAY", "template": "x"}), "My way"),
        (file(GOOD, {"id": "b", "name": "B", "template": "x" * 20_001}), "20001"),
        (file(*({**GOOD, "name": str(i)} for i in range(MOST_PRESETS + 1))), str(MOST_PRESETS)),
        (" " * (LARGEST + 1), "too large"),
        ('{"format": "limner-presets", "x": ' + "[" * 100_000, "no file of presets"),
        ("\ud800", "no file of presets"),
    ],
)  # fmt: skip
def test_a_bad_file_changes_nothing(data: str | bytes, reason: str) -> None:
    """Whatever is wrong is said, and no preset of the file is taken over."""
    with pytest.raises(PresetError, match=reason):
        import_presets(MINE, data)
    assert [one.name for one in MINE.custom] == ["My way"]


def test_an_import_overwrites_only_when_told() -> None:
    """Names that are taken are listed; overwriting keeps the id that is there."""
    data = file({"id": "other", "name": "My Way", "template": "new"}, {**GOOD, "id": "my-way"})
    with pytest.raises(PresetError, match="My way"):
        import_presets(MINE, data)
    result = import_presets(MINE, data, overwrite=True)
    assert [(one.id, one.template) for one in result.custom] == [("my-way", "new"), ("a", "x")]
    assert result.chosen_id == MINE.chosen_id
