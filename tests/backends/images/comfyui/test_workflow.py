"""Workflows: what is accepted, where what is put, and what is said where that is not clear."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions, Workflow
from limner.backends.images.comfyui.built_in import image_to_image, text_to_image
from limner.backends.images.comfyui.graph import Graph, NodeInput
from limner.backends.images.comfyui.placeholders import NAMES, fill, used
from limner.backends.images.comfyui.recipe import REFERENCES, PreparedWorkflow, Recipe
from limner.backends.images.comfyui.workflow_inputs import held
from limner.errors import ConfigError, LimnerError
from limner.illustration import ImageRequest, make_backend

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def node(class_type: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    """A node."""
    meta = {"_meta": {"title": title}} if title else {}
    return {"class_type": class_type, "inputs": inputs, **meta}


def plain() -> Graph:
    """The usual graph as a user exports it: no placeholders."""
    return {
        "3": node(
            "KSampler", seed=156680208700286, steps=20, cfg=8, sampler_name="euler",
            scheduler="normal", denoise=1, model=["4", 0], positive=["6", 0], negative=["7", 0],
            latent_image=["5", 0],
        ),
        "4": node("CheckpointLoaderSimple", ckpt_name="v1-5.ckpt"),
        "5": node("EmptyLatentImage", width=512, height=512, batch_size=1),
        "6": node("CLIPTextEncode", text="beautiful scenery", clip=["4", 1]),
        "7": node("CLIPTextEncode", text="text, watermark", clip=["4", 1]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
    }  # fmt: skip


def parsed(graph: object) -> Workflow:
    """A workflow from its nodes."""
    return Workflow.parse(json.dumps(graph))


def plan(graph: object, *, options: dict[str, Any] | None = None, **asked: Any) -> PreparedWorkflow:
    """The workflow for a fox."""
    given_options = ComfyUIOptions(**(options or {}))
    recipe = Recipe(parsed(graph), output=given_options.output_node)
    request = ImageRequest(**{"prompt": "a fox", "width": 768, "height": 512, **asked})
    return recipe.plan(request, given_options, seed=11, model="m.safetensors")


def inputs(made: PreparedWorkflow, number: str) -> dict[str, Any]:
    """The inputs of a node of a plan."""
    found: dict[str, Any] = made.graph[number]["inputs"]
    return found


def test_a_usual_workflow_needs_no_marks() -> None:
    """The samplers' links tell where prompt, negative prompt, size and seed belong."""
    made = plan(plain(), negative_prompt="blur")
    assert inputs(made, "6")["text"] == "a fox"
    assert inputs(made, "7")["text"] == "blur"
    assert (inputs(made, "5")["width"], inputs(made, "5")["height"]) == (768, 512)
    assert inputs(made, "3")["seed"] == 11
    assert inputs(made, "3")["steps"] == 20
    assert inputs(made, "4")["ckpt_name"] == "v1-5.ckpt"
    assert made.output == "9"
    assert made.fields == {
        "model": "v1-5.ckpt", "steps": 20, "cfg": 8, "sampler": "euler", "scheduler": "normal",
        "denoise": 1,
    }  # fmt: skip


def test_what_a_workflow_avoids_stays_where_nothing_else_is_to_be_avoided() -> None:
    """An empty negative prompt does not wipe out the user's."""
    assert inputs(plan(plain()), "7")["text"] == "text, watermark"


def test_options_are_written_into_the_users_workflow() -> None:
    """Those that are set; the others stay as they are."""
    options = {"steps": 31, "sampler": "dpmpp_2m", "model": "x.safetensors"}
    made = plan(plain(), options=options)
    assert inputs(made, "3") | {"steps": 31, "sampler_name": "dpmpp_2m"} == inputs(made, "3")
    assert inputs(made, "3")["scheduler"] == "normal"
    assert inputs(made, "4")["ckpt_name"] == "x.safetensors"
    assert made.ignored == {}


def test_loras_and_clip_skip_stand_between_the_checkpoint_and_all_else() -> None:
    """In the order asked for; the VAE stays the checkpoint's own."""
    options = {"loras": ("ink:0.5", "old/paper.pt"), "clip_skip": 2}
    for graph in (plain(), text_to_image().graph()):
        made = plan(graph, options=options)
        loader = next(n for n in graph if graph[n]["class_type"] == "CheckpointLoaderSimple")
        first, second = inputs(made, "limner_lora_1"), inputs(made, "limner_lora_2")
        assert (first["lora_name"], first["strength_model"]) == ("ink.safetensors", 0.5)
        assert (second["lora_name"], second["strength_clip"]) == ("old/paper.pt", 1.0)
        assert first["model"] == [loader, 0]
        assert (second["model"], second["clip"]) == (["limner_lora_1", 0], ["limner_lora_1", 1])
        for content in made.graph.values():
            kind = content["class_type"]
            if kind == "KSampler":
                assert content["inputs"]["model"] == ["limner_lora_2", 0]
            if kind == "CLIPTextEncode":
                assert content["inputs"]["clip"] == ["limner_lora_2", 1]
            if kind == "VAEDecode":
                assert content["inputs"]["vae"] == [loader, 2]
        assert inputs(made, "limner_clip") == {"stop_at_clip_layer": -2, "clip": [loader, 1]}
        assert first["clip"] == ["limner_clip", 0]


def test_placeholders_keep_their_types() -> None:
    """A number alone stays a number; in a text it becomes text."""
    graph = plain()
    graph["3"]["inputs"] |= {"seed": "%seed%", "cfg": "%cfg%", "steps": " %steps% "}
    graph["6"]["inputs"]["text"] = "oil painting of %prompt%, seed %seed%"
    graph["9"]["inputs"]["filename_prefix"] = "%prompt%/%seed%/%date:yyyy%"
    made = plan(graph, options={"steps": 30})
    assert inputs(made, "6")["text"] == "oil painting of a fox, seed 11"
    assert (inputs(made, "3")["seed"], inputs(made, "3")["steps"]) == (11, 30)
    assert inputs(made, "3")["cfg"] == 7.0
    assert inputs(made, "9")["filename_prefix"] == "%prompt%/11/%date:yyyy%"
    assert inputs(made, "5")["width"] == 512  # not marked: not touched


def test_a_seed_is_fresh_also_where_it_is_not_marked() -> None:
    """Else equal prompts would be answered from the server's cache."""
    graph = plain()
    graph["6"]["inputs"]["text"] = "%prompt%"
    assert inputs(plan(graph), "3")["seed"] == 11


def test_what_has_no_place_is_told() -> None:
    """An option without a placeholder is not lost in silence."""
    graph = plain()
    graph["6"]["inputs"]["text"] = "%prompt%"
    del graph["4"]["inputs"]["ckpt_name"]
    made = plan(graph, options={"steps": 30, "loras": ("ink",)})
    assert made.ignored == {
        "steps": "the workflow has no place for it",
        "loras": "the workflow has not exactly one loader of a model",
    }


def test_values_behind_links_are_found() -> None:
    """Prompt, seed and size may stand in nodes of their own, or behind other nodes."""
    graph = plain()
    graph |= {
        "20": node("PrimitiveString", value="old"), "21": node("PrimitiveInt", value=1),
        "22": node("PrimitiveInt", value=512),
        "23": node("FluxGuidance", conditioning=["6", 0], guidance=3.5),
        "24": node("ControlNetApplyAdvanced", positive=["23", 0], negative=["7", 0]),
    }  # fmt: skip
    graph["6"]["inputs"]["text"] = ["20", 0]
    graph["3"]["inputs"] |= {"seed": ["21", 0], "positive": ["24", 0], "negative": ["24", 1]}
    graph["5"]["inputs"]["width"] = ["22", 0]
    made = plan(graph, negative_prompt="blur")
    assert inputs(made, "20")["value"] == "a fox"
    assert inputs(made, "7")["text"] == "blur"
    assert inputs(made, "21")["value"] == 11
    assert inputs(made, "22")["value"] == 768


def test_a_guider_tells_as_well_as_a_sampler() -> None:
    """Flux: the prompt stands behind a guider, the seed in a node of its own."""
    graph = {
        "1": node("UNETLoader", unet_name="flux.safetensors"),
        "2": node("CLIPTextEncode", text="old", clip=["9", 0]),
        "3": node("BasicGuider", model=["1", 0], conditioning=["2", 0]),
        "4": node("RandomNoise", noise_seed=1),
        "5": node("EmptySD3LatentImage", width=64, height=64, batch_size=1),
        "6": node("SamplerCustomAdvanced", noise=["4", 0], guider=["3", 0], latent_image=["5", 0]),
        "7": node("VAEDecode", samples=["6", 0]),
        "8": node("SaveImage", images=["7", 0]),
        "9": node("DualCLIPLoader"),
    }
    made = plan(graph, negative_prompt="blur")
    assert inputs(made, "2")["text"] == "a fox"
    assert inputs(made, "4")["noise_seed"] == 11
    assert inputs(made, "5")["width"] == 768


def test_a_zeroed_prompt_takes_no_negative_prompt() -> None:
    """`ConditioningZeroOut` makes nothing of the prompt; it is not overwritten."""
    graph = plain()
    graph["10"] = node("ConditioningZeroOut", conditioning=["6", 0])
    graph["3"]["inputs"]["negative"] = ["10", 0]
    made = plan(graph, negative_prompt="blur")
    assert inputs(made, "6")["text"] == "a fox"
    assert inputs(made, "7")["text"] == "text, watermark"


def test_a_request_body_is_a_workflow_too() -> None:
    """What stands under `prompt` is taken out."""
    assert parsed({"prompt": plain(), "client_id": "x"}).graph() == plain()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"3": node("KSampler", model=["77", 0])}, r"model of KSampler .* leads to node 77"),
        ({"3": {"class_type": "X", "inputs": []}}, "inputs of X .* are no object"),
        ({"6": node("CLIPTextEncode", text="%promt%")}, "did you mean '%prompt%'"),
        ({"5": node("EmptyLatentImage", width="%width%")}, 'no "%prompt%"'),
        ({"9": node("Text")}, "saves no picture; set the option output_node to one of"),
        ({"10": node("SaveImage", "small", images=["8", 0])}, r"small \(node 10\)"),
        ({"6": node("Mystery")}, 'does not say where the prompt belongs: write "%prompt%"'),
        (
            {
                "10": node("CLIPTextEncode", "second", text="", clip=["4", 1]),
                "11": node("Combine", conditioning_1=["6", 0], conditioning_2=["10", 0]),
                "3": node("KSampler", positive=["11", 0], latent_image=["5", 0]),
            },
            r'several nodes for the prompt: second \(node 10\), .*mark the right one',
        ),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_told_with_what_to_mark(change: Graph, told: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ConfigError, match=told):
        plan(plain() | change)


def test_the_output_node_is_found_by_id_or_title() -> None:
    """And a name that is nobody's is refused with those there are."""
    graph = plain() | {"10": node("SaveImage", "small", images=["8", 0])}
    assert plan(graph, options={"output_node": "10"}).output == "10"
    assert plan(graph, options={"output_node": "small"}).output == "10"
    with pytest.raises(ConfigError, match="no node called 'large'"):
        plan(graph, options={"output_node": "large"})
    custom = plain() | {"9": node("Image Save", images=["8", 0])}
    assert plan(custom).output == "9"


def test_sizes_are_multiples_of_eight() -> None:
    """A latent has one cell for eight pixels."""
    made = plan(plain(), width=770, height=509)
    assert (inputs(made, "5")["width"], inputs(made, "5")["height"]) == (768, 512)


def test_a_file_is_read_and_its_faults_are_told_at_once(tmp_path: Path) -> None:
    """From the address, before anything is drawn; its content decides the identity."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(plain()))
    bad.write_text("{")
    made = make_backend(f"comfyui+http://host:8188?workflow={good}")
    assert isinstance(made, ComfyUIBackend)
    before = made.identity
    moved = tmp_path / "moved.json"
    good.rename(moved)
    again = make_backend(f"comfyui+http://host:8188?workflow={moved}&previews=false")
    assert again.identity == before  # type: ignore[attr-defined]
    changed = plain()
    changed["3"]["inputs"]["cfg"] = 3
    moved.write_text(json.dumps(changed))
    other = make_backend(f"comfyui+http://host:8188?workflow={moved}")
    assert other.identity != before  # type: ignore[attr-defined]
    for path, told in ((bad, "is no JSON"), (good, "no such file"), (tmp_path, "cannot read")):
        with pytest.raises(ConfigError, match=told):
            make_backend(f"comfyui+http://host:8188?workflow={path}")


def test_mistakes_in_the_address_are_told() -> None:
    """Unknown options and bad values."""
    with pytest.raises(ConfigError, match="did you mean 'workflow'"):
        make_backend("comfyui+http://host?workflo=a.json")
    with pytest.raises(ConfigError, match="<= 150"):
        make_backend("comfyui+http://host?steps=999")


def test_links_in_a_circle_end() -> None:
    """A graph that no server would take is no trap either."""
    graph = {"1": node("A", value=["2", 0]), "2": node("A", value=["1", 0])}
    assert held(graph, NodeInput("1", "value")).node in graph


GRAPHS = st.dictionaries(
    st.sampled_from("12345"),
    st.fixed_dictionaries(
        {
            "class_type": st.sampled_from(
                ["SaveImage", "KSampler", "CLIPTextEncode", "EmptyImage", "BasicGuider", "X"]
            ),
            "inputs": st.dictionaries(
                st.sampled_from(
                    ["images", "positive", "negative", "conditioning", "text", "value", "seed",
                     "latent_image", "width", "height", "steps", "ckpt_name"]
                ),
                JSON | st.sampled_from(["%prompt%", "%seed%"])
                | st.tuples(st.sampled_from("12345"), st.integers(0, 2)).map(list),
            ),
        }
    ),
    min_size=1,
)  # fmt: skip
"""Graphs as no editor makes them: with circles, dead links and values of any kind."""


@settings(deadline=None)
@given(JSON | GRAPHS)
def test_whatever_stands_in_a_file_is_accepted_or_refused_in_words(value: object) -> None:
    """A typed error in one line, or a workflow that can be filled."""
    options = {"steps": 3, "model": "x", "loras": ("a:2",), "clip_skip": 1, "cfg": 1.5}
    try:
        made = plan(value, options=options, negative_prompt="blur")
    except LimnerError as error:
        told: object = str(error)
    else:
        told = made.graph[made.output]
        assert json.loads(json.dumps(made.graph)) == made.graph
    assert told


@settings(deadline=None)
@given(st.text(max_size=40), st.sampled_from(["%prompt%", "by night: %prompt%!"]))
def test_no_prompt_changes_anything_but_its_own_place(prompt: str, place: str) -> None:
    """It is data: not read for placeholders, and the JSON around it stays whole."""
    graph = plain()
    graph["6"]["inputs"]["text"] = place
    filled = fill(graph, {"prompt": prompt, "seed": 1})
    assert filled["6"]["inputs"]["text"] == place.replace("%prompt%", prompt)
    assert json.loads(json.dumps(filled)) == filled
    assert {**filled, "6": None} == {**graph, "6": None}


def test_the_built_in_workflow_marks_everything() -> None:
    """So that every option has its place; the one for reference pictures has theirs as well."""
    for_references = {"strength", *REFERENCES}
    assert used(text_to_image().graph()) == set(NAMES) - for_references
    assert used(image_to_image().graph()) == set(NAMES) - {"denoise", *REFERENCES[1:]}
