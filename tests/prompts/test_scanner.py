"""What the scanner promises, example by example."""

import pytest

from limner.prompts import PromptScanner, PromptTag, Text, find_prompts

FOX = '<!--img-prompt="a fox"-->'


def prompts(text: str) -> list[str]:
    """The prompts in a text."""
    return [tag.prompt for tag in find_prompts(text)]


def given_out(scanner: PromptScanner, chunk: str) -> str:
    """What a chunk makes the scanner give out."""
    return "".join(piece.source for piece in scanner.feed(chunk))


@pytest.mark.parametrize(
    ("tag", "prompt"),
    [
        (FOX, "a fox"),
        ('<!--img-prompt="  a fox\n" -->', "a fox"),
        ('<!--img-prompt="a fox"\n\t-->', "a fox"),
        ('<!--img-prompt="two\nlines"-->', "two\nlines"),
        ('<!--img-prompt="a --> b"-->', "a --> b"),
        ('<!--img-prompt="a `code` b"-->', "a `code` b"),
        ('<!--img-prompt="```\n~~~"-->', "```\n~~~"),
        ('<!--img-prompt="$& $1 \\1"-->', "$& $1 \\1"),
        (r'<!--img-prompt="say \"hi\""-->', 'say "hi"'),
        (r'<!--img-prompt="C:\\fox"-->', r"C:\fox"),
        (r'<!--img-prompt="a\\"-->', "a\\"),
        (r'<!--img-prompt="\\\"\\"-->', '\\"\\'),
        (r'<!--img-prompt="a\nb \u00e9 \x"-->', r"a\nb \u00e9 \x"),
        ('<!--img-prompt="狐 🦊 & <b>"-->', "狐 🦊 & <b>"),
        ('<img_prompt="a fox">', "a fox"),
        ('<img_prompt="a fox" \n>', "a fox"),
        ('<!-- img-prompt="a fox" -->', "a fox"),
        ("<!--img-prompt='a fox'-->", "a fox"),
        ("<!--img-prompt='the fox's tail'-->", "the fox's tail"),
        (r"<!--img-prompt='\'tis a fox'-->", "'tis a fox"),
        ("<!--img-prompt=“a fox”-->", "a fox"),
        ('<!--img-prompt=“a sign: "open"”-->', 'a sign: "open"'),
        ("<!--img-prompt=‘the fox’s tail’-->", "the fox’s tail"),
        ("<!--img-prompt=„ein Fuchs“-->", "ein Fuchs"),
        ("<!--img-prompt=”en räv”-->", "en räv"),
        ('<!--img-prompt = "a fox"-->', "a fox"),
        ('<!--\nIMG-PROMPT=\n"a fox"\n-->', "a fox"),
        ('<!--img_prompt="a fox"-->', "a fox"),
        ('<img-prompt="a fox">', "a fox"),
        ('<IMG_PROMPT="a fox" />', "a fox"),
    ],
)
def test_a_tag_is_read_to_the_letter(tag: str, prompt: str) -> None:
    """Escapes are undone, blanks trimmed, everything else stays; the source is the whole tag."""
    assert find_prompts(f"ab {tag} c") == [PromptTag(prompt, tag, 3, 3 + len(tag))]


@pytest.mark.parametrize(
    "text",
    [
        '<!--img-prompt="a">',
        '<!--img-prompt="a"- ->',
        '<!--img-prompt="a\\"-->',
        '<!--img-prompt="a"x="b"-->',
        '<!--img-prompt="a" 1="b"-->',
        '<!--img-prompt="a" x="b"y="c"-->',
        '<img_prompt="a"-->',
        "<!--img-prompt='a\"-->",
        '<!--img-prompt=“a"-->',
        "<!--img-prompt=“a “b” c”-->",
        "<!--img-prompt=a fox-->",
        "<!-- img-prompt: a fox -->",
        '<!--         img-prompt="a fox"-->',
        '<!--img prompt="a"-->',
    ],
)
def test_what_only_looks_like_a_tag_is_text(text: str) -> None:
    """Whatever a slip may be, what is asked for must be certain."""
    assert find_prompts(text) == []


@pytest.mark.parametrize(
    "text",
    [
        '<!-- img-prompt="a"-->',
        '<!--img-prompt ="a"-->',
        "<!--img-prompt='a'-->",
        "<!--img-prompt=“a”-->",
        '<!--IMG-PROMPT="a"-->',
        '<!--img_prompt="a"-->',
        '<!--img-prompt="a" x = "b"-->',
        "<!--img-prompt=\"a\" x='b'-->",
        '<img_prompt="a" x="b">',
        '<img-prompt="a">',
        '<img_prompt="a"/>',
    ],
)
def test_strictly_nothing_but_what_was_asked_for_is_a_tag(text: str) -> None:
    """A slip is read, unless only exact tags are to count; then it is a near miss."""
    assert [tag.prompt for tag in find_prompts(text)] == ["a"]
    scanner = PromptScanner(strict=True)
    pieces = scanner.feed(text) + scanner.finish()
    assert "".join(piece.source for piece in pieces) == text
    assert not any(isinstance(piece, PromptTag) for piece in pieces)
    assert scanner.near_misses == 1


def test_attributes_are_read_as_models_write_them() -> None:
    """With blanks round the sign, with other quotation marks, in an element as in a comment."""
    (found,) = find_prompts("<!-- img-prompt = 'a fox' size = '512x512' seed=“7” -->")
    assert found.attributes == {"size": "512x512", "seed": "7"}
    (found,) = find_prompts('<img_prompt="a fox" size="512x512">')
    assert found.attributes == {"size": "512x512"}


NEAR_MISSES = {
    '<!--img-prompt: "a fox"-->': 1,
    "<!-- image prompt: a fox -->": 1,
    '<!--imgprompt="a fox"-->': 1,
    '<!--PICTURE_PROMPT="a fox"-->': 1,
    '<image-prompt="a fox">': 1,
    '<!--img-prompt="a fox">': 1,
    '<!--img-prompt=""-->': 1,
    '<!--img-prompt="never closed': 1,
    f'<!--img-prompt="forgotten {FOX}': 1,
    "<!-- a note --> <img src='a.png'> <picture> a < b": 0,
    "<!-- promptly --> <!-- the image -->": 0,
    '`<!--imgprompt="a fox"-->`': 0,
    '<think>\n<!--imgprompt="a fox"--></think>': 0,
    '<think>\n<!--imgprompt="a fox"-->': 1,
    FOX: 0,
}


@pytest.mark.parametrize(("text", "count"), NEAR_MISSES.items())
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_what_was_meant_to_be_a_tag_and_is_none_is_counted(
    text: str, count: int, size: int
) -> None:
    """So that somebody hears of it. Code, reasoning and other comments do not count."""
    scanner = PromptScanner()
    for start in range(0, len(text), size):
        scanner.feed(text[start : start + size])
    scanner.finish()
    assert scanner.near_misses == count


@pytest.mark.parametrize(
    "text",
    [
        r'<!--img-prompt="a \"b\" \\"-->',
        r'<!--img-prompt="a" style="\"b\\"-->',
        rf"\\` {FOX}` {FOX}",
        rf"\\\` {FOX}` {FOX}",
    ],
)
def test_an_escape_may_be_cut_in_two(text: str) -> None:
    """A backslash and what it stands before may come in different chunks."""
    scanner = PromptScanner()
    pieces = [piece for char in text for piece in scanner.feed(char)] + scanner.finish()
    assert [piece for piece in pieces if isinstance(piece, PromptTag)] == find_prompts(text) != []


def test_attributes_are_strings_and_unknown_names_are_kept() -> None:
    """Attributes follow the prompt, with the same escapes; the last of equal names counts."""
    tag = r'<!--img-prompt="fox" size="512x512"  seed="7" x-Y_1="\"a\\b\" -->" seed="8" -->'
    (found,) = find_prompts(tag)
    assert found.source == tag
    assert found.attributes == {"size": "512x512", "seed": "8", "x-Y_1": r'"a\b" -->'}


def test_a_failed_tag_may_hold_a_real_one() -> None:
    """When an open tag turns out to be text, the tags inside it are still found."""
    assert prompts(f'<!--img-prompt="<!--img-prompt="<img_prompt="b">{FOX}') == ["b", "a fox"]
    assert prompts(f'<!--img-prompt="forgotten {FOX}') == ["a fox"]


def test_r1_the_last_tag_is_found_as_soon_as_it_closes() -> None:
    """R1: a tag at the very end comes out with its last character, not at the end of the text."""
    scanner = PromptScanner()
    assert scanner.feed(FOX[:-1]) == []
    assert scanner.feed(FOX[-1]) == [PromptTag("a fox", FOX, 0, len(FOX))]
    assert scanner.finish() == []


@pytest.mark.parametrize("length", range(1, len(FOX)))
def test_r2_text_that_ends_inside_a_tag_asks_for_nothing(length: int) -> None:
    """R2: an unclosed tag is held back, and is text when the text ends."""
    scanner = PromptScanner()
    assert scanner.feed(FOX[:length]) == []
    assert scanner.finish() == [Text(FOX[:length], 0)]


@pytest.mark.parametrize("blank", ["", "  ", "\n\t", "\u00a0"])
def test_r3_a_blank_prompt_is_text(blank: str) -> None:
    """R3: an empty or blank prompt makes no request, and is given out at once."""
    scanner = PromptScanner()
    assert given_out(scanner, f'<!--img-prompt="{blank}"') == f'<!--img-prompt="{blank}"'
    assert find_prompts(f'<!--img-prompt="{blank}"--><img_prompt="{blank}">') == []


def test_d6_equal_tags_are_two_requests() -> None:
    """D6: two tags with the same text are two tags, told apart by where they stand."""
    assert [tag.start for tag in find_prompts(FOX + "\n" + FOX)] == [0, len(FOX) + 1]


@pytest.mark.parametrize(
    "text",
    [
        f"`{FOX}`",
        f"`` ` {FOX} ``",
        f"` two\nlines {FOX} `",
        f"```\n{FOX}\n```",
        f"   ~~~~ html\n{FOX}\n~~~\n{FOX}\n~~~~",
        f"``` `` {FOX} ```",
        f"a ```{FOX}```",
        f"```\n{FOX}\n    ```\n{FOX}",
        f"```\n{FOX}\n``` x\n{FOX}",
        f"```\n``` ```\n{FOX}",
        f"```{FOX}\n",
        f"~~~ `\n{FOX}",
        f"<think>{FOX}</think>",
        f"<Thinking>\n\n```\n{FOX}</thinkinG>",
        f"Then <reasoning></think>{FOX}",
        f"He wrote <think> {FOX}\nand {FOX}</thINK>",
        f"He wrote <think>, which hid {FOX}\n\nfrom us.",
        f"[THINK]{FOX}[/THINK]",
        f"<|channel|>analysis<|message|>\n{FOX}<|end|>",
        f'<details type="reasoning" done="true">\n{FOX}\n</details>',
        f"Once.\n  <thought>\n\n{FOX}\n\n</thought>",
        f"<think>\n<analysis>\n{FOX}</think>",
        f"` a\n```\n\n{FOX}",
    ],
)
def test_d26_code_and_reasoning_ask_for_nothing(text: str) -> None:
    """D26: tags in fenced code, inline code and reasoning blocks are text."""
    assert find_prompts(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"`code` {FOX}",
        f"``` ``` {FOX}",
        f"```inline``` {FOX}",
        f"```\ncode\n   ````  \t\n{FOX}",
        f"~~~\n```\n~~~\n{FOX}",
        f"```\r\ncode\r\n```\r\n{FOX}",
        f"an open ` here\n\n{FOX}",
        f"an open ` here\r\n \t\r\n{FOX}",
        f"an open ` here\n```\ncode\n```\n{FOX}",
        f"a \\` mark {FOX} \\`",
        f"`\\` {FOX}",
        f"a ~~~\n{FOX}",
        f"~~ \n{FOX}",
        f"<think>a ` ``` </think>{FOX}",
        f"<think>a</think>\n{FOX}",
        f"<thinks>{FOX}",
        f"<thin\nk>{FOX}",
        f"<think/>{FOX}",
        f"<think>\nNever closed. {FOX}",
        f"<reasoning></think>{FOX}",
        f"<think>\n<thought>\n{FOX}",
        f"He wrote <think> and left.\n\n{FOX}",
        f"He wrote <think> and left.\r\n \t\r\n{FOX}",
        f"</think>{FOX}</think>",
        f"`<think>`{FOX}",
        f"```\n<think>\n```\n{FOX}",
        f"<think>\n`{FOX}`</think>{FOX}",
        f"<seed:think>{FOX}</seed:think>\n{FOX}",
    ],
)
def test_outside_code_and_reasoning_the_tag_counts(text: str) -> None:
    """Code and reasoning end where they end, and nothing else hides a tag."""
    assert prompts(text) == ["a fox"]


def test_an_open_block_of_reasoning_holds_back_from_its_first_tag_on() -> None:
    """What stands before has been given out; when the block closes, the rest is text."""
    scanner = PromptScanner()
    assert given_out(scanner, f"<think>\nHm. `{FOX}` ") == f"<think>\nHm. `{FOX}` "
    assert given_out(scanner, f"Or {FOX} or") == "Or "
    assert given_out(scanner, " not.</thi") == ""
    assert scanner.feed("nk> Once.")[0].source == f"{FOX} or not.</think>"
    assert prompts(f"<think>\n{FOX}\n</think>\n{FOX}") == ["a fox"]


def test_the_tags_of_a_block_that_never_closes_are_read_at_the_end() -> None:
    """It was none: tags in it count as they would without its mark, and stand where they stand."""
    text = f"<think>\nOnce {FOX}, `{FOX}`, {FOX}"
    scanner = PromptScanner()
    assert given_out(scanner, text) == "<think>\nOnce "
    pieces = scanner.finish()
    assert [piece.start for piece in pieces if isinstance(piece, PromptTag)] == [
        text.index(FOX),
        text.rindex(FOX),
    ]


def test_a_text_that_begins_inside_reasoning_is_hidden_to_the_first_closing_mark() -> None:
    """Some models are asked with the opening mark, and write only the closing one."""
    text = f"Hm. {FOX}</think>\nOnce. {FOX}"
    assert len(find_prompts(text)) == 2
    for told in (False, True):
        scanner = PromptScanner(begins_in_reasoning=told)
        pieces = scanner.feed(text) + scanner.finish()
        assert sum(isinstance(piece, PromptTag) for piece in pieces) == 2 - told
        assert scanner.closed_unopened is not told
        assert "".join(piece.source for piece in pieces) == text
    scanner = PromptScanner(begins_in_reasoning=True)
    assert [type(piece) for piece in scanner.feed(f"{FOX}")] == []
    assert [type(piece) for piece in scanner.finish()] == [PromptTag]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_block_that_is_open_too_long_is_taken_for_reasoning(size: int, inside: bool) -> None:
    """So that no text is held back for ever; whether it closes or not, its tags are text."""
    opening = "" if inside else "<think>\n"
    for closing in ("", f"</think>{FOX}"):
        text = f"{opening}Hm {FOX}{'x' * 60} {FOX} {'y' * 60}{closing}"
        scanner = PromptScanner(most_held=50, begins_in_reasoning=inside)
        pieces = []
        for start in range(0, len(text), size):
            pieces += scanner.feed(text[start : start + size])
            given = sum(len(piece.source) for piece in pieces)
            assert min(start + size, len(text)) - given <= 50 + max(size, len(FOX))
        pieces += scanner.finish()
        assert "".join(piece.source for piece in pieces) == text
        assert all(text[piece.start : piece.end] == piece.source for piece in pieces)
        assert sum(isinstance(piece, PromptTag) for piece in pieces) == bool(closing)


def test_a_closing_mark_that_closes_something_else_tells_nothing_of_the_model() -> None:
    """``</details>`` stands in many a text; ``</think>`` does not."""
    for text, told in [("<details>a</details>", False), ("a</think>", True), ("`</think>`", False)]:
        scanner = PromptScanner()
        scanner.feed(text)
        assert scanner.closed_unopened is told


def test_more_marks_of_reasoning_can_be_named() -> None:
    """Their capitals do not matter; those in use go on counting."""
    marks = [("◁think▷", "◁/think▷"), ("<Plan>", "</Plan>")]
    scanner = PromptScanner(reasoning=marks)
    text = f"◁think▷{FOX}◁/think▷\n<plan>{FOX}</PLAN>\n<think>{FOX}</think>{FOX}"
    pieces = scanner.feed(text) + scanner.finish()
    assert [piece.start for piece in pieces if isinstance(piece, PromptTag)] == [text.rindex(FOX)]


def test_a_closing_mark_with_another_sign_is_seen_in_the_middle_of_a_line() -> None:
    """Also in a chunk that holds none of the signs with which the usual marks begin."""
    scanner = PromptScanner(reasoning=[("◁think▷", "◁/think▷")])
    for chunk in ("A fox, I", " think.◁/think▷ Once."):
        scanner.feed(chunk)
    assert scanner.closed_unopened


def test_the_options_of_a_scanner_are_named() -> None:
    """Nobody could read what a bare ``True`` behind the patterns means."""
    with pytest.raises(TypeError):
        PromptScanner(None, True)  # type: ignore[call-arg]


@pytest.mark.parametrize("mark", ["", "<", "think", " <x>", "```think", "<a\nb>", "~x"])
def test_what_could_not_be_told_from_text_marks_no_reasoning(mark: str) -> None:
    """A mark begins with a sign, and stands in one line."""
    with pytest.raises(ValueError, match="cannot mark reasoning"):
        PromptScanner(reasoning=[(mark, "</x>")])


@pytest.mark.parametrize("hidden", ["`", "```\n", "a <think>", "~~~\n", "``` a", "a <think>a</th"])
def test_nothing_is_held_back_for_code_and_what_is_mentioned(hidden: str) -> None:
    """Backticks, fences and a mark inside a line pass through, and so does what they hide."""
    scanner = PromptScanner()
    assert "".join(given_out(scanner, char) for char in hidden + FOX) == hidden + FOX


def test_only_a_possible_beginning_is_held_back() -> None:
    """What cannot be part of a tag any more is given out with the character that shows it."""
    scanner = PromptScanner()
    assert given_out(scanner, "a < b <") == "a < b "
    assert given_out(scanner, "!--img") == ""
    assert given_out(scanner, " <i") == "<!--img "
    assert given_out(scanner, 'mg_prompt="quoth the raven,') == ""
    assert given_out(scanner, ' nevermore" he said') == (
        '<img_prompt="quoth the raven, nevermore" he said'
    )


def test_a_finished_scanner_takes_no_more() -> None:
    """Feeding after the end is a mistake and says so; finishing twice is harmless."""
    scanner = PromptScanner()
    scanner.feed("<")
    assert scanner.finish() == [Text("<", 0)]
    assert scanner.finish() == []
    with pytest.raises(RuntimeError, match="use a new one"):
        scanner.feed("a")


@pytest.mark.parametrize("wrong", [b"text", None, 7])
def test_only_text_can_be_fed(wrong: object) -> None:
    """Anything but a string is a TypeError that names what came."""
    with pytest.raises(TypeError, match=type(wrong).__name__):
        PromptScanner().feed(wrong)  # type: ignore[arg-type]  # the mistake under test


def test_an_empty_chunk_is_nothing() -> None:
    """Empty chunks give nothing and change nothing."""
    scanner = PromptScanner()
    assert scanner.feed("") == []
    assert scanner.feed(FOX[:9]) == scanner.feed("") == []
    assert len(scanner.feed(FOX[9:])) == 1
    assert scanner.problems == []
