"""The user's own patterns: checked one by one, matched in a stream, never hanging."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.prompts.cutting import cut, merged, scan

from limner.prompts import PatternProblem, PromptScanner, Text, find_prompts
from limner.prompts.grammar.pattern_grammar import LONGEST_TAG

pytestmark = pytest.mark.needs("regex")

LAZY = r"\[img:(.*?)\]"
GREEDY = r"\[img:(.*)\]"


def prompts(text: str, *patterns: str) -> list[str]:
    """The prompts the patterns find in a text."""
    return [tag.prompt for tag in find_prompts(text, patterns)]


def test_patterns_replace_the_default_grammar() -> None:
    """With patterns given, only they count; none at all finds nothing."""
    text = '<!--img-prompt="a"--> [img:b]'
    assert prompts(text, LAZY) == ["b"]
    assert prompts(text) == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "not a valid"),
        ("[img", "not a valid"),
        ("no group", "one capturing group"),
        ("(a)(b)", "2 capturing groups"),
        ("(a*)", "empty text"),
        ("(a)" + "b" * 998, "1001 characters"),
        ("(" * 450 + "a" + ")" * 450, "nested too deeply"),
        ("((?:(?:a{1000}){1000}){1000})", "multiply"),
        (r"(?<=x)(a)", "look-behind"),
        (r"(a)\K", "beginning of a match"),
        ("(a)(?R)", "recursion"),
        ("(?r)(a)", "flags"),
        ("(a){e<=1}", "fuzzy"),
        (r"(*SKIP)(a)", "control verbs"),
    ],
)
def test_d20_a_bad_pattern_is_reported_and_left_out(pattern: str, reason: str) -> None:
    """D20: each pattern is checked on its own; the good ones go on working."""
    scanner = PromptScanner([pattern, LAZY])
    (problem,) = scanner.problems
    assert problem.pattern == pattern
    assert reason in problem.reason
    assert [piece.source for piece in scanner.feed("[img:fox]")] == ["[img:fox]"]


def test_a_pattern_given_twice_is_reported() -> None:
    """Duplicates are left out, and so is what is not a string."""
    scanner = PromptScanner([LAZY, LAZY, 7])  # type: ignore[list-item]  # the mistake under test
    assert scanner.problems == [
        PatternProblem(LAZY, "it is there twice; once is enough"),
        PatternProblem("7", "it is not a string"),
    ]


def test_one_string_is_not_a_list_of_patterns() -> None:
    """A single pattern instead of a list is a TypeError, not a list of characters."""
    with pytest.raises(TypeError, match="list"):
        PromptScanner(LAZY)


def test_prompts_are_trimmed_and_unescaped() -> None:
    """The group is treated as the default grammar treats its prompt; a blank one is text."""
    assert prompts(r"[img:  a \"fox\" \\ \n ][img: ][img:]", LAZY) == [r'a "fox" \ \n']


def test_the_earlier_pattern_wins_at_the_same_place() -> None:
    """Order decides between patterns that match at one place; before that, place decides."""
    assert prompts("[img:a|b]", r"\[img:(\w)", LAZY) == ["a"]
    assert prompts("[img:a|b]", LAZY, r"\[img:(\w)") == ["a|b"]
    assert prompts("x[img:a]", LAZY, r"(x)") == ["x", "a"]


def test_a_lazy_match_is_given_out_at_once_and_a_greedy_one_when_it_is_decided() -> None:
    """A match counts when nothing that may still come could change it."""
    lazy, greedy = PromptScanner([LAZY]), PromptScanner([GREEDY])
    assert len(lazy.feed("[img:a]")) == 1
    assert greedy.feed("[img:a] and [img:b] c") == []
    assert [piece.source for piece in greedy.feed("\nd")] == ["[img:a] and [img:b]", " c\nd"]
    assert prompts("[img:a] and [img:b] c", GREEDY) == ["a] and [img:b"]


def test_only_a_possible_beginning_is_held_back() -> None:
    """Text that no pattern can begin in is given out at once."""
    scanner = PromptScanner([LAZY])
    assert scanner.feed("a [b [im") == [Text("a [b ", 0)]
    assert scanner.feed("age] ") == [Text("[image] ", 5)]
    assert scanner.feed("[img:") == []
    assert scanner.finish() == [Text("[img:", 13)]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"(?m)^IMG: (.+)$", "no IMG: x\nIMG: a\nIMG: b", ["a", "b"]),
        (r"IMG: (.+)$", "IMG: a\nIMG: b\n", ["b"]),
        (r"\bimg\((\w+)\b\)", "ximg(a) img(b)", ["b"]),
        (r"img(\w)\B", "imga. imgbb", ["b"]),
        (r"<!--i:((?:(?!-->).)+)-->", "<!--i:a-b--><!--i:c-->", ["a-b", "c"]),
        (r"(?|\[(a)\]|\{(b)\})", "[a]{b}", ["a", "b"]),
        ("(?x) \\[ (a) \\] # a comment", "[a]", ["a"]),
        (r"(?i)\[IMG:(.*?)\]", "[img:A]", ["A"]),
        (r"[$\b]\[(a)\]", "$[a]", ["a"]),
        (r"`(a)`", "`b` `a` ``a``", ["a"]),
        ("(\uffff)", "\uffff", []),
        (r"\[(.)\]", "[\uffff]", ["\uffff"]),
    ],
)
def test_usual_constructs_work_in_a_stream(pattern: str, text: str, expected: list[str]) -> None:
    """Anchors, boundaries, look-aheads and flags mean in a stream what they mean in a whole."""
    whole = scan([text], [pattern])
    assert prompts(text, pattern) == expected
    assert scan(list(text), [pattern]) == whole


def test_code_and_reasoning_hide_tags_of_patterns_too() -> None:
    """The rules about hidden text hold for every grammar; a tag from outside may hold them."""
    text = "`[img:a]` <think>[img:b]</think>\n```\n[img:c]\n```\n[img:d `] [img:e]"
    assert prompts(text, LAZY) == ["d `", "e"]


def test_a_line_starts_after_a_tag_that_ends_one() -> None:
    """A tag that takes its line break along leaves the next line able to open a fence."""
    text = "IMG: a\n```\n\nIMG: b\n```\nIMG: c\n"
    assert prompts(text, r"IMG: (.+)\n") == ["a", "c"]


PATTERNS = st.sampled_from(
    [
        LAZY, GREEDY, r"\[img:([^\]]+)\]", r"(?s)\[img:(.*?)\]", r"(?s)\[(.+)\]", r"(?m)^(b+)$",
        r"\b(ab)\b", r"a(b|bc|bca)", r"(a+)", r"(?>a|ab)(c)", r"(a|ab)(?=c)", r"a(b)(?!ca)",
        r"`(a)`", r"(`+)", r"\\(.)", r"(\n)", r"^(a)", r"(.)\Z", r"\[(.{1,3})\B", r"(~)~*", "<(.)",
        r"(?i)(A)b?", r"a{2,3}(b)", r"(?:ab)+(c)?", r"[ab](.)[^c]",
    ]
)  # fmt: skip
TEXTS = st.lists(
    st.sampled_from(
        ["[img:", "]", "a", "b", "c", "\n", "`", "```", "\\", " ", "~~~", "<think>", "</think>"]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=share(800))
@given(st.lists(PATTERNS, min_size=1, max_size=3), TEXTS, st.lists(st.integers(0, 99), max_size=6))
def test_cuts_change_nothing_with_patterns(
    patterns: list[str], text: str, places: list[int]
) -> None:
    """However the text is cut, the patterns find the same tags, and no character is lost."""
    whole = scan([text], patterns)
    assert "".join(piece.source for piece in whole) == text
    assert scan(cut(text, places), patterns) == whole
    assert scan(list(text), patterns) == whole


@settings(max_examples=share(300))
@given(PATTERNS, TEXTS.map(lambda text: re.sub(r"[`~<\\]", "", text)))
def test_without_code_a_pattern_finds_what_a_search_finds(pattern: str, text: str) -> None:
    """In plain prose the tags are those of an ordinary search, blank prompts aside."""
    if not pattern.startswith(("(`", "`", r"\\", "(~", "<")) and r"(?!" not in pattern:
        compiled = re.compile(pattern)
        at, expected = 0, []
        while match := compiled.search(text, at):
            blank = not (match[1] or "").strip()
            at = match.start() + 1 if blank else match.end()
            expected += [] if blank else [match.span()]
        assert [(tag.start, tag.end) for tag in find_prompts(text, [pattern])] == expected


def test_a_tag_longer_than_the_bound_is_text() -> None:
    """What is held back for a pattern is bounded; behind the bound the text goes on."""
    scanner = PromptScanner([r"(?s)\[img:(.*?)\]"])
    given_out = ""
    for _ in range(LONGEST_TAG // 1000):
        given_out += "".join(piece.source for piece in scanner.feed("[img:" + "a" * 995))
    assert len(given_out) == 1000  # the first beginning was given up, the second is held
    assert sum(len(piece.source) for piece in scanner.finish()) == LONGEST_TAG - 1000
    assert scanner.problems == []


def test_the_bound_holds_for_chunks_of_any_size() -> None:
    """A beginning that is longer than a tag may be is given up, however it came."""
    scanner = PromptScanner([LAZY])
    text = "[img:" + "a" * 30_000
    assert "".join(p.source for part in (text[:7], text[7:]) for p in scanner.feed(part)) == text


def test_what_is_decided_comes_out_with_its_chunk_however_long_that_is() -> None:
    """The stretch searched at a time is bounded, but a tag across its end is not kept waiting."""
    scanner = PromptScanner([LAZY])
    assert scanner.feed("[img:" + "b" * 100) == []
    pieces = merged(scanner.feed("\n" + "x" * (LONGEST_TAG - 110) + "[img:fox] y"))
    assert [piece.source for piece in pieces][1:] == ["[img:fox]", " y"]


@pytest.mark.parametrize("length", [LONGEST_TAG - 1, LONGEST_TAG, LONGEST_TAG + 1])
@pytest.mark.parametrize("pattern", [r"\[img:(.*?)\]", r"\[img:(.*)\]", r"\[img:(.*)"])
def test_the_bound_does_not_depend_on_the_cuts(length: int, pattern: str) -> None:
    """At the bound and around it, whole and cut texts give the same."""
    text = "[img:" + "a]" + "b" * (length - 8) + "] c\nd"
    whole = scan([text], [pattern])
    assert scan([text[:9000], text[9000:-7], *text[-7:]], [pattern]) == whole


@pytest.mark.parametrize("evil", [r"\[((?:a|a)*)b\]", r"\[((?:a|aa)+)!c?\]"])
def test_an_evil_pattern_is_switched_off_and_the_text_goes_on(evil: str) -> None:
    """A pattern that would take for ever is stopped, reported, and harms no other."""
    scanner = PromptScanner([evil, LAZY])
    text = "[" + "a" * 60 + "] [img:fox] b"
    pieces = merged(scanner.feed(text) + scanner.finish())
    assert "".join(piece.source for piece in pieces) == text
    assert [piece.source for piece in pieces][1] == "[img:fox]"
    (problem,) = scanner.problems
    assert problem.pattern == evil
    assert "too long" in problem.reason
