"""Frames: read leniently, and never taken for somebody else's."""

import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.backends.images.comfyui.built_in import text_to_image
from limner.backends.images.comfyui.frames import read_picture_frame, read_text_frame
from limner.backends.images.comfyui.history import Outcome, PromptStatus, read_entry, read_status
from limner.backends.images.comfyui.history import read_files as files_of
from limner.backends.images.comfyui.prompt_tracker import PromptTracker

GRAPH = text_to_image().graph()
STREAMED = {**GRAPH, "7": {"class_type": "SaveImageWebsocket", "inputs": {"images": ["6", 0]}}}
NODES = list(GRAPH)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)

KINDS = [
    "executing", "progress", "progress_state", "executed", "execution_cached", "execution_start",
]  # fmt: skip
STATES = st.fixed_dictionaries(
    {"value": ODD, "max": ODD, "state": st.sampled_from(["running", "finished"])}
)
TOLD = st.dictionaries(
    st.sampled_from(["node", "nodes", "value", "max", "output", "state"]),
    ODD | st.fixed_dictionaries({"5": STATES}) | st.just("5"),
)
"""What a frame tells: odd, or nearly as it should be."""


def frame(kind: str, prompt_id: str | None, **data: Any) -> str:
    """A text frame."""
    return json.dumps(
        {"type": kind, "data": data | ({"prompt_id": prompt_id} if prompt_id else {})}
    )


def picture(data: bytes) -> bytes:
    """A binary frame."""
    return struct.pack(">II", 1, 2) + data


def whole_run(prompt_id: str, *, streamed: bool) -> list[str | bytes]:
    """Every frame of a prompt, in order."""
    frames: list[str | bytes] = [
        frame("execution_start", prompt_id), frame("execution_cached", prompt_id, nodes=["1"])
    ]  # fmt: skip
    for node in NODES[1:]:
        frames.append(frame("executing", prompt_id, node=node, display_node=node))
        if node == "5":
            for value in range(3):
                told = {"value": value, "max": 25}
                frames.append(frame("progress", prompt_id, node=node, **told))
                frames.append(picture(f"preview of {prompt_id}".encode()))
        if node == "7" and streamed:
            frames.append(picture(f"picture of {prompt_id}".encode()))
        if node == "7" and not streamed:
            output = {"images": [{"filename": prompt_id, "subfolder": "", "type": "output"}]}
            frames.append(frame("executed", prompt_id, node=node, output=output))
        state = {node: {"value": 1, "max": 1, "state": "finished"}}
        frames.append(frame("progress_state", prompt_id, nodes=state))
    frames.append(frame("execution_success", prompt_id))
    return [*frames, frame("executing", prompt_id, node=None)]


@settings(deadline=None)
@given(st.data(), st.booleans())
def test_of_interleaved_frames_everybody_gets_their_own(
    data: st.DataObject, streamed: bool
) -> None:
    """Runs follow one another as the server makes them; noise and others' ends come anywhere.

    Every frame goes to every follower: each ends exactly once, at its own last frame, with its own
    picture and its own previews.
    """
    names = ["p0", "p1", "p2"]
    graph = STREAMED if streamed else GRAPH
    followers = {name: PromptTracker(name, graph, "7") for name in names}
    frames: list[str | bytes] = []
    for name in data.draw(st.permutations(names)):
        frames += whole_run(name, streamed=streamed)
        frames += data.draw(st.lists(st.sampled_from(_noise()), max_size=2))
    for noise in data.draw(st.lists(st.sampled_from(_noise()), max_size=6)):
        frames.insert(data.draw(st.integers(0, len(frames))), noise)
    ends: list[str] = []
    for each in frames:
        for name, tracker in followers.items():
            before, fraction = tracker.ended, tracker.fraction
            _feed(tracker, each)
            assert tracker.fraction >= fraction
            ends += [name] * (tracker.ended and not before)
            preview = tracker.take_preview()
            assert preview in (None, f"preview of {name}".encode())
    assert sorted(ends) == names
    for name, tracker in followers.items():
        assert tracker.succeeded
        if streamed:
            assert tracker.streamed == f"picture of {name}".encode()
        else:
            assert [file.filename for file in tracker.files] == [name]


def _noise() -> list[str | bytes]:
    """Frames about nobody, about a stranger, and about nothing."""
    return [
        frame("status", None, status={"exec_info": {"queue_remaining": 1}}),
        frame("execution_start", "stranger"), frame("execution_interrupted", "stranger"),
        frame("executing", "stranger", node=None), frame("progress", "stranger", value=9, max=9),
        "no json", "[]", b"", b"\0\0\0\3\0\0\0\1text", frame("crystools.monitor", None, cpu=3),
        frame("executed", "stranger", node="7", output={"images": [{"filename": "theirs"}]}),
    ]  # fmt: skip


def _feed(tracker: PromptTracker, each: str | bytes) -> None:
    if isinstance(each, bytes):
        tracker.binary(each)
    else:
        tracker.text(each)


def test_a_frame_without_an_id_counts_only_while_ours_runs() -> None:
    """A socket that connects late is told the node alone; that is never our end."""
    tracker = PromptTracker("p", GRAPH, "7")
    assert not tracker.text(frame("executing", None, node="3"))
    tracker.binary(picture(b"theirs"))
    assert tracker.preview is None
    tracker.text(frame("execution_start", "p"))
    assert tracker.text(frame("executing", None, node="3"))
    assert tracker.text(frame("executing", None, node=None))
    assert not tracker.ended


def test_a_preview_with_another_prompts_name_is_not_ours() -> None:
    """Previews with metadata say whose they are."""
    tracker = PromptTracker("p", GRAPH, "7")
    tracker.text(frame("execution_start", "p"))
    for name in ("q", "p"):
        metadata = json.dumps({"prompt_id": name, "image_type": "image/jpeg"}).encode()
        tracker.binary(struct.pack(">II", 4, len(metadata)) + metadata + name.encode())
    assert tracker.take_preview() == b"p"
    assert tracker.take_preview() is None


def test_the_sampler_is_most_of_the_work() -> None:
    """A bar that counted nodes alone would stand still for most of the time."""
    tracker = PromptTracker("p", _filled(), "7")
    tracker.text(frame("execution_cached", "p", nodes=["1", "2", "3", "4"]))
    before = tracker.fraction
    tracker.text(frame("progress_state", "p", nodes={
        "5": {"value": 20, "max": 25, "state": "running"}}))  # fmt: skip
    assert before < 0.15
    assert 0.7 < tracker.fraction < 0.85
    tracker.text(frame("execution_success", "p"))
    assert not tracker.ended


def _filled() -> dict[str, Any]:
    inputs = {**GRAPH["5"]["inputs"], "steps": 25}
    return {**GRAPH, "5": {"class_type": "KSampler", "inputs": inputs}}


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), TOLD), max_size=8),
    st.lists(st.binary(max_size=40), max_size=8),
)
def test_nothing_in_a_frame_makes_it_fall(
    frames: list[tuple[str, dict[str, Any]]], pictures: list[bytes]
) -> None:
    """Whatever stands in them: the fraction is one, and it grows."""
    tracker, before = PromptTracker("p", GRAPH, "7"), 0.0
    for kind, data in frames:
        tracker.text(json.dumps({"type": kind, "data": {**data, "prompt_id": "p"}}))
        assert before <= tracker.fraction <= 1
        before = tracker.fraction
    for each in pictures:
        tracker.binary(each)


@settings(deadline=None)
@given(st.text(max_size=60), st.binary(max_size=60))
def test_no_frame_makes_reading_crash(text: str, data: bytes) -> None:
    """It is read, or is none."""
    news, sight = read_text_frame(text), read_picture_frame(data)
    assert news is None or news.kind
    assert sight is None or sight.data in data


@settings(deadline=None)
@given(ODD, ODD)
def test_no_answer_makes_history_and_queue_crash(answer: object, inner: object) -> None:
    """Whatever a server says, it is an entry, a standing, or none."""
    for odd in (answer, {"p": inner}, {"p": {"status": inner, "outputs": {"7": inner}}},
                {"p": {"status": {"messages": [inner, ["execution_error", inner]]}}}):  # fmt: skip
        entry = read_entry(odd, "p")
        assert entry is None or entry.outcome in Outcome
    assert read_status({"queue_running": inner, "queue_pending": [inner]}, "p") in PromptStatus
    assert isinstance(files_of({"images": inner}), tuple)


@pytest.mark.parametrize(
    ("messages", "outcome"),
    [
        ([["execution_start", {}], ["execution_interrupted", {"node_id": "2"}]], "interrupted"),
        ([["execution_error", {"exception_message": "no"}]], "failed"),
        ([], "failed"),
    ],
)
def test_the_messages_tell_an_interruption_from_a_failure(
    messages: list[Any], outcome: str
) -> None:
    """`status_str` is "error" for both."""
    status = {"status_str": "error", "completed": False, "messages": messages}
    entry = read_entry({"p": {"status": status, "outputs": {}}}, "p")
    assert entry is not None
    assert entry.outcome == outcome
