"""Workflows of the editor with subgraphs: taken apart as the editor itself does when it exports.

What is expected here is what ComfyUI's frontend 1.27 was seen to send for the same workflows.
"""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.images.comfyui.editor_format import EditorWorkflow, NodeInfo
from limner.backends.images.comfyui.graph import Graph
from limner.errors import ConfigError

SUBGRAPH = "11111111-1111-4111-8111-111111111111"
INFOS: dict[str, NodeInfo] = {
    "EmptyImage": {"input": {"required": {
        "width": ["INT", {}], "height": ["INT", {}], "batch_size": ["INT", {}],
        "color": ["INT", {}]}}},
    "ImageAddNoise": {"input": {"required": {
        "image": ["IMAGE"], "seed": ["INT", {"control_after_generate": True}],
        "strength": ["FLOAT", {}]}}},
    "PrimitiveFloat": {"input": {"required": {"value": ["FLOAT", {}]}}},
    "SaveImage": {"input": {"required": {
        "images": ["IMAGE"], "filename_prefix": ["STRING", {}]}}},
}  # fmt: skip


def slot(name: str, link: int | None, *, widget: bool = False) -> dict[str, Any]:
    """An input of a node."""
    kind = {"image": "IMAGE", "images": "IMAGE", "strength": "FLOAT", "seed": "INT"}[name]
    beside = {"widget": {"name": name}} if widget else {}
    return {"name": name, "type": kind, "link": link, **beside}


def node(number: int, kind: str, inputs: list[Any], values: Any, mode: int = 0) -> dict[str, Any]:
    """A node as the editor saves it."""
    made = {"id": number, "type": kind, "mode": mode, "inputs": inputs}
    return made if values is None else {**made, "widgets_values": values}


def link(number: int, origin: int, output: int, target: int, at: int, kind: str) -> dict[str, Any]:
    """A link within a subgraph."""
    return {"id": number, "origin_id": origin, "origin_slot": output, "target_id": target,
            "target_slot": at, "type": kind}  # fmt: skip


def definition() -> dict[str, Any]:
    """Adds noise to a picture; how much and from which seed is shown outside."""
    inputs = [slot("image", 1), slot("strength", 3, widget=True), slot("seed", 4, widget=True)]
    return {
        "id": SUBGRAPH,
        "name": "Noise",
        "inputs": [{"name": "image"}, {"name": "strength"}, {"name": "seed"}],
        "outputs": [{"name": "IMAGE"}],
        "nodes": [node(5, "ImageAddNoise", inputs, [42, "fixed", 0.3])],
        "links": [link(1, -10, 0, 5, 0, "IMAGE"), link(2, 5, 0, -20, 0, "IMAGE"),
                  link(3, -10, 1, 5, 1, "FLOAT"), link(4, -10, 2, 5, 2, "INT")],
    }  # fmt: skip


def sent(
    *instances: dict[str, Any],
    links: list[Any] | None = None,
    definitions: list[Any] | None = None,
    more: tuple[dict[str, Any], ...] = (),
) -> Graph:
    """What is sent of a picture that goes through subgraphs."""
    value = {
        "nodes": [
            node(1, "EmptyImage", [], [256, 256, 1, 7]), *instances, *more,
            node(3, "SaveImage", [slot("images", 2)], ["x"]),
        ],
        "links": links or [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"]],
        "definitions": {"subgraphs": [definition()] if definitions is None else definitions},
    }  # fmt: skip
    return EditorWorkflow(value).graph(INFOS)


def test_a_subgraph_is_taken_apart() -> None:
    """Its nodes are named after its instance, whose values go before those within."""
    graph = sent(node(2, SUBGRAPH, [slot("image", 1)], [0.9, 77]))
    assert sorted(graph) == ["1", "2:5", "3"]
    assert graph["2:5"]["inputs"] == {"image": ["1", 0], "seed": 77, "strength": 0.9}
    assert graph["3"]["inputs"]["images"] == ["2:5", 0]


def test_two_instances_have_each_their_own_values() -> None:
    """And lead one to the other."""
    graph = sent(
        node(2, SUBGRAPH, [slot("image", 1)], [0.9, 77]),
        node(4, SUBGRAPH, [slot("image", 4)], [0.1, 78]),
        links=[[1, 1, 0, 2, 0, "IMAGE"], [4, 2, 0, 4, 0, "IMAGE"], [2, 4, 0, 3, 0, "IMAGE"]],
    )
    assert graph["2:5"]["inputs"] == {"image": ["1", 0], "seed": 77, "strength": 0.9}
    assert graph["4:5"]["inputs"] == {"image": ["2:5", 0], "seed": 78, "strength": 0.1}


def test_what_is_led_to_a_widget_of_it_goes_before_its_value() -> None:
    """The other values keep their places."""
    graph = sent(
        node(2, SUBGRAPH, [slot("image", 1), slot("strength", 5, widget=True)], [0.9, 77]),
        links=[[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 0, "IMAGE"], [5, 6, 0, 2, 1, "FLOAT"]],
        more=(node(6, "PrimitiveFloat", [], [0.55]),),
    )
    assert graph["2:5"]["inputs"] == {"image": ["1", 0], "seed": 77, "strength": ["6", 0]}


def test_subgraphs_stand_within_subgraphs() -> None:
    """Values come down through every border; what is not shown outside stays as it is within."""
    outer = {
        **copy.deepcopy(definition()),
        "id": "outer",
        "inputs": [{"name": "image"}, {"name": "strength"}],
        "nodes": [node(7, SUBGRAPH, [slot("image", 1), slot("strength", 3, widget=True)],
                       [0.2, 11])],
        "links": [link(1, -10, 0, 7, 0, "IMAGE"), link(2, 7, 0, -20, 0, "IMAGE"),
                  link(3, -10, 1, 7, 1, "FLOAT")],
    }  # fmt: skip
    graph = sent(node(2, "outer", [slot("image", 1)], [0.9]), definitions=[definition(), outer])
    assert graph["2:7:5"]["inputs"] == {"image": ["1", 0], "seed": 11, "strength": 0.9}
    assert graph["3"]["inputs"]["images"] == ["2:7:5", 0]


def test_one_that_is_bypassed_hands_on_and_one_that_is_muted_is_left_out() -> None:
    """With all that is in it."""
    bypassed = sent(node(2, SUBGRAPH, [slot("image", 1)], [0.9, 77], mode=4))
    assert (sorted(bypassed), bypassed["3"]["inputs"]["images"]) == (["1", "3"], ["1", 0])
    muted = sent(node(2, SUBGRAPH, [slot("image", 1)], [0.9, 77], mode=2))
    assert (sorted(muted), "images" in muted["3"]["inputs"]) == (["1", "3"], False)


def test_an_input_may_lead_straight_to_an_output() -> None:
    """Nothing within is between them."""
    through = definition()
    through["links"] = [link(9, -10, 0, -20, 0, "IMAGE")]
    graph = sent(node(2, SUBGRAPH, [slot("image", 1)], []), definitions=[through])
    assert graph["3"]["inputs"]["images"] == ["1", 0]


def test_one_without_end_is_refused() -> None:
    """It holds itself, or so many that there is no end of nodes."""
    circle = definition()
    circle["nodes"].append(node(6, SUBGRAPH, [], []))
    with pytest.raises(ConfigError, match="holds itself"):
        sent(node(2, SUBGRAPH, [slot("image", 1)], []), definitions=[circle])
    tower = [{"id": "0", "nodes": [], "links": []}] + [
        {"id": str(n), "nodes": [node(i, str(n - 1), [], []) for i in range(30)], "links": [],
         "inputs": [{"name": "x"}]}
        for n in range(1, 9)
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="more than"):
        sent(node(2, "8", [], []), definitions=tower)


JSON = st.recursive(
    st.none() | st.integers(-20, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["id", "name", "inputs", "nodes", "links", "link", "type", "widget",
                         "origin_id", "origin_slot", "target_id", "target_slot"]), inner),
    max_leaves=20,
)  # fmt: skip


@given(definitions=JSON, inputs=JSON, values=JSON)
def test_broken_ones_never_end_in_a_traceback(definitions: Any, inputs: Any, values: Any) -> None:
    """Whatever stands in the file."""
    broken = {**definition(), "inputs": inputs}
    for subgraphs in (definitions, [broken]):
        value = {"nodes": [node(2, SUBGRAPH, inputs, values)], "links": definitions,
                 "definitions": {"subgraphs": subgraphs}}  # fmt: skip
        with contextlib.suppress(ConfigError):
            EditorWorkflow(value).graph(INFOS)
