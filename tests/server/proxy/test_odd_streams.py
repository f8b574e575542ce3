"""Streams as servers really send them, and texts in which a picture must break nothing."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.server.proxy.serving import proxy
from tests.server.proxy.streams import TAG, RecordingSink, data, rewrite, texts

from limner.prompts import find_pictures
from limner.server.proxy.mode import Mode
from limner.testing.chat_server import ChatServer, Reply
from limner.testing.chat_server.dialects import DIALECTS

OPENAI = DIALECTS[0]
DONE = b"data: [DONE]\n\n"


def said(text: str, index: int = 0, finish: str | None = None) -> bytes:
    """An event that says so much."""
    return OPENAI.chunk({"index": index, "delta": {"content": text}, "finish_reason": finish})


def every_text(stream: bytes) -> str:
    """All texts of the first choice, behind finish reasons as well."""
    choices = [one["choices"][0] for one in data(stream) if one != "[DONE]" and one["choices"]]
    return "".join(one["delta"].get("content") or "" for one in choices)


def test_a_server_that_says_stop_with_every_chunk_is_read_on() -> None:
    """A tag in what follows, or cut by it, is a picture all the same."""
    events = [said(text, finish="stop") for text in ("Snow. ", TAG[:9], TAG[9:], " End.")]
    sent = every_text(rewrite(*events, DONE))
    assert sent.startswith("Snow. \n\n![")
    assert sent.endswith(")\n\n End.")


def test_the_end_of_one_choice_holds_no_other_back() -> None:
    """Where another goes on, one that ended inside a tag is over."""
    sink = RecordingSink()
    events = [said("B", 1), said(f"A {TAG[:20]}", 0, "length"), said(" on", 1)]
    sent = data(rewrite(*events, sink=sink))
    assert [(c["choices"][0]["index"], c["choices"][0]["delta"].get("content")) for c in sent] == [
        (1, "B"),
        (0, "A "),
        (1, " on"),
    ]
    assert sent[1]["choices"][0]["finish_reason"] == "length"


@given(st.integers(6, len(TAG) - 1), st.sampled_from([Mode.INLINE, Mode.APPEND, Mode.HOLD]))
def test_a_tag_that_is_left_open_reaches_no_reader(cut: int, mode: Mode) -> None:
    """The sink has it: an answer may go on inside it."""
    sink = RecordingSink()
    events = OPENAI.events(["A fox. ", *TAG[:cut]])
    assert texts(rewrite(*events, mode=mode, sink=sink)) == {0: "A fox. "}
    assert sink.texts[0] == f"A fox. {TAG[:cut]}"


def test_a_story_whose_model_forgot_to_close_its_tag_is_shown() -> None:
    """What goes on behind a blank line, or for long, is no tag."""
    for rest in (" and it ran\n\nfar away.", " and" * 600):
        assert texts(rewrite(*OPENAI.events([TAG[:20], rest]))) == {0: TAG[:20] + rest}


HALF, OTHER_HALF = b"\\ud83e", b"\\udd8a"
FOX = "\N{FOX FACE}"


def test_halves_of_a_character_are_whole_for_the_library_and_as_they_came_for_the_reader() -> None:
    """Not one byte changes, and the words around them are kept."""
    events = [
        said("A @").replace(b"@", HALF),
        said("@ ran <").replace(b"@", OTHER_HALF),
        said("b>"),
    ]
    sink = RecordingSink()
    assert rewrite(*events, sink=sink) == b"".join(events)
    assert sink.texts == {0: f"A {FOX} ran <b>"}


@pytest.mark.parametrize("first", ["A @", f"A {TAG}@", "A <@"])
@pytest.mark.parametrize("second", ["@ ran.", f"@ ran.{TAG}", f"@{TAG} ran"])
def test_halves_beside_a_tag_are_put_together_exactly_once(first: str, second: str) -> None:
    """Whichever of their chunks is changed."""
    events = [said(first).replace(b"@", HALF), said(second).replace(b"@", OTHER_HALF)]
    sink = RecordingSink()
    sent = every_text(rewrite(*events, DONE, sink=sink))
    shown = sent.encode("utf-16", "surrogatepass").decode("utf-16")
    assert re.sub(r"\n\n!\[[^)]*\)\n\n", TAG, shown) == sink.texts[0]
    assert sink.texts[0] == (first[:-1] + FOX + second[1:])


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("| who | face |\n|---|---|\n| Fox | # |\n| Owl | # |\n", "<table>.*Owl.*</table>"),
        (
            "who | face\n--- | ---\nFox | #\nOwl | # end\n",
            "<table>.*<img.*Owl.*<img.* end.*</table>",
        ),
        ("*He looks # at it* and goes.", "<em>He looks .*<img.* at it</em>"),
        ("**Bold # words**#, __so__ #.", "<strong>Bold .*<img.* words</strong>"),
        (
            "> He said # so\n> and went.\n",
            "<blockquote>(?!.*<block).*<img.*went.*</blockquote>",
        ),
        ("1. one #\n2. two\n3. three\n", "<ol>(?!.*<ol).*<img.*two.*three"),
        ("- one\n  #\n  more of one\n- two\n", "<ul>(?!.*<ul).*<img.*more of one.*two"),
        ("- one\n\n  # more of one\n\n- two\n", "<ul>(?!.*<ul).*<img.*more of one.*two"),
        ("## The # Fox\n\nText.", "<h2>The .*<img.*Fox</h2>"),
        ("[the # den](https://e.org)", "<a href[^>]*>the <img.* den</a>"),
        ("A fox. # It ran.", "<p>A fox.</p>\n<p><img[^>]*></p>\n<p>It ran.</p>"),
    ],
)
def test_a_picture_leaves_the_structure_it_stands_in(text: str, whole: str) -> None:
    """In one chunk by itself; in plain prose it stands between blank lines."""
    story = text.replace("#", TAG) if not text.startswith("##") else text.replace(" # ", f" {TAG} ")
    pieces = [story[i : i + 7] for i in range(0, len(story), 7)]
    sent = texts(rewrite(*OPENAI.events(pieces)))[0]
    shown = MarkdownIt("commonmark").enable("table").render(sent)
    assert re.search(whole, shown, re.DOTALL), shown


@pytest.mark.real_time
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "text/html", "x/y"])
@pytest.mark.parametrize("mode", ["inline", "hold", "off"])
async def test_an_event_stream_is_read_whatever_it_is_called(kind: str, mode: str) -> None:
    """Gateways call theirs JSON, or nothing at all."""
    reply = replace(Reply.stream("Snow. ", TAG, " End."), headers={"Content-Type": kind})
    async with ChatServer(reply) as model, proxy(model) as limner:
        shown = texts(await limner.ask(headers={"X-Limner-Mode": mode}))[0]
    assert len(find_pictures(shown)) == (mode != "off")
    assert shown.startswith("Snow. ")
    assert shown.endswith(" End.")
