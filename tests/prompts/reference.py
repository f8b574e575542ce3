"""The grammar said once more, in the slow and obvious way, to compare the scanner with.

It sees the whole text, looks ahead as far as it likes, and reads one character after another.
"""

import re
from collections.abc import Sequence

B = r"[ \t\n\r\f\v]"
LETTER = r"[^\W_]"
QUOTES = {
    '"': r'"((?:[^"\\]|\\.)*)"',
    "'": rf"'((?:[^'\\]|\\.|(?<={LETTER})'(?={LETTER}))*)'",
    "“": r"“((?:[^“”\\]|\\[^“])*)”",
    "‘": rf"‘((?:[^‘’\\]|\\[^‘]|(?<={LETTER})’(?={LETTER}))*)’",
    "„": r"„((?:[^„“\\]|\\[^„])*)“",
    "”": r"”((?:[^”\\]|\\.)*)”",
}
QUOTED = "(?:" + "|".join(QUOTES.values()) + ")"
ATTRIBUTE = rf"{B}+([A-Za-z_][A-Za-z0-9_-]*){B}*={B}*{QUOTED}"
NAME = "[iI][mM][gG][-_][pP][rR][oO][mM][pP][tT]"
START = rf"{NAME}{B}{{0,8}}={B}{{0,8}}{QUOTED}((?:{ATTRIBUTE})*){B}*"
COMMENT = re.compile(rf"<!--{B}{{0,8}}{START}-->", re.DOTALL)
ELEMENT = re.compile(rf"<{START}/?>", re.DOTALL)
BACKTICKS = re.compile("`+")
FENCE = re.compile(r" {0,3}(`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
BLANK_LINE = re.compile(r"[ \t\r]*\n")
END_OF_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
NAMES = ("think", "thinking", "reasoning", "thought", "analysis", "seed:think")
MARKS = {f"<{name}>": f"</{name}>" for name in NAMES} | {
    "[think]": "[/think]",
    "<|channel|>analysis<|message|>": "<|end|>",
    '<details type="reasoning"': "</details>",
}
OPENING = re.compile("|".join(map(re.escape, MARKS)), re.IGNORECASE | re.ASCII)

Tag = tuple[int, int, str, dict[str, str]]


def prompts(text: str) -> list[Tag]:
    """Every tag of the default grammar: start, end, prompt, attributes."""
    found: list[Tag] = []
    unclosed: set[str] = set()
    at = 0
    line_may_open = True  # nothing but text from the start of the line on stands before `at`
    while at < len(text):
        tag = tag_at(text, at)
        if tag:
            found.append(tag)
            line_may_open = False
            at = tag[1]
            continue
        at, line_may_open = step(text, at, line_may_open, unclosed)
    return found


def step(text: str, at: int, at_line_start: bool, unclosed: set[str]) -> tuple[int, bool]:
    """Pass over one character, or over a whole hidden stretch."""
    if at_line_start and (fence := FENCE.match(text, at)):
        return after_fence(text, fence), True
    spaces = len(text[at : at + 3]) - len(text[at : at + 3].lstrip(" ")) if at_line_start else 0
    mark = OPENING.match(text, at + spaces)
    if mark and mark[0].lower() not in unclosed:
        return after_mark(text, mark, at_line_start, unclosed)
    if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in "\\`":
        return at + 2, False
    if run := BACKTICKS.match(text, at):
        return after_inline_code(text, run)
    return at + 1, text[at] == "\n"


def after_mark(
    text: str, mark: re.Match[str], begins_line: bool, unclosed: set[str]
) -> tuple[int, bool]:
    """Where the reasoning ends that a mark opens; right behind it if it opens none."""
    closing = re.compile(re.escape(MARKS[mark[0].lower()]), re.IGNORECASE | re.ASCII)
    close = closing.search(text, mark.end())
    if begins_line:
        if close is None:
            unclosed.add(mark[0].lower())
        return (close.end() if close else mark.end()), False
    blank = END_OF_PARAGRAPH.search(text, mark.end())
    if close and (blank is None or close.end() <= blank.end()):
        return close.end(), False
    return (blank.end(), True) if blank else (len(text), False)


def after_fence(text: str, fence: re.Match[str]) -> int:
    """Where the fenced block ends."""
    mark = fence[1]
    close = re.compile(rf"^ {{0,3}}{mark}{mark[0]}*[ \t\r]*\n", re.MULTILINE)
    newline = text.find("\n", fence.end())
    ended = close.search(text, newline + 1) if newline >= 0 else None
    return ended.end() if ended else len(text)


def after_inline_code(text: str, run: re.Match[str]) -> tuple[int, bool]:
    """Where inline code ends, and whether a line starts there."""
    at = run.end()
    line_starts = False
    while at < len(text):
        if line_starts and BLANK_LINE.match(text, at):
            return text.index("\n", at) + 1, True
        fence = FENCE.match(text, at) if line_starts else None
        if fence and fence[1] != run[0]:
            return at, True
        close = BACKTICKS.match(text, at)
        if close and close[0] == run[0]:
            return close.end(), False
        if line_starts and text[at] in " ":
            indent = re.compile(r" {0,3}(?=`)").match(text, at)
            if indent and (close := BACKTICKS.match(text, indent.end())) and close[0] == run[0]:
                return close.end(), False
        line_starts = text[at] == "\n"
        at = close.end() if close else at + 1
    return at, False


def tag_at(text: str, at: int) -> Tag | None:
    """The tag that begins at `at`."""
    match = COMMENT.match(text, at) or ELEMENT.match(text, at)
    if not match:
        return None
    count = len(QUOTES)
    prompt, closer = quoted(match.groups()[:count])
    if not prompt.strip():
        return None
    found = re.findall(ATTRIBUTE, match[count + 1], re.DOTALL)
    attributes = {name: unescape(*quoted(values)) for name, *values in found}
    return match.start(), match.end(), unescape(prompt.strip(), closer), attributes


def quoted(groups: Sequence[str | None]) -> tuple[str, str]:
    """What stands between quotation marks of whatever kind, and what closed it."""
    closers = [pattern[-1] for pattern in QUOTES.values()]
    return next(((one, end) for one, end in zip(groups, closers, strict=True) if one), ("", '"'))


def unescape(quoted: str, closer: str) -> str:
    """Undo the two escapes."""
    return re.sub(rf"\\([{closer}\\])", r"\1", quoted)
