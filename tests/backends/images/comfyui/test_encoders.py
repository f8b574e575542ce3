"""Every text of an encoder becomes the prompt, or the workflow is refused: none stays unseen."""

import json
from typing import Any

import pytest
from tests.backends.images.comfyui.test_workflow import inputs, node, parsed, plain, plan

from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions
from limner.backends.images.comfyui.built_in import text_to_image
from limner.backends.images.comfyui.recipe import Recipe
from limner.backends.images.comfyui.workflow import Workflow
from limner.errors import BackendRejected, ConfigError
from limner.illustration import ImageRequest
from limner.testing.comfyui_server import ComfyUIServer

OLD = "an old prompt of the workflow"


def encoding(kind: str, *names: str, **further: Any) -> dict[str, Any]:
    """The usual workflow, with another encoder for the prompt."""
    texts = dict.fromkeys(names, OLD)
    return plain() | {
        "4": node("CheckpointLoaderSimple", ckpt_name="dreamshaper_8.safetensors"),
        "6": node(kind, clip=["4", 1], **texts, **further),
    }


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("CLIPTextEncodeSD3", ("clip_l", "clip_g", "t5xxl")),
        ("CLIPTextEncodeHiDream", ("clip_l", "clip_g", "t5xxl", "llama")),
        ("CLIPTextEncodeHunyuanDiT", ("bert", "mt5xl")),
        ("CLIPTextEncodeLumina2", ("user_prompt",)),
        ("TextEncodeQwenImageEdit", ("prompt",)),
    ],
)
def test_every_text_of_comfyuis_own_encoders_is_written(kind: str, names: tuple[str, ...]) -> None:
    """Not half of them; what is chosen from a list stays."""
    made = plan(encoding(kind, *names, system_prompt="superior"))
    assert {name: inputs(made, "6")[name] for name in names} == dict.fromkeys(names, "a fox")
    assert inputs(made, "6")["system_prompt"] == "superior"


def test_a_text_nobody_knows_beside_the_prompt_is_refused() -> None:
    """It names the node, and how to mark where the prompt belongs."""
    graph = encoding("NoSuchEncode", "text", "mood_words")
    with pytest.raises(ConfigError, match=r"mood_words of NoSuchEncode \(node 6\).*%prompt%"):
        Recipe(parsed(graph), told={})


@pytest.mark.real_time
async def test_the_server_tells_which_inputs_are_texts() -> None:
    """Those of several lines; and one that it does not know it refuses in its own words."""
    graph = encoding("ForeignEncode", "text", "style_words", preset="two words")
    async with ComfyUIServer() as server:
        async with ComfyUIBackend(server.url, workflow=parsed(graph)) as backend:
            await backend.generate(ImageRequest(prompt="a fox"))
        sent = server.jobs[0].body["prompt"]["6"]["inputs"]
        assert (sent["text"], sent["style_words"]) == ("a fox", "a fox")
        assert sent["preset"] == "two words"
        unknown = parsed(encoding("NoSuchEncode", "text", "mood_words"))
        async with ComfyUIBackend(server.url, workflow=unknown) as backend:
            with pytest.raises(BackendRejected, match="mood_words"):
                await backend.generate(ImageRequest(prompt="a fox"))


def flux() -> dict[str, Any]:
    """As Flux is drawn: the model alone in a loader, the sampler put together from parts."""
    return {
        "1": node("UNETLoader", unet_name="flux1-dev.safetensors", weight_dtype="default"),
        "2": node("DualCLIPLoader", clip_name1="l", clip_name2="t5", type="flux"),
        "3": node("CLIPTextEncode", text=OLD, clip=["2", 0]),
        "4": node("FluxGuidance", conditioning=["3", 0], guidance=3.5),
        "5": node("BasicGuider", model=["1", 0], conditioning=["4", 0]),
        "6": node("KSamplerSelect", sampler_name="euler"),
        "7": node("BasicScheduler", scheduler="simple", steps=20, denoise=1.0, model=["1", 0]),
        "8": node("RandomNoise", noise_seed=1),
        "9": node("EmptySD3LatentImage", width=512, height=512, batch_size=1),
        "10": node(
            "SamplerCustomAdvanced", noise=["8", 0], guider=["5", 0], sampler=["6", 0],
            sigmas=["7", 0], latent_image=["9", 0],
        ),
        "11": node("VAELoader", vae_name="ae"),
        "12": node("VAEDecode", samples=["10", 0], vae=["11", 0]),
        "13": node("SaveImage", images=["12", 0], filename_prefix="x"),
    }  # fmt: skip


def test_model_loras_sampler_and_steps_have_their_place_in_flux() -> None:
    """The LoRA goes behind the diffusion model alone; what CLIP there is stays as it is."""
    options = {
        "model": "z_image.safetensors", "loras": ("ink:0.5",), "sampler": "dpmpp_2m", "steps": 8,
        "clip_skip": 2,
    }  # fmt: skip
    made = plan(flux(), options=options)
    assert inputs(made, "1")["unet_name"] == "z_image.safetensors"
    assert inputs(made, "limner_lora_1") == {
        "lora_name": "ink.safetensors", "strength_model": 0.5, "model": ["1", 0],
    }  # fmt: skip
    assert made.graph["limner_lora_1"]["class_type"] == "LoraLoaderModelOnly"
    assert inputs(made, "5")["model"] == ["limner_lora_1", 0]
    assert inputs(made, "6")["sampler_name"] == "dpmpp_2m"
    assert inputs(made, "7")["steps"] == 8
    assert inputs(made, "8")["noise_seed"] == 11
    assert set(made.ignored) == {"clip_skip"}
    assert made.fields["model"] == "z_image.safetensors"
    assert made.fields["steps"] == 8


@pytest.mark.real_time
async def test_the_models_are_those_of_the_workflows_loader() -> None:
    """A diffusion model is not missed among the checkpoints."""
    options = ComfyUIOptions(model="z_image.safetensors")
    async with ComfyUIServer() as server:
        workflow = parsed(flux())
        async with ComfyUIBackend(server.url, workflow=workflow, options=options) as backend:
            facts = await backend.check()
    assert "z_image.safetensors" in [model.name for model in facts.models]
    assert list(facts.missing) == []


def test_a_text_that_is_added_to_another_is_not_taken_for_the_prompt() -> None:
    """Such as the things that are placed in a picture: which text is meant is not guessed."""
    graph = text_to_image().graph()
    for one in graph.values():
        one["inputs"] = {
            name: "x" if isinstance(value, str) else value for name, value in one["inputs"].items()
        }
    graph["9"] = {"class_type": "GLIGENTextBoxApply", "inputs": {
        "text": "a sun", "conditioning_to": ["2", 0], "clip": ["1", 1]}}  # fmt: skip
    graph["5"]["inputs"]["positive"] = ["9", 0]
    with pytest.raises(ConfigError, match="several nodes for the prompt"):
        Recipe(Workflow.parse(json.dumps(graph)))
