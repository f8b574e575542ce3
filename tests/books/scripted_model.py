"""A model that proposes pictures for a text, by a script."""

import json
import re

from limner.testing.chat_server import ChatRequest, Reply

_LATEST = re.compile(r"<latest>\n(.*)\n</latest>", re.DOTALL)
_MOST = re.compile(r"About (\d+) of them")
SHOWN = (
    "a ship at sea in a storm",
    "an old man with a lantern in a forest at night",
    "a girl in a yellow coat by a river",
    "a castle on a mountain at sunset",
    "a fox in the snow under the moon",
)


def proposals(request: ChatRequest) -> Reply:
    """As many as it is asked for, between paragraphs that lie evenly in the part it is shown.

    A part of a poem may be a single one: then they lie between its lines.
    """
    user = str(request.body["messages"][-1]["content"])
    system = str(request.body["messages"][0]["content"])
    found, asked = _LATEST.search(user), _MOST.search(system)
    paragraphs = [one for one in re.split(r"\n\s*\n", found[1] if found else "") if _told(one)]
    if len(paragraphs) < 2 and found:
        paragraphs = [line for line in found[1].splitlines() if _told(line)]
    count = min(int(asked[1]) if asked else 1, len(paragraphs) - 1)
    answer = "---LOOKS---\nAnn: red hair, green coat\n---END---\n"
    for number in range(count):
        at = (2 * number + 1) * (len(paragraphs) - 1) // (2 * count)
        answer += (
            f"---PROMPT---\nTEXT: {SHOWN[number % len(SHOWN)]}\n"
            f"INSERT_AFTER: {_last(paragraphs[at])}\nINSERT_BEFORE: {_first(paragraphs[at + 1])}\n"
            "REASONING: a new moment\n---END---\n"
        )
    return Reply.stream(answer) if request.body.get("stream") else Reply.completion(answer)


def _told(paragraph: str) -> bool:
    return len(paragraph) > 30 and not paragraph.startswith(("#", "-", "|", "*"))


def _last(paragraph: str) -> str:
    line = paragraph.strip().splitlines()[-1]
    return " ".join(line.split()[-8:])[-60:]


def _first(paragraph: str) -> str:
    line = paragraph.strip().splitlines()[0]
    return " ".join(line.split()[:8])[:60]


def told(requests: list[ChatRequest]) -> str:
    """What was asked, for a fault's report."""
    return json.dumps([request.body for request in requests])[:2000]
