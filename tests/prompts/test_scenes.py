"""Places for pictures in a text that asks for none: its paragraphs, their choice, the wording."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.prompts import find_prompts
from limner.prompts.scenes import (
    Batch,
    Eye,
    Seen,
    batches,
    book_messages,
    insert_proposals,
    parse_book_answer,
    passages,
    pick,
)

NOUNS = {"fox": True, "owl": True, "boy": True, "bridge": False, "tower": False, "boat": False}
PLACES = {"forest": "in a forest", "sea": "at sea"}


def see(text: str) -> Seen:
    """An eye that knows a few words."""
    words = text.lower().replace(".", " ").replace(",", " ").split()
    return Seen(
        beings=tuple(dict.fromkeys(w for w in words if NOUNS.get(w))),
        things=tuple(dict.fromkeys(w for w in words if NOUNS.get(w) is False)),
        place=next((PLACES[w] for w in words if w in PLACES), None),
        time="at night" if "night" in words else None,
    )


def dull(count: int) -> str:
    """Paragraphs of twenty words that show nothing."""
    return "".join(
        f"Nobody knew what it was about, and number {n} of all the many reasons was given at last "
        "without any haste.\n\n"
        for n in range(count)
    )


STORY = (
    "# The Tale\n\n"
    + dull(4)
    + "The fox crossed the bridge in the forest at night.\n\n"
    + dull(8)
    + "The boy climbed the tower, and an owl looked at him.\n\n"
    + dull(4)
)


def places(text: str, eye: Eye = see, *, every: int = 250, maximum: int = 60) -> list[str]:
    """The last words before each proposal."""
    return [text[: p.at][-20:] for p in pick(text, eye, every=every, maximum=maximum)]


def test_paragraphs_that_show_something_are_chosen() -> None:
    """Of twenty paragraphs the two with somebody in them get the pictures."""
    assert [proposal.prompt for proposal in pick(STORY, see, every=180)] == [
        "The fox crossed the bridge in the forest at night",
        "The boy climbed the tower, and an owl looked at him",
    ]
    assert places(STORY, every=180)[0] == "the forest at night."


def test_there_is_one_picture_for_so_many_words() -> None:
    """And at least one, and never more than the maximum; they spread over the whole text."""
    text = dull(50)  # a thousand words
    assert len(pick(text, see, every=100)) == 10
    assert len(pick(text, see, every=100, maximum=4)) == 4
    assert len(pick("A fox.", see, every=5000)) == 1
    at = [proposal.at / len(text) for proposal in pick(text, see, every=100)]
    assert all(0.02 < later - sooner < 0.2 for sooner, later in pairwise(at))


def test_every_and_maximum_are_checked() -> None:
    """A number below 1 is refused."""
    with pytest.raises(ValueError, match="at least 1"):
        pick("A fox.", see, every=0)


def test_what_no_picture_may_follow_gets_none() -> None:
    """Code, tables, lists, headings, front matter and reasoning are no places."""
    text = (
        "---\ntitle: A fox and an owl\n---\n\n# The fox\n\n```\nThe fox ran.\n\nThe owl.\n```\n\n"
        "- a fox\n- an owl\n\n| fox | owl |\n|---|---|\n\n<think>\nA fox.\n\nAn owl.\n</think>\n\n"
        "Nothing else was said about it.\n"
    )
    assert places(text, every=1) == ["e was said about it."]


@pytest.mark.parametrize(
    "line",
    ["# One", "One\n===", "CHAPTER ONE", "Chapter 1", "IV.", "* * *", "***", "⁂", "---", "第三章"],
)
def test_headings_and_breaks_part_scenes(line: str) -> None:
    """What follows one opens a scene, what stands before it closes one; itself it is none."""
    found = passages(f"It was late there.\n\n{line}\n\nMorning came again.\n\nAnd went.\n")
    assert [(p.opens, p.closes) for p in found] == [(True, True), (True, False), (False, True)]


def test_a_text_without_blank_lines_is_read_line_by_line() -> None:
    """Long lines are paragraphs; short ones that a hand has broken belong together."""
    long = "The fox went down to the river and looked for the boat that was not there any more."
    assert len(passages("\n".join([long] * 4))) == 4
    assert len(passages("The fox\nwent down\nto the\nriver.")) == 1


def test_a_pronoun_is_told_whom_it_means_and_the_setting_goes_on() -> None:
    """Until the next scene."""
    text = "A fox lived in the forest at night.\n\nIt crossed the bridge.\n\n***\n\nIt slept well."
    prompts = [proposal.prompt for proposal in pick(text, see, every=4)]
    assert "a fox, it crossed the bridge, at night" in prompts
    assert prompts[-1] == "a fox, it slept well"


def test_what_is_told_goes_before_what_is_said() -> None:
    """The prompt leaves the talk out where something is told beside it."""
    [one] = pick("“The owl!” The fox ran over the bridge into the forest.", see)
    assert one.prompt == "The fox ran over the bridge into the forest"


def test_a_long_poem_has_places_where_sentences_end_with_their_lines() -> None:
    """Prose in one paragraph has none, however long it is."""
    lines = [f"The fox of verse {n} crossed the bridge at night{',.'[n % 2]}" for n in range(60)]
    verse = "\n".join(lines)
    found = pick(verse, see, every=150, maximum=9)
    assert len(found) > 2
    assert all(verse[: one.at].endswith(".") and verse[one.at] == "\n" for one in found[:-1])
    prose = "\n".join(line.lower() for line in lines)
    assert [one.at for one in pick(prose, see, every=150, maximum=9)] == [len(prose)]


def test_a_play_is_seen_by_what_happens_on_the_stage() -> None:
    """Not by what is said, nor by the list of who occurs in it."""
    play = (
        "FOX, a king\nOWL, his wife\nBRIDGE, a servant\n\n"
        "OWL.\nThe fox crossed the bridge in the forest at night.\n\n"
        "[A forest. Enter the FOX with an owl]\n\n"
        "FOX.\nThe owl sat on the bridge in the forest.\n"
    )
    assert [one.prompt for one in pick(play, see)] == [
        "Enter the FOX with an owl, in a forest, at night"
    ]


def test_markup_does_not_reach_the_prompt() -> None:
    """Neither emphasis nor links, comments or elements."""
    [one] = pick("The *old* [fox](http://a.b) saw <i>an owl</i> <!-- hm -->there.", see)
    assert one.prompt == "The old fox saw an owl there"


@pytest.mark.parametrize(
    "run",
    [" ", "\t", "_", "*", "* ", "[", "![", "[a](", "[a][", "<b>", "Mr. ", "a_", "(", "\\", "“"],
)
def test_a_run_of_anything_takes_time_in_proportion_to_its_length(run: str) -> None:
    """A third of a million characters on one line would otherwise take ten minutes."""
    found = pick(f"A fox{run * (300_000 // len(run))}ran.\n\nAn owl sat in a tree.", see, every=1)
    assert found[-1].prompt == "An owl sat in a tree"


def test_words_that_marks_join_stay_joined() -> None:
    """Only what emphasises goes."""
    [one] = pick("The fox_owl and **the ha**re and `a_b` ran 2*3 _very_ far.", see)
    assert one.prompt == "The fox_owl and the hare and a_b ran 2*3 very far"


def test_the_text_around_the_tags_stays_as_it_is() -> None:
    """Also with the line ends of other systems, which the new lines take over."""
    text = "A fox.\r\n\r\nIt ran.\r\n"
    made = insert_proposals(text, pick(text, see, every=2))
    tags = find_prompts(made)
    assert len(tags) == 2
    for tag in tags:
        made = made.replace(f"\r\n\r\n{tag.source}", "")
    assert made == text


PIECES = [
    "fox",
    "owl.",
    "#",
    "```",
    "`",
    ">",
    "-",
    "<!--",
    "-->",
    '"',
    "“",
    "”",
    "*",
    "狐。",
    "~~~",
]


@given(st.lists(st.sampled_from([*PIECES, "\n\n", "\r\n", "The fox ran.", "<think>"]), max_size=40))
def test_any_text_gets_tags_that_are_found_and_keeps_the_rest(parts: list[str]) -> None:
    """Each proposal becomes exactly one tag, and without the tags the text is what it was."""
    text = " ".join(parts)
    if find_prompts(text):
        return
    proposals = pick(text, see, every=3)
    made = insert_proposals(text, proposals)
    tags = find_prompts(made)
    assert [tag.prompt for tag in tags] == [p.prompt for p in proposals]
    assert pick(text, see, every=3) == proposals
    kept = "".join(c for c in made if not c.isspace())
    for tag in tags:
        kept = kept.replace("".join(tag.source.split()), "", 1)
    assert kept == "".join(text.split())


def test_the_parts_of_a_book_are_whole_paragraphs_and_end_with_scenes() -> None:
    """A chapter's end closes a part that is nearly full; each knows the words before it."""
    text = dull(3) + "# Two\n\n" + dull(3)
    first, second = batches(text, words=80)
    assert first.text.count("\n\n") == second.text.count("\n\n") == 2
    assert second.before.endswith("# Two")
    assert text[second.start :].startswith(second.text)


def test_a_model_is_shown_the_looks_and_how_many_pictures() -> None:
    """The looks of the parts before come first; the count is the part's words by `every`."""
    part = Batch(0, "The fox ran.", 900, "It was late.")
    system, user = book_messages(part, {"Fox": "red fur"}, every=300)
    assert "About 3 of them" in system["content"]
    assert "---LOOKS---" in system["content"]
    assert user["content"].index("Fox: red fur") < user["content"].index("It was late.")


def test_an_answer_gives_suggestions_and_looks() -> None:
    """Looks that are told anew replace the old ones; markup around them is overlooked."""
    answer = (
        "---LOOKS---\n- **Ann**: red hair, green coat\nBo: tall\n---END---\n"
        "---PROMPT---\nTEXT: a fox\nINSERT_AFTER: ran.\nINSERT_BEFORE: It\n---END---"
    )
    [one], looks = parse_book_answer(answer, {"Ann": "a girl", "Cy": "old"})
    assert one.prompt == "a fox"
    assert looks == {"Ann": "red hair, green coat", "Cy": "old", "Bo": "tall"}
