"""What a model is given of earlier answers."""

import sys
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.prompts import (
    TagPlace,
    find_links,
    find_pictures,
    find_prompts,
    forget_pictures,
    format_tag,
    inject,
    picture_link,
    prune_history,
    remove_links,
    remove_pictures,
    restore_history,
    restore_links,
    restore_text,
    should_inject,
    strings_in,
    tag_places,
)

FOX = format_tag("a fox")
ID = "0123456789abcdef"
URL = f"http://127.0.0.1:8750/images/{ID}.png"
LINK = f"![a fox]({URL})"
KNOWN = {ID: FOX}.get


def nobody(_id: str) -> None:
    """The lookup that knows no picture."""


def gone(_id: str) -> str:
    """The lookup for which every picture is limner's, and its tag forgotten."""
    return ""


def own_page(url: str) -> bool:
    """Whether an address is one of limner's pages."""
    return url.startswith("http://127.0.0.1:8750/")


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


@settings(max_examples=share(400))
@given(TEXTS, st.data())
def test_restoring_gives_the_model_its_own_words_whatever_spaces_changed(
    text: str, data: st.DataObject
) -> None:
    """With its place known, a tag comes back exactly, however a front-end treats white space."""
    count = 2 * len(find_prompts(text)) + 1
    spaces = data.draw(st.lists(SPACES, min_size=count, max_size=count))
    answer, places = shown(text, spaces)
    assert restore_text(answer, places.get) == text


@settings(max_examples=share(400))
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
    assert restore_links(f"A. {link} B.", KNOWN) == f"A. {FOX} B."
    assert remove_links(f"A. {link} B.", KNOWN) == "A. B."
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


LINKED = [
    f"[{LINK}]({URL})",
    f"[ {LINK} ](http://127.0.0.1:8750/picture/1)",
    f'[{LINK}](<http://127.0.0.1:8750/picture/1> "larger")',
    f'[<img src="{URL}">](http://127.0.0.1:8750/picture/1)',
    f'<a href="{URL}" target=_blank><img src="{URL}"></a>',
    f'<A class=x href="http://127.0.0.1:8750/picture/1">\n<img src="{URL}">\n</A>',
]


@pytest.mark.parametrize("link", LINKED)
def test_a_picture_in_a_link_to_itself_is_one_with_the_link(link: str) -> None:
    """As is one in a link to a page of limner's."""
    text = f"A.\n\n{link}\n\nB."
    place = {ID: TagPlace(FOX, " ", "\n")}.get
    assert restore_text(text, place, page=own_page) == f"A. {FOX}\nB."
    assert restore_links(text, KNOWN, page=own_page) == f"A.{FOX}B."
    assert remove_links(text, KNOWN, page=own_page) == "A.\n\nB."


def test_a_link_of_others_around_a_picture_stays() -> None:
    """Only what is limner's is changed."""
    text = f"A [{LINK}](https://example.org/fox) B"
    assert restore_links(text, KNOWN) == f"A [{FOX}](https://example.org/fox) B"
    assert remove_links(text, KNOWN) == "A [](https://example.org/fox) B"


@pytest.mark.parametrize(
    ("said", "restored", "removed"),
    [
        (f"Is {URL} red?", f"Is {FOX} red?", "Is red?"),
        (f"See {URL}.", f"See {FOX}.", "See ."),
        (f"看{URL}?w=200，好", f"看{FOX}，好", "看，好"),
        (f"<{URL}>", FOX, ""),
        (f"**{URL}**", f"**{FOX}**", "****"),
        (f"/images/{ID}.png?v=1#x", FOX, ""),
        (f"[the fox]({URL}) ran", "the fox ran", "the fox ran"),
        (f"[the fox](<{URL}> 'red') ran", "the fox ran", "the fox ran"),
        (f'<a href="{URL}">the <b>fox</b></a> ran', "the <b>fox</b> ran", "the <b>fox</b> ran"),
        (f'<a href="{URL}">the fox {LINK}</a>', f"the fox {FOX}", "the fox"),
        (f"[1]: {URL}\n\nB.", f"[1]: {FOX}\n\nB.", "[1]:\n\nB."),
    ],
)
def test_addresses_and_words_that_lead_to_a_picture(said: str, restored: str, removed: str) -> None:
    """An address is a picture without the marks; words stay, and lead nowhere."""
    assert restore_links(said, KNOWN) == restored
    assert remove_links(said, KNOWN) == removed
    assert restore_links(said, nobody) == said
    assert remove_links(said, nobody) == said


def test_a_picture_whose_tag_is_forgotten_goes_away() -> None:
    """It is not shown to a model, and the words around it stay apart."""
    lost = "![x](http://h/images/ffffffffffffffff.png)"
    lookup = {ID: FOX, "f" * 16: ""}.get
    assert restore_text(f"A.\n\n{lost}\n\nB.", lookup) == "A.\n\nB."
    assert restore_text(f"A. \n\n{lost}\n\n B.", lookup) == "A.  B."
    assert restore_text(lost, lookup) == ""
    assert restore_text(f"A.\n\n{lost}\n\n\n\n{LINK}\n\nB.", lookup) == f"A.{FOX}B."


OTHERS = [
    "![a](http://h/pictures/0123456789abcdef.png) and <img src='fox.png'>",
    "![a](http://h/images/fox.png) ![a](http://h/images/12.png)",
    "![a](http://h/images/0123456789abcdef.jpg)",
    "![a](https://cdn.example.org/images/deadbeef01.png)",
    f"![a](https://other.example/images/{'f' * 40}.png)",
    "[![a](https://cdn.example.org/images/deadbeef01.png)](https://example.org/a)",
    "[a](https://cdn.example.org/images/deadbeef01.png) images/deadbeef01.png",
    f"![a]({URL[:-1]}",
    "<image src=x> <img <img src= > ![[]]()",
    "<!-- a comment -->",
]


@pytest.mark.parametrize("text", OTHERS)
def test_pictures_of_others_stay(text: str) -> None:
    """What limner did not make is none of its business, in whatever form and place."""
    assert restore_text(text, KNOWN) == text
    assert restore_links(text, KNOWN) == text
    assert remove_links(text, KNOWN) == text


def test_a_picture_of_another_site_stays_even_behind_a_tag() -> None:
    """Illustrators keep theirs at home: only such a one was drawn for the tag."""
    text = f"A {FOX}\n![a](https://cdn.example.org/images/deadbeef01.png)\nB"
    assert restore_text(text, KNOWN) == text
    assert restore_text(f"A {FOX}\n![a](/user/images/fox.png)\nB", KNOWN) == f"A {FOX}B"


FOREIGN = st.sampled_from(
    [f" {text} " for text in OTHERS if "![[]]" not in text and URL[:-1] not in text]
)


@settings(max_examples=share(400))
@given(st.lists(st.tuples(TEXTS, FOREIGN), max_size=4))
def test_links_of_others_are_as_they_were_beside_restored_ones(
    parts: list[tuple[str, str]],
) -> None:
    """Wherever they stand between limner's own, the whole comes back as the model wrote it."""
    text = "".join(f"{a}.{b}." for a, b in parts)
    answer, places = shown(text, None)
    assert restore_text(answer, places.get) == text
    assert restore_links(answer, places.get) == text


@settings(max_examples=share(400))
@given(st.lists(st.tuples(TEXTS, FOREIGN), max_size=4))
def test_links_that_are_removed_leave_all_words_and_links_of_others(
    parts: list[tuple[str, str]],
) -> None:
    """Nothing is lost but limner's own and white space beside it, and no words run together."""
    text = "".join(f"{a}.{b}." for a, b in parts)
    answer, places = shown(text, None)
    removed = remove_links(answer, places.get)
    words = text
    for tag in reversed(find_prompts(text)):
        words = f"{words[: tag.start]} {words[tag.end :]}"
    assert removed.split() == words.split()
    assert not [link for link in find_links(removed) if link.id in places]
    if not places:
        assert removed == answer


@pytest.mark.parametrize(
    ("answer", "removed"),
    [
        (f"A.\n\n{LINK}\n\nB.", "A.\n\nB."),
        (f"A fox \n\n{LINK}\n\n ran.", "A fox ran."),
        (f"A.\n\n\n\n{LINK}\n\n\n\nB.", "A.\n\nB."),
        (f"A.\n\n\n{LINK}\n\n\nB.", "A.\nB."),
        (f"A.\r\n\r\n{LINK}\r\n\r\nB.", "A.\n\nB."),
        (f"\n\n{LINK}\n\nB.", "B."),
        (f"A.\n\n{LINK}", "A."),
        (f"A.\n\n{LINK}\n\n\n\n{LINK}\n\nB. ", "A.\n\nB. "),
        (f"  A.\n\n{LINK}\n\n\n\n    code", "  A.\n\n    code"),
        (LINK, ""),
    ],
)
def test_what_limner_put_around_a_picture_goes_with_it(answer: str, removed: str) -> None:
    """What the model wrote around its tag parts the words as before."""
    assert remove_links(answer, KNOWN) == removed
    assert remove_links(removed, KNOWN) == removed


def test_every_role_and_every_part_is_restored_and_nothing_given_is_changed() -> None:
    """In every form that content may have; what holds no text stays."""
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": f"So: {LINK}"},
        {"role": "developer", "content": f"So: {LINK}"},
        {"role": "user", "content": [{"type": "text", "text": f"Why {LINK}"}, f"Or {LINK}"]},
        {"role": "tool", "content": LINK, "tool_call_id": "1"},
        {"role": "tool", "content": [{"type": "tool_result", "content": [{"text": LINK}]}]},
        {"role": "assistant", "content": None, "tool_calls": [{"x": LINK}]},
        {"role": "assistant"},
        {"role": "assistant", "content": LINK, "name": "x"},
        assistant(
            [{"type": "text", "text": f"A. {LINK}"}, {"type": "refusal", "refusal": LINK}, 7]
        ),
        assistant([{"type": "image_url", "image_url": {"url": URL}}]),
    ]
    before = repr(messages)
    restored = restore_history(messages, KNOWN)
    assert [one["content"] for one in restored[:5]] == [
        f"So: {FOX}",
        f"So: {FOX}",
        [{"type": "text", "text": f"Why {FOX}"}, f"Or {FOX}"],
        FOX,
        [{"type": "tool_result", "content": [{"text": FOX}]}],
    ]
    assert restored[5:7] == messages[5:7]
    assert restored[7] == {"role": "assistant", "content": FOX, "name": "x"}
    assert restored[8]["content"][0] == {"type": "text", "text": f"A. {FOX}"}
    assert restored[8]["content"][1:] == messages[8]["content"][1:]
    assert restored[9] == messages[9]
    forgotten = forget_pictures(messages, KNOWN)
    assert LINK not in repr([one.get("content") for one in forgotten[:8]])
    assert forgotten[2]["content"] == [{"type": "text", "text": "Why"}, "Or"]
    assert remove_pictures(messages)[9]["content"] == ""
    assert repr(messages) == before


def test_only_answers_lose_what_older_illustrators_left() -> None:
    """What a user quotes is the user's."""
    text = f'{FOX}\n<img src="a.png"><!-- limner:1 -->'
    assert restore_history([assistant(text)], KNOWN)[0]["content"] == FOX
    assert restore_history([{"role": "user", "content": text}], KNOWN)[0]["content"] == text


def test_the_result_of_a_tool_is_json_still() -> None:
    """Strings are restored as strings, and everything else is as it was written."""
    link = LINK.replace("/", "\\/")
    text = f'{{ "n": 1.50,  "said": ["A \\"{link}\\n\\nB é", "\\ud83e {URL}"], "x": "\\u00e9" }}'
    (restored,) = restore_history([{"role": "tool", "content": text}], KNOWN)
    made = restored["content"]
    assert strings_in(made) == ["n", "said", f'A "{FOX}B é', f"\ud83e {FOX}", "x", "é"]
    assert made.startswith('{ "n": 1.50,  "said": [')
    assert made.endswith('"x": "\\u00e9" }')
    (forgotten,) = forget_pictures([{"role": "tool", "content": text}], KNOWN)
    assert strings_in(forgotten["content"])[2:4] == ['A "\n\nB é', "\ud83e"]


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
    "<!-- limner:", "<!--", "images/", "/images/a", f"{LINK} ", FOX, f"{FOX}\n{LINK}", "[", "[a](",
    "[a](x ", "http://", f"{URL}?a=", "aimages/0.png", f"[{LINK}](", "<a x>", "<a ", "<a x><b",
    "] ", f"<a x>{LINK}", f"[{LINK} ", f"[a]({URL})", f'["{LINK}"', "http://images/0.png,",
]  # fmt: skip


def steps(unit: str, length: int) -> float:
    """Processor seconds that a text of one unit takes."""
    text = unit * (length // len(unit))
    began = time.process_time()
    restore_text(text, KNOWN)
    remove_links(text, gone)
    remove_pictures([assistant(text)])
    return time.process_time() - began


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_answers_take_no_more_than_linear_time(unit: str) -> None:
    """Eight times the text takes nowhere near sixty-four times as long, in one of three runs."""
    assert any(steps(unit, 80_000) <= 24 * steps(unit, 10_000) + 0.05 for _ in range(3))


@given(st.lists(st.sampled_from([*HOSTILE, '"', "'", ">", ")", "]", ID, ".png"]), max_size=12))
def test_any_text_is_read_without_harm(parts: list[str]) -> None:
    """Whatever stands in an answer: pictures are found in order and apart, and no call fails."""
    text = "".join(parts)
    pictures = find_pictures(text)
    assert all(a.end <= b.start for a, b in pairwise(pictures))
    links = find_links(text)
    assert all(a.end <= b.start for a, b in pairwise(links))
    assert URL not in restore_text(text, gone)
    assert URL not in restore_links(text, gone)
    assert URL not in remove_links(text, gone)
    assert restore_links(text, nobody) == remove_links(text, nobody) == text
    remove_pictures([assistant(text)])


@pytest.mark.parametrize(
    "parts",
    [
        ['<img a="', f"<a x>{LINK}", '![a](x "', ">"],  # inside what an element of others says
        [f"{URL}?a=", "aimages/0.png"],  # inside the question behind an address
    ],
)
def test_a_link_hides_in_nothing_that_somebody_else_wrote(parts: list[str]) -> None:
    """Neither in another picture's words, nor behind another address; and each is found once."""
    text = "".join(parts)
    assert URL not in restore_text(text, gone)
    assert URL not in remove_links(text, gone)
    assert all(a.end <= b.start for a, b in pairwise(find_links(text)))


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
    results = [{"role": "assistant"}, {"role": "tool"}, {"role": "tool"}]
    assert inject([*chat, *results], "Draw.", depth=1) == [*chat, note, *results]
    assert inject(results[1:], "Draw.", depth=1) == [note, *results[1:]]
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
