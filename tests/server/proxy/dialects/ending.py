"""What tells the programs of each protocol that an answer is over."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any


def by_last(name: str, value: Any) -> Callable[[Sequence[Any]], bool]:
    """By a field that the last event has, and no other."""

    def ends(told: Sequence[Any]) -> bool:
        return bool(told) and [one.get(name) == value for one in told].index(True) == len(told) - 1

    return ends


def by_choices(told: Sequence[Any]) -> bool:
    """By a reason that each choice has once, behind all it says."""
    said: defaultdict[int, list[Any]] = defaultdict(list)
    for one in told:
        for choice in one["choices"]:
            said[choice["index"]].append(choice["finish_reason"])
    return bool(said) and all(
        any(reasons) and reasons.index("stop") == len(reasons) - 1 for reasons in said.values()
    )


def of_a_message(told: Sequence[Any]) -> bool:
    """Each block ends that begins, one after the other; then the reason, and the end."""
    order = [one["type"] for one in told if one["type"] not in ("ping", "content_block_delta")]
    blocks = [(one["type"], one["index"]) for one in told if one["type"] in BLOCK]
    pairs = list(zip(blocks[::2], blocks[1::2], strict=True))
    return (
        order == ["message_start", *(kind for kind, _ in blocks), "message_delta", "message_stop"]
        and all([begun[0], ended[0]] == BLOCK for begun, ended in pairs)
        and all(begun[1] == ended[1] for begun, ended in pairs)
        and bool(told[-2]["delta"]["stop_reason"])
    )


BLOCK = ["content_block_start", "content_block_stop"]


def of_a_response(told: Sequence[Any]) -> bool:
    """Its last event has all messages, and says of each text what was said piece by piece."""
    kinds = [one["type"].removeprefix("response.") for one in told]
    numbered = [one["sequence_number"] for one in told] == list(range(len(told)))
    if not numbered or kinds[0] != "created" or kinds.index("completed") != len(kinds) - 1:
        return False
    texts: defaultdict[tuple[int, int], str] = defaultdict(str)
    done: dict[str, list[Any]] = defaultdict(list)
    begun: dict[str, list[Any]] = defaultdict(list)
    for kind, one in zip(kinds, told, strict=True):
        at = one.get("output_index"), one.get("content_index")
        if kind == "output_text.delta":
            texts[at] += one["delta"]
        elif kind == "output_text.done" and one["text"] != texts[at]:
            return False
        elif kind.endswith(".done"):
            done[kind.removesuffix(".done")].append(at)
        elif kind.endswith(".added"):
            begun[kind.removesuffix(".added")].append((at, one))
    items = {at: one["item"]["type"] for at, one in begun["output_item"]}
    if [at for at, kind in items.items() if kind == "message"] != [
        at for at in done["output_item"] if items[at] == "message"
    ]:
        return False
    response = told[-1]["response"]
    parts = [
        part["text"]
        for item in response["output"]
        for part in item.get("content") or ()
        if part["type"] == "output_text"
    ]
    shown = [at for at, one in begun["content_part"] if one["part"]["type"] == "output_text"]
    return (
        response["status"] == "completed"
        and parts == [texts[at] for at in shown]
        and all(at in done["content_part"] for at in shown)
        and bool(response["id"])
    )
