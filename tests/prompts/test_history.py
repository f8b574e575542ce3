"""What a model is given of earlier answers."""

import sys
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.prompts import (
    TagPlace,
    find_pictures,
    find_prompts,
    format_tag,
    inject,
    picture_link,
    prune_history,
    remove_pictures,
    restore_history,
    restore_text,
    should_inject,
    tag_places,
)

FOX = format_tag("a fox")
ID = "0123456789abcdef"
URL = f"http://127.0.0.1:8750/images/{ID}.png"
LINK = f"![a fox]({URL})"
KNOWN = {ID: FOX}.get


def nobody(_id: str) -> None:
    """The lookup that knows no picture."""


def assistant(content: object) -> dict[str, Any]:
    """An answer."""
    return {"role": "assistant", "content": content}


WORDS = st.sampled_from(
    ["A fox.", "!", " ", "\n", "\n\n", "  ", "\t", "]", "(", "<b>", "é", "![x](b.png)", "> "]
)
TEXTS = st.lists(WORDS | st.integers(0, 3), max_size=14).map(
    lambda parts: "".join(p if isinstance(p, str) else format_tag(f"tag {p}") for p in parts)
)
SPACES = st.sampled_from(["", " ", "\n", "\n\n", "\r\n\r\n", "\n \n", "\n\n\n\n", " \n\n "])


def shown(text: str, spaces: list[str] | None) -> tuple[str, dict[str, TagPlace]]:
    """A text as a front-end shows it, with any white space around the links, and the places."""
    tags = find_prompts(text)
    places = dict(zip((f"{i:016x}" for i in range(len(tags))), tag_places(text), strict=True))
    made, at = "", 0
    for i, tag in enumerate(tags):
        link = picture_link(tag.prompt, f"https://x.example/images/{i:016x}.png")
        gap = text[at : tag.start]
        if spaces is None:
            made += f"{gap}\n\n{link}\n\n"
        else:
            made = (made + gap).rstrip() + spaces[2 * i] + link + spaces[2 * i + 1]
        at = tag.end
    rest = text[at:]
    if spaces is not None and tags:
        rest = spaces[-1] + rest.lstrip()
    return made + rest, places


@settings(max_examples=400)
@given(TEXTS, st.data())
def test_restoring_gives_the_model_its_own_words_whatever_spaces_changed(
    text: str, data: st.DataObject
) -> None:
    """With its place known, a tag comes back exactly, however a front-end treats white space."""
    count = 2 * len(find_prompts(text)) + 1
    spaces = data.draw(st.lists(SPACES, min_size=count, max_size=count))
    answer, places = shown(text, spaces)
    assert restore_text(answer, places.get) == text


@settings(max_examples=400)
@given(TEXTS)
def test_restoring_needs_no_places_if_no_space_changed(text: str) -> None:
    """With the tag alone, what limner put around its link goes away with it."""
    answer, places = shown(text, None)
    sources = {key: place.source for key, place in places.items()}
    assert restore_text(answer, sources.get) == text
    if "![x]" not in text:  # what stands directly behind a tag goes away
        assert restore_text(text, sources.get) == text


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        f"![]({URL})",
        f"![a fox] ( {URL}\n)",
        f"![a fox](<{URL}>)",
        f'![a fox]({URL} "a fox")',
        f"![a fox]({URL} <q>a fox</q>)",
        f"![a fox](/images/{ID.upper()}.png?v=1#x)",
        f'<img src="{URL}">',
        f"<IMG alt='a > b' title=\"x\" style=\"width:1%\" src='{URL}?a=1&amp;b=2' />",
        f"<img loading class=x src={URL}>",
        f'<img src="http:&#47;&#47;h/images/{ID}&#46;png">',
        f'<img alt="![x](http://h/images/{"e" * 16}.png)" src="{URL}">',
        f'<img\n  alt=""\n  src = "{URL}"\n>',
    ],
)
def test_r62_every_form_of_a_link_is_found(link: str) -> None:
    """R62: attribute order, quotes and blanks inside a link do not matter."""
    assert restore_text(f"A. {link} B.", KNOWN) == f"A. {FOX} B."
    assert remove_pictures([assistant(f"A. {link} B.")])[0]["content"] == "A. B."


def test_a_picture_inside_the_words_of_another_is_none() -> None:
    """An alternative text that looks like a link does not count."""
    element = f'<img alt="{LINK}" src="b.png">'
    assert [(one.start, one.end) for one in find_pictures(element)] == [(0, len(element))]


def test_d7_several_in_a_row_all_come_back() -> None:
    """D7: not only the first of several pictures is restored or removed."""
    row = f"A.\n\n{LINK}\n\n\n\n{LINK}\n\n{LINK}\n\nB."
    assert restore_text(row, KNOWN) == f"A.{FOX}{FOX}{FOX}B."
    assert remove_pictures([assistant(row)])[0]["content"] == "A.\n\nB."
    hare = format_tag("a hare")
    assert restore_text(f"A. {hare}\n\n{LINK}\n\nB.", KNOWN) == f"A. {hare}{FOX}B."
    assert restore_text(f"A. {FOX}\n\n{LINK}\n\nB.", KNOWN) == f"A. {FOX}\nB."
    behind = f'A. {FOX}\n<!-- limner:1 -->\n<img src="a.png">\n<img src="b.png">\n![c](c.png)\nB.'
    assert restore_text(behind, KNOWN) == f"A. {FOX}B."
    assert prune_history([assistant(behind)])[0]["content"] == "A.\nB."


@pytest.mark.parametrize(
    ("answer", "restored"),
    [
        (f"A.\n\n{LINK}", f"A.{FOX}"),
        (f"{LINK}\n\nB.", f"{FOX}B."),
        (f'A.\n\n{LINK}"', f'A.{FOX}"'),
        (f"A. {LINK} B.", f"A. {FOX} B."),
        (f"> {LINK}\n> B.", f"> {FOX}> B."),
    ],
)
def test_blanks_stripped_by_a_front_end_are_no_obstacle(answer: str, restored: str) -> None:
    """A front-end that trims lines, or the end of a message, does not hide a picture."""
    assert restore_text(answer, KNOWN) == restored


def test_a_picture_nobody_knows_goes_away() -> None:
    """A deleted picture is not shown to a model, and the words around it stay apart."""
    gone = "![x](http://h/images/ffffffffffffffff.png)"
    assert restore_text(f"A.\n\n{gone}\n\nB.", KNOWN) == "A.\n\nB."
    assert restore_text(f"A. \n\n{gone}\n\n B.", KNOWN) == "A.  B."
    assert restore_text(gone, KNOWN) == ""
    assert restore_text(f"A.\n\n{gone}\n\n\n\n{LINK}\n\nB.", KNOWN) == f"A.{FOX}B."


@pytest.mark.parametrize(
    "text",
    [
        "![a](http://h/pictures/0123456789abcdef.png) and <img src='fox.png'>",
        "![a](http://h/images/fox.png) ![a](http://h/images/12.png)",
        "![a](http://h/images/0123456789abcdef.jpg)",
        f"[a]({URL}) and {URL} and ![a]({URL}",
        "<image src=x> <img <img src= > ![[]]()",
        "<!-- a comment -->",
    ],
)
def test_pictures_of_others_stay(text: str) -> None:
    """What limner did not make is none of its business."""
    assert restore_text(text, nobody) == text


def test_only_answers_are_touched_and_nothing_given_is_changed() -> None:
    """User and system messages stay, in every form content may have; the input stays too."""
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": LINK},
        {"role": "user", "content": [{"type": "text", "text": LINK}]},
        {"role": "tool", "content": LINK, "tool_call_id": "1"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "assistant"},
        {"role": "assistant", "content": LINK, "name": "x"},
        assistant(
            [{"type": "text", "text": f"A. {LINK}"}, {"type": "refusal", "refusal": LINK}, 7]
        ),
        assistant([{"type": "image_url", "image_url": {"url": URL}}]),
    ]
    before = repr(messages)
    restored = restore_history(messages, KNOWN)
    assert restored[:5] == messages[:5]
    assert restored[5] == {"role": "assistant", "content": FOX, "name": "x"}
    assert restored[6]["content"][0] == {"type": "text", "text": f"A. {FOX}"}
    assert restored[6]["content"][1:] == messages[6]["content"][1:]
    assert restored[7] == messages[7]
    assert remove_pictures(messages)[7]["content"] == ""
    assert repr(messages) == before


@pytest.mark.needs("regex")
def test_pruning_drops_tags_too_and_restoring_keeps_them() -> None:
    """The independent mode shows a model neither pictures nor tags; code is left alone."""
    text = f"One.\n\n{FOX}\n\nTwo. {FOX} Three `{FOX} {LINK}`.\n{LINK}\n  Four.\n{FOX}"
    pruned = prune_history([assistant(text)])[0]["content"]
    assert pruned == f"One.\n\nTwo. Three `{FOX} {LINK}`.\n  Four."
    assert restore_text(f"`{FOX}`", KNOWN) == f"`{FOX}`"
    kept = remove_pictures([assistant(text)])[0]["content"]
    assert kept.count(FOX) == 4
    assert kept.count(LINK) == 1
    custom = prune_history([assistant("A [img:fox] b")], patterns=[r"\[img:(.*?)\]"])
    assert custom[0]["content"] == "A b"


HOSTILE = [
    "![", "![a](", "![a](x ", '![a](x "', "![a](x '", "![a] ", "![](images/", "(", "\n", "`",
    "<img ", "<img\n", '<img a="', "<img a='\"", ' a="<img b=', "<img a=b ", '<img src="a.png">',
    "<!-- limner:", "<!--", "images/", "/images/a", f"{LINK} ", FOX, f"{FOX}\n{LINK}",
]  # fmt: skip


def steps(unit: str, length: int) -> float:
    """Processor seconds that a text of one unit takes: the least of three runs."""
    text = unit * (length // len(unit))
    times = []
    for _ in range(3):
        began = time.process_time()
        restore_text(text, KNOWN)
        remove_pictures([assistant(text)])
        times.append(time.process_time() - began)
    return min(times)


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_answers_take_no_more_than_linear_time(unit: str) -> None:
    """Eight times the text takes nowhere near sixty-four times as long."""
    assert steps(unit, 80_000) <= 24 * steps(unit, 10_000) + 0.05


@given(st.lists(st.sampled_from([*HOSTILE, '"', "'", ">", ")", "]", ID, ".png"]), max_size=12))
def test_any_text_is_read_without_harm(parts: list[str]) -> None:
    """Whatever stands in an answer: pictures are found in order and apart, and no call fails."""
    text = "".join(parts)
    pictures = find_pictures(text)
    assert all(a.end <= b.start for a, b in pairwise(pictures))
    restored = restore_text(text, nobody)
    assert URL not in restored or FOX in text or "`" in text
    remove_pictures([assistant(text)])


@given(st.text(max_size=80))
def test_a_link_is_always_found_again(prompt: str) -> None:
    """Whatever a prompt holds, its link is one picture, on one line."""
    link = picture_link(prompt, URL)
    (picture,) = find_pictures(link)
    assert (picture.start, picture.end, picture.id) == (0, len(link), ID)
    assert len(link.splitlines()) == 1
    assert sys.getsizeof(link) < 2000


def test_r57_r60_depth_counts_from_the_end() -> None:
    """R57, R60: depth 0 is really last; more than there is means first, also of a new chat."""
    chat = [{"role": "user", "content": str(i)} for i in range(3)]
    note = {"role": "system", "content": "Draw."}
    assert inject(chat, "Draw.") == [*chat, note]
    assert inject(chat, "Draw.", depth=2) == [chat[0], note, *chat[1:]]
    assert inject(chat, "Draw.", depth=4) == [note, *chat]
    assert inject([], "Draw.") == [note]
    assert inject(chat, " ") == chat
    assert inject(chat, "Draw.", role="user")[-1]["role"] == "user"
    assert len(chat) == 3
    with pytest.raises(ValueError, match="depth"):
        inject(chat, "Draw.", depth=-1)


@pytest.mark.parametrize(
    ("options", "injected"),
    [
        ({}, True),
        ({"kind": "normal"}, True),
        ({"kind": "something new"}, True),
        ({"kind": "quiet"}, False),
        ({"kind": "Impersonate"}, False),
        ({"kind": "side"}, False),
        ({"enabled": False}, False),
        ({"dry_run": True}, False),
        ({"independent": True}, False),
        ({"preset": ""}, False),
        ({"preset": None}, False),
    ],
)
def test_r56_r58_r59_when_nothing_is_injected(options: dict[str, Any], injected: bool) -> None:
    """R56, R58, R59: off, counting, quiet and foreign words get no instruction; all else does."""
    assert should_inject(options.pop("preset", "Draw."), **options) is injected
