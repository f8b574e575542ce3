"""The grammar said once more, in the slow and obvious way, to compare the scanner with.

It sees the whole text, looks ahead as far as it likes, and reads one character after another.
"""

import re

QUOTED = r'((?:[^"\\]|\\.)*)'
ATTRIBUTE = rf'[ \t\n\r\f\v]+([A-Za-z_][A-Za-z0-9_-]*)="{QUOTED}"'
COMMENT = re.compile(rf'<!--img-prompt="{QUOTED}"((?:{ATTRIBUTE})*)[ \t\n\r\f\v]*-->', re.DOTALL)
LEGACY = re.compile(rf'<img_prompt="{QUOTED}"()[ \t\n\r\f\v]*>', re.DOTALL)
BACKTICKS = re.compile("`+")
FENCE = re.compile(r" {0,3}(`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
BLANK_LINE = re.compile(r"[ \t\r]*\n")
REASONING = re.compile(r"<(think|thinking|reasoning)>", re.IGNORECASE)

Tag = tuple[int, int, str, dict[str, str]]


def prompts(text: str) -> list[Tag]:
    """Every tag of the default grammar: start, end, prompt, attributes."""
    found: list[Tag] = []
    at = 0
    line_may_open = True  # nothing but text from the start of the line on stands before `at`
    while at < len(text):
        tag = tag_at(text, at)
        if tag:
            found.append(tag)
            line_may_open = False
            at = tag[1]
            continue
        at, line_may_open = step(text, at, line_may_open)
    return found


def step(text: str, at: int, at_line_start: bool) -> tuple[int, bool]:
    """Pass over one character, or over a whole hidden stretch."""
    if at_line_start and (fence := FENCE.match(text, at)):
        return after_fence(text, fence), True
    if reasoning := REASONING.match(text, at):
        close = re.compile(f"</{reasoning[1]}>", re.IGNORECASE).search(text, reasoning.end())
        return (close.end() if close else len(text)), False
    if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in "\\`":
        return at + 2, False
    if run := BACKTICKS.match(text, at):
        return after_inline_code(text, run)
    return at + 1, text[at] == "\n"


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
    match = COMMENT.match(text, at) or LEGACY.match(text, at)
    if not match or not match[1].strip():
        return None
    attributes = {name: unescape(value) for name, value in re.findall(ATTRIBUTE, match[2], re.S)}
    return match.start(), match.end(), unescape(match[1].strip()), attributes


def unescape(quoted: str) -> str:
    """Undo the two escapes."""
    return re.sub(r'\\(["\\])', r"\1", quoted)
