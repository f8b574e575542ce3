"""Workflows as ComfyUI's editor saves them, and out of pictures: no export is needed."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions, Workflow
from limner.backends.images.comfyui.editor_format import EditorWorkflow
from limner.errors import BackendRejected, ConfigError
from limner.illustration import ImageRequest
from limner.testing.comfyui_server import ComfyUIServer

FOX = ImageRequest(prompt="a fox", width=768, height=512, seed=7)


def slot(name: str, kind: str, link: int | None) -> dict[str, Any]:
    """An input of a node as the editor saves it."""
    return {"name": name, "type": kind, "link": link}


def node(number: int, kind: str, inputs: list[Any], values: Any = None, **more: Any) -> Any:
    """A node as the editor saves it."""
    values = {} if values is None else {"widgets_values": values}
    return {"id": number, "type": kind, "mode": 0, "inputs": inputs, **values, **more}


def usual() -> dict[str, Any]:
    """The graph that the editor shows first, with the oddities of its age."""
    return {
        "last_node_id": 9,
        "nodes": [
            node(7, "CLIPTextEncode", [slot("clip", "CLIP", 5)], ["text, watermark"]),
            node(6, "CLIPTextEncode", [slot("clip", "CLIP", 3)], ["beautiful scenery"]),
            node(5, "EmptyLatentImage", [], [512, 512, 1]),
            node(3, "KSampler", [
                slot("model", "MODEL", 1), slot("positive", "CONDITIONING", 4),
                slot("negative", "CONDITIONING", 6), slot("latent_image", "LATENT", 2),
            ], [156680208700286, True, 20, 8, "euler", "normal", 1]),
            node(8, "VAEDecode", [slot("samples", "LATENT", 7), slot("vae", "VAE", 8)]),
            node(9, "SaveImage", [slot("images", "IMAGE", 9)]),
            node(4, "CheckpointLoaderSimple", [], ["dreamshaper_8.safetensors"]),
        ],
        "links": [
            [1, 4, 0, 3, 0, "MODEL"], [2, 5, 0, 3, 3, "LATENT"], [3, 4, 1, 6, 0, "CLIP"],
            [4, 6, 0, 3, 1, "CONDITIONING"], [5, 4, 1, 7, 0, "CLIP"],
            [6, 7, 0, 3, 2, "CONDITIONING"], [7, 3, 0, 8, 0, "LATENT"], [8, 4, 2, 8, 1, "VAE"],
            [9, 8, 0, 9, 0, "IMAGE"],
        ],
        "version": 0.4,
    }  # fmt: skip


async def drawn(workflow: Workflow, **options: Any) -> dict[str, Any]:
    """The graph that reaches the server when a fox is drawn with a workflow."""
    async with ComfyUIServer() as server:
        made = ComfyUIOptions(**options)
        async with ComfyUIBackend(server.url, workflow=workflow, options=made) as backend:
            await backend.generate(FOX)
            asked = len(server.asked("/object_info"))
            await backend.generate(FOX)
        assert len(server.asked("/object_info")) == asked, "the nodes are asked about once"
        sent: dict[str, Any] = server.jobs[0].body["prompt"]
    return sent


@pytest.mark.real_time
async def test_a_workflow_of_the_editor_is_drawn_as_it_stands() -> None:
    """Widgets find their names by what the server tells of its nodes; defaults fill the gaps."""
    sent = await drawn(Workflow.parse(json.dumps(usual())))
    assert sent["6"]["inputs"] == {"text": "a fox", "clip": ["4", 1]}
    assert sent["7"]["inputs"]["text"] == "text, watermark"
    assert sent["5"]["inputs"] == {"width": 768, "height": 512, "batch_size": 1}
    sampler = sent["3"]["inputs"]
    assert (sampler["seed"], sampler["steps"], sampler["cfg"]) == (7, 20, 8)
    assert (sampler["sampler_name"], sampler["scheduler"], sampler["denoise"]) == (
        "euler", "normal", 1,
    )  # fmt: skip
    assert sampler["model"] == ["4", 0]
    assert sent["9"]["inputs"] == {"images": ["8", 0], "filename_prefix": "ComfyUI"}


@pytest.mark.real_time
async def test_what_is_the_editors_alone_is_resolved() -> None:
    """A reroute, a primitive, a note, a bypassed and a muted node, and links as objects."""
    graph = usual()
    graph["nodes"] += [
        node(20, "Reroute", [slot("", "*", 9)]),
        node(21, "PrimitiveNode", [], [31, "fixed"]),
        node(22, "MarkdownNote", [], ["# hello"]),
        node(23, "LoraLoader", [slot("model", "MODEL", 1), slot("clip", "CLIP", 3)],
             ["ink.safetensors", 1.0, 1.0], mode=4),
        node(24, "PreviewImage", [slot("images", "IMAGE", 9)], mode=2),
    ]  # fmt: skip
    links = [
        {"id": one[0], "origin_id": one[1], "origin_slot": one[2], "type": one[5]}
        for one in graph["links"]
    ]
    links += [
        {"id": 30, "origin_id": 20, "origin_slot": 0, "type": "IMAGE"},
        {"id": 31, "origin_id": 21, "origin_slot": 0, "type": "INT"},
        {"id": 32, "origin_id": 23, "origin_slot": 0, "type": "MODEL"},
    ]
    graph["links"] = links
    for one in graph["nodes"]:
        if one["id"] == 9:
            one["inputs"] = [slot("images", "IMAGE", 30)]
        if one["id"] == 3:
            one["inputs"][0]["link"] = 32
            one["inputs"].append({**slot("steps", "INT", 31), "widget": {"name": "steps"}})
    sent = await drawn(Workflow.parse(json.dumps(graph)))
    assert sorted(sent) == ["3", "4", "5", "6", "7", "8", "9"]
    assert sent["9"]["inputs"]["images"] == ["8", 0]
    assert sent["3"]["inputs"]["model"] == ["4", 0]
    assert sent["3"]["inputs"]["steps"] == 31


@pytest.mark.real_time
@pytest.mark.parametrize("kept", ["prompt", "workflow"])
async def test_a_workflow_is_read_out_of_a_picture(kept: str, tmp_path: Path) -> None:
    """A PNG of ComfyUI's holds how it was drawn, in either format."""
    text = PngInfo()
    graph: Any = usual()
    if kept == "prompt":
        async with ComfyUIServer() as server, ComfyUIBackend(server.url) as backend:
            await backend.generate(FOX)
            graph = server.jobs[0].body["prompt"]
    text.add_text(kept, json.dumps(graph))
    whole = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(whole, "PNG", pnginfo=text)
    file = tmp_path / "ComfyUI_00001_.png"
    file.write_bytes(whole.getvalue())
    sent = await drawn(Workflow.read(str(file)))
    texts = [one["inputs"].get("text") for one in sent.values()]
    assert "a fox" in texts


def test_a_picture_without_a_workflow_is_told(tmp_path: Path) -> None:
    """And a broken one."""
    whole = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(whole, "PNG")
    for name, data in (("a.png", whole.getvalue()), ("b.png", whole.getvalue()[:30])):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ConfigError, match="picture"):
            Workflow.read(str(tmp_path / name))


@pytest.mark.real_time
async def test_a_node_that_the_server_does_not_know_is_told_by_its_class() -> None:
    """Before anything is sent to be drawn."""
    graph = usual()
    graph["nodes"].append(node(40, "FancyUpscaler", []))
    async with ComfyUIServer() as server:
        workflow = Workflow.parse(json.dumps(graph))
        async with ComfyUIBackend(server.url, workflow=workflow) as backend:
            with pytest.raises(BackendRejected, match="does not know: FancyUpscaler"):
                await backend.generate(FOX)
    assert server.jobs == []


def test_what_is_no_workflow_at_all_is_told() -> None:
    """With what to do."""
    with pytest.raises(ConfigError, match=r"Export \(API\)"):
        Workflow.parse(json.dumps({"last_node_id": 9}))


@pytest.mark.real_time
async def test_a_bypassed_node_hands_on_what_is_opposite_to_its_output() -> None:
    """A ControlNet that is switched off must not make the positive prompt the negative one."""
    graph = usual()
    graph["nodes"].append(
        node(30, "ControlNetApplyAdvanced", [
            slot("positive", "CONDITIONING", 4), slot("negative", "CONDITIONING", 6),
        ], [1, 0, 1], mode=4)
    )  # fmt: skip
    graph["links"] += [[40, 30, 0, 3, 1, "CONDITIONING"], [41, 30, 1, 3, 2, "CONDITIONING"]]
    for one in graph["nodes"]:
        if one["id"] == 3:
            one["inputs"][1]["link"], one["inputs"][2]["link"] = 40, 41
    sent = await drawn(Workflow.parse(json.dumps(graph)))
    assert (sent["3"]["inputs"]["positive"], sent["3"]["inputs"]["negative"]) == (
        ["6", 0], ["7", 0],
    )  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(nodes=st.lists(JSON, max_size=4), links=JSON, info=JSON)
def test_broken_workflows_never_end_in_a_traceback(nodes: list[Any], links: Any, info: Any) -> None:
    """Whatever stands in the file, and whatever the server tells."""
    known = [node(1, "X", [slot("a", "A", 1)], [1, 2])]
    value = {"nodes": [*nodes, *known], "links": links}
    try:
        editor = EditorWorkflow(value)
        infos = {kind: {"input": info, "x": 1} for kind in editor.classes}
        editor.graph(infos)
    except ConfigError:
        pass


@pytest.mark.real_time
async def test_files_are_found_with_and_without_folder_and_ending() -> None:
    """As people call them; the server gets the name that it has."""
    sent = await drawn(
        Workflow.parse(json.dumps(usual())), model="sd_xl_base_1.0", loras=("ink:0.5",)
    )
    assert sent["4"]["inputs"]["ckpt_name"] == "sd_xl_base_1.0.safetensors"
    assert sent["limner_lora_1"]["inputs"]["lora_name"] == "ink.safetensors"


@pytest.mark.real_time
async def test_the_key_of_a_comfy_account_goes_with_the_prompt_and_is_not_shown() -> None:
    """API nodes ask for it; it changes no picture, so it is no part of an identity."""
    options = ComfyUIOptions(comfy_org_key="comfyui-secret-1")
    async with ComfyUIServer() as server:
        async with ComfyUIBackend(server.url, options=options) as backend:
            await backend.generate(FOX)
            plain = ComfyUIBackend(server.url)
            assert backend.identity == plain.identity
            await plain.aclose()
    assert server.jobs[0].body["extra_data"] == {"api_key_comfy_org": "comfyui-secret-1"}
    assert "comfyui-secret" not in repr(options)
