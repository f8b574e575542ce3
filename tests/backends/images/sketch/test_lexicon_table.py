"""The noun table: large, consistent, and every word of it is understood."""

from collections import Counter

from limner.backends.images.sketch.lexicon import read
from limner.backends.images.sketch.lexicon.noun import Form, forms, nouns
from limner.backends.images.sketch.lexicon.plural import plural
from limner.backends.images.sketch.lexicon.token import tokens
from limner.backends.images.sketch.lexicon.vocabulary import vocabulary
from limner.backends.images.sketch.scene import Scene, Stance

HEADS = list(nouns())
FORMS = [form for noun in HEADS for form in forms(noun)]


def wrong(prompt: str, form: Form) -> bool:
    """Whether the prompt shows anything else than that noun."""
    brought = form.noun.row.brings
    arts = [s.art for s in read(prompt).subjects if s.name != brought]
    if form.noun.name == "tree":  # which looks as the season has it
        return len(arts) != 1 or not arts[0].endswith("-tree")
    return arts not in ([form.noun.art], [form.noun.row.aloft])


def test_the_table_is_large() -> None:
    """Over 600 head words, over 1,500 more ways to say them, in every kind of thing."""
    assert len({noun.name for noun in HEADS}) == len(HEADS) >= 600
    assert len({form.text for form in FORMS}) >= 2100
    assert len({noun.art for noun in HEADS}) >= 600


def test_every_head_word_synonym_and_plural_reads_to_its_own_drawing() -> None:
    """With "a", "the" or "three" before it, each shows exactly what the table says."""
    asked = [form for form in FORMS if form.guard != "never"]
    several = [form for form in asked if form.several]
    single = [form for form in asked if not form.several]
    assert [form.text for form in single if wrong(f"a {form.text}", form)] == []
    assert [form.text for form in single if wrong(f"the {form.text}.", form)] == []
    assert [form.text for form in several if wrong(f"three {form.text}", form)] == []


def test_every_word_alone_between_commas_reads_to_its_own_drawing() -> None:
    """Prompts made of tags need no articles."""
    asked = [form for form in FORMS if form.guard != "never"]
    assert [form.text for form in asked if wrong(f"best, {form.text}, sharp", form)] == []


def test_no_word_means_two_nouns() -> None:
    """Each form belongs to one noun; the order of the tables decides nothing."""
    owners: dict[tuple[str, ...], set[str]] = {}
    for form in FORMS:
        owners.setdefault(tuple(t.text for t in tokens(form.text)), set()).add(form.noun.name)
    assert {words: names for words, names in owners.items() if len(names) > 1} == {}


def test_heights_are_plausible() -> None:
    """Between an ant and the Eiffel tower, and what lies on a table would fit on it."""
    for noun in HEADS:
        if noun.stance is not Stance.SKY and noun.name != "volcano":
            assert 0.01 <= noun.row.h <= 300, noun.name
        if noun.stance is Stance.TABLE:
            assert noun.row.h <= 1.25, noun.name


def test_all_stances_but_the_bare_head_occur() -> None:
    """Every figure is drawn full length."""
    assert set(Counter(noun.stance for noun in HEADS)) == set(Stance) - {Stance.FACE}


def test_irregular_plurals_are_known() -> None:
    """The plurals that break the rule."""
    pairs = {
        "mouse": "mice",
        "wolf": "wolves",
        "child": "children",
        "fairy": "fairies",
        "knife": "knives",
        "goose": "geese",
        "fisherman": "fishermen",
        "sheep": "sheep",
        "witch": "witches",
        "cup of tea": "cups of tea",
        "ox": "oxen",
        "elf": "elves",
        "fish": "fish",
        "donkey": "donkeys",
        "german shepherd": "german shepherds",
    }
    assert {noun: plural(noun) for noun in pairs} == pairs


def test_a_guard_in_the_cue_table_guards_a_phrase_that_exists() -> None:
    """A misspelt guard would guard nothing."""
    entries = vocabulary()._entries.values()
    assert [e for e in entries if e.guard is not None and not (e.cues or e.ignored)] == []


def test_a_brief_is_plain_data() -> None:
    """Two readings of one prompt are equal, and a scene can be a dictionary key."""
    first, second = read("a fox by the sea"), read("a fox by the sea")
    assert first == second
    assert isinstance(first, Scene)
    assert len({first, second}) == 1
