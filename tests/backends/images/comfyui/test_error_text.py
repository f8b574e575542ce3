"""What ComfyUI says, in one line that helps and hides its disk."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.backends.images.comfyui.error_text import (
    MOST_NAMES,
    choices,
    cleaned,
    concerns,
    failure,
    node_errors,
    refusal,
)

ODD = st.recursive(
    st.none() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["errors", "type", "message", "details", "extra_info", "error",
                         "node_errors", "input_config", "input_name", "4", "class_type",
                         "dependent_outputs", "exception_message", "options"]),
        inner,
    ),
    max_leaves=12,
)  # fmt: skip


def unknown_name(value: str, config: Any) -> dict[str, Any]:
    """The answer for a name that is not in a list."""
    extra = {"input_name": "ckpt_name", "received_value": value, "input_config": config}
    error = {"type": "value_not_in_list", "message": "Value not in list", "extra_info": extra}
    return {
        "error": {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed"},
        "node_errors": {"4": {"errors": [error], "class_type": "CheckpointLoaderSimple"}},
    }


def test_the_nearest_known_names_come_first_and_there_are_not_too_many() -> None:
    """Someone with three hundred checkpoints wants to see the one that was meant."""
    names = [f"model{n}.safetensors" for n in range(300)] + ["dreamshaper_8.safetensors"]
    told = refusal(unknown_name("dreamshaper8.safetensors", ["COMBO", {"options": names}]))
    assert "there are: dreamshaper_8.safetensors, " in told
    assert f"and {301 - MOST_NAMES} more" in told
    assert told.count(".safetensors") <= MOST_NAMES + 1


def test_an_empty_list_is_told() -> None:
    """No model is there at all."""
    assert refusal(unknown_name("a", [[], {}])).endswith("the server has none at all")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("No such file: '/home/me/ComfyUI/models/a.pt'", "No such file: 'a.pt'"),
        ("cannot open C:\\Users\\me\\models\\a.pt", "cannot open a.pt"),
        ("cannot open D:/ai/ComfyUI/models/vae/b.pt!", "cannot open b.pt!"),
        ("1/2 of the input and/or 512x512\n", "1/2 of the input and/or 512x512"),
        ("see https://example.org/a/b/c", "see https://example.org/a/b/c"),
        ("it broke\nTraceback (most recent call last):\n  File x", "it broke"),
        (None, ""),
    ],
)
def test_paths_and_tracebacks_are_left_out(said: object, told: str) -> None:
    """Names of files help; where a server keeps them is its own business."""
    assert cleaned(said) == told


def test_only_errors_on_the_pictures_branch_concern_it() -> None:
    """By the graph, or by what the server says depends on them."""
    graph = {
        "1": {"class_type": "A", "inputs": {}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
        "3": {"class_type": "B", "inputs": {}},
    }
    assert list(concerns({"1": {"errors": []}, "3": {}}, graph, "2")) == ["1"]
    assert list(concerns({"3": {"dependent_outputs": ["2"]}}, graph, "2")) == ["3"]
    assert concerns({}, graph, "2") == {}


@settings(deadline=None)
@given(ODD)
def test_whatever_is_said_becomes_one_line(answer: Any) -> None:
    """Hostile text too."""
    told = [refusal(answer), node_errors(answer), cleaned(answer)]
    told += [failure(answer if isinstance(answer, dict) else {})]
    for text in told:
        assert text == "" or text.isprintable()
    assert all(isinstance(name, str) for name in choices(answer))
