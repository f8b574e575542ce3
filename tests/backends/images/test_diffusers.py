"""Pictures drawn in this process by a real, tiny pipeline with random weights."""

from __future__ import annotations

import asyncio
import importlib
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from tests.backends.images.tiny_pipeline import (
    save_tiny_ip_adapter,
    save_tiny_lora,
    save_tiny_pipeline,
)
from tests.examples import share

from limner import Illustrator
from limner.backends.images.diffusers import backend as module
from limner.backends.images.diffusers.backend import DiffusersBackend
from limner.backends.images.diffusers.failure import drawing_failure, loading_failure
from limner.backends.images.diffusers.options import SAMPLERS, DiffusersOptions, sampler_named
from limner.backends.images.diffusers.preview import LatentColours
from limner.errors import BackendRejected, BackendUnavailable, ConfigError, ContentRefused
from limner.illustration.model.image import ImageRequest, ProgressSink
from limner.illustration.model.reference import ReferencePicture

pytestmark = [
    pytest.mark.real_time,
    # What these libraries have to say to each other.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def one_core() -> Iterator[None]:
    """Two threads that wait for each other take longer than one."""
    torch: Any = importlib.import_module("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A pipeline without a content filter."""
    return str(save_tiny_pipeline(tmp_path_factory.mktemp("tiny")))


def asked(
    prompt: str = "a fox",
    *,
    side: int = 64,
    seed: int | None = 7,
    progress: ProgressSink | None = None,
    **attributes: str,
) -> ImageRequest:
    """A small picture."""
    return ImageRequest(
        prompt=prompt, width=side, height=64, seed=seed, progress=progress, attributes=attributes
    )


def quick(**options: Any) -> DiffusersOptions:
    """Few steps."""
    return DiffusersOptions(**{"steps": 3, **options})


def unet_of(backend: DiffusersBackend) -> Any:
    """What computes a step."""
    return backend._worker._pipeline.unet


def at_each_step(backend: DiffusersBackend, act: Callable[[int], object]) -> list[int]:
    """Call a function in the thread with each step that is computed; gives the steps so far."""
    steps: list[int] = []

    def hook(*_: Any) -> None:
        steps.append(len(steps))
        act(len(steps))

    unet_of(backend).register_forward_pre_hook(hook)
    return steps


async def test_a_picture_is_what_request_and_seed_say(model: str) -> None:
    """Equal seeds draw equal pictures, others other ones; the picture tells how it was made."""
    async with DiffusersBackend(model, options=quick()) as backend:
        one = await backend.generate(asked())
        same = await backend.generate(asked())
        other = await backend.generate(asked(seed=8))
        worded = await backend.generate(asked("a hare"))
        fresh = await backend.generate(asked(seed=None))
    assert one.data == same.data
    assert len({one.data, other.data, worded.data, fresh.data}) == 4
    assert (one.media_type, one.width, one.height, one.seed) == ("image/png", 64, 64, 7)
    assert Pillow.open(io.BytesIO(one.data)).size == (64, 64)
    assert fresh.seed is not None
    assert dict(one.info) == {
        "backend": "diffusers", "model": model, "steps": 3, "cfg": 7.0, "sampler": "DDIMScheduler"
    }  # fmt: skip


async def test_sides_are_brought_to_multiples_of_eight_and_it_is_told(model: str) -> None:
    """The nearest one; the picture's own size is true."""
    async with DiffusersBackend(model, options=quick()) as backend:
        image = await backend.generate(asked(side=101))
    assert (image.width, image.height) == (104, 64)
    assert Pillow.open(io.BytesIO(image.data)).size == (104, 64)
    assert image.info["asked_for"] == "101x64"


async def test_a_tag_sets_what_it_may(model: str) -> None:
    """Steps, cfg and sampler; what it sets wrongly is left out and told."""
    async with DiffusersBackend(model, options=quick()) as backend:
        told: list[float] = []
        image = await backend.generate(
            asked(progress=lambda at, _: told.append(at), steps="5", cfg="2", sampler="euler a")
        )
        assert len(told) == 5
        assert image.info["sampler"] == "EulerAncestralDiscreteScheduler"
        assert image.info["cfg"] == 2.0
        image = await backend.generate(asked(steps="900", sampler="magic", device="cuda"))
        assert image.info["sampler"] == "DDIMScheduler"
        assert image.info["ignored"] == {
            "steps": "'900': expected int <= 150",
            "sampler": "'magic': no sampler is called so",
            "device": "cannot be set by a tag",
        }
        plain = await backend.generate(asked())
        assert plain.info["sampler"] == "DDIMScheduler"


async def test_every_sampler_draws(model: str) -> None:
    """Each name leads to a scheduler that this kind of model knows, in whatever order."""
    async with DiffusersBackend(model, options=quick(sampler="DEISMultistepScheduler")) as backend:
        assert (await backend.generate(asked())).info["sampler"] == "DEISMultistepScheduler"
        for name in SAMPLERS:
            found = sampler_named(name)
            assert found is not None
            image = await backend.generate(asked(sampler=name))
            assert image.info["sampler"] == found[0]
        with pytest.raises(BackendRejected, match="cannot be drawn with the sampler 'NoScheduler'"):
            await backend.generate(asked(sampler="NoScheduler"))


async def test_progress_and_previews_come_on_the_loops_thread_and_end_with_the_picture(
    model: str,
) -> None:
    """Fractions rise to 1, previews are pictures, nothing comes afterwards."""
    told: list[tuple[float, bytes | None, threading.Thread]] = []

    def hear(fraction: float, preview: bytes | None) -> None:
        told.append((fraction, preview, threading.current_thread()))

    async with DiffusersBackend(model, options=quick(steps=6)) as backend:
        await backend.generate(asked(progress=hear))
        heard = len(told)
        await backend.generate(asked())
        assert len(told) == heard
    fractions = [fraction for fraction, _, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert {thread for _, _, thread in told} == {threading.current_thread()}
    previews = [preview for _, preview, _ in told if preview is not None]
    assert len(previews) == 6
    assert Pillow.open(io.BytesIO(previews[-1])).size == (64, 64)
    async with DiffusersBackend(model, options=quick(previews=False)) as backend:
        told.clear()
        await backend.generate(asked(progress=hear))
        assert [preview for _, preview, _ in told] == [None] * len(told)


async def test_the_loop_goes_on_while_a_picture_is_drawn(model: str) -> None:
    """A step that takes its time holds up nobody."""
    async with DiffusersBackend(model, options=quick()) as backend:
        await backend.load()
        begun, on = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def hold(_: int) -> None:
            loop.call_soon_threadsafe(begun.set)
            assert on.wait(60)

        at_each_step(backend, hold)
        drawing = asyncio.create_task(backend.generate(asked()))
        await begun.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        assert not drawing.done()
        on.set()
        assert (await drawing).width == 64


async def test_a_cancelled_picture_has_stopped_when_the_call_ends(model: str) -> None:
    """After the step that is under way no more is computed, and the next picture is drawn."""
    async with DiffusersBackend(model, options=quick(steps=150)) as backend:
        await backend.load()
        third, on = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def hold(step: int) -> None:
            if step == 3:
                loop.call_soon_threadsafe(third.set)
                assert on.wait(60)

        steps = at_each_step(backend, hold)
        drawing = asyncio.create_task(backend.generate(asked()))
        await third.wait()
        drawing.cancel()
        await asyncio.sleep(0)
        drawing.cancel()  # impatient
        await asyncio.sleep(0)
        assert not drawing.done()  # the step is still under way
        on.set()
        await asyncio.wait([drawing])
        assert drawing.cancelled()
        assert len(steps) == 3
        image = await backend.generate(asked(steps="2"))
        assert len(steps) == 5
        assert image.info["steps"] == 2


async def test_pictures_are_drawn_one_at_a_time_and_may_leave_the_line(model: str) -> None:
    """A picture that waits for the thread ends at once when it is cancelled."""
    async with DiffusersBackend(model, options=quick()) as backend:
        await backend.load()
        begun, on, inside = asyncio.Event(), threading.Event(), []
        loop = asyncio.get_running_loop()

        def hold(_: int) -> None:
            inside.append(threading.current_thread())
            loop.call_soon_threadsafe(begun.set)
            assert on.wait(60)

        at_each_step(backend, hold)
        first, second, third = (
            asyncio.create_task(backend.generate(asked(seed=seed))) for seed in range(3)
        )
        await begun.wait()
        second.cancel()
        await asyncio.wait([second])
        assert second.cancelled()
        assert not first.done()
        on.set()
        assert (await first).data != (await third).data
        assert len(set(inside)) == 1
        assert len(inside) == 6


async def test_a_content_filter_refuses(tmp_path: Path) -> None:
    """The model's own safety checker; without it the picture is drawn."""
    model = str(save_tiny_pipeline(tmp_path, filter_says_no=True))
    async with DiffusersBackend(model, options=quick()) as backend:
        with pytest.raises(ContentRefused, match="content filter"):
            await backend.generate(asked())
    async with DiffusersBackend(model, options=quick(safety=False)) as backend:
        assert (await backend.generate(asked())).width == 64


async def test_a_content_filter_lets_through(tmp_path: Path) -> None:
    """One that finds nothing changes nothing."""
    model = str(save_tiny_pipeline(tmp_path, filter_says_no=False))
    async with DiffusersBackend(model, options=quick()) as backend:
        assert (await backend.generate(asked())).width == 64


async def test_a_lora_changes_the_picture(model: str, tmp_path: Path) -> None:
    """By its weight; one that is not there is told."""
    lora = save_tiny_lora(tmp_path, Path(model))
    drawn = set()
    for loras in ((), (str(lora),), (f"{lora}:0.3",)):
        async with DiffusersBackend(model, options=quick(loras=loras)) as backend:
            drawn.add((await backend.generate(asked())).data)
    assert len(drawn) == 3
    async with DiffusersBackend(model, options=quick(loras=(f"{tmp_path}/no.safetensors",))) as it:
        with pytest.raises(BackendRejected, match=r"no LoRA at .*no\.safetensors"):
            await it.generate(asked())


async def test_running_out_of_memory_says_what_to_do(model: str) -> None:
    """The next picture may fit."""
    torch: Any = importlib.import_module("torch")
    async with DiffusersBackend(model, options=quick()) as backend:
        await backend.load()

        def fail(step: int) -> None:
            if step == 2:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

        at_each_step(backend, fail)
        with pytest.raises(BackendUnavailable, match="picture of 64x64; draw smaller"):
            await backend.generate(asked())
        assert (await backend.generate(asked())).width == 64


async def test_a_failing_pipeline_is_told_in_its_words(model: str) -> None:
    """And an error of ours passes as it is."""
    async with DiffusersBackend(model, options=quick()) as backend:
        await backend.load()

        def fail(step: int) -> None:
            raise ValueError("shapes do not match")

        at_each_step(backend, fail)
        with pytest.raises(BackendUnavailable, match="ValueError: shapes do not match"):
            await backend.generate(asked())
    ours = ContentRefused("no")
    assert drawing_failure(ours, "m", "1x1") is ours
    assert loading_failure(ours, "m", DiffusersOptions()) is ours


async def test_a_model_that_is_not_there_is_told(model: str, tmp_path: Path) -> None:
    """A folder, a file, a name at the hub: when it is looked at, and when it is to draw."""
    single = tmp_path / "model.safetensors"
    single.write_bytes(b"")
    for place, words in (
        (str(tmp_path / "none"), "model_index.json"),
        (str(tmp_path), "model_index.json"),
        (str(single), "is a single file"),
        ("nobody/has-this-model", "download=true"),
    ):
        async with DiffusersBackend(place, options=quick()) as backend:
            with pytest.raises(BackendRejected, match=words):
                await backend.check()
            with pytest.raises(BackendRejected, match=words):
                await backend.generate(asked())
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    async with DiffusersBackend(str(tmp_path), options=quick()) as backend:
        with pytest.raises(BackendRejected, match="cannot be loaded"):
            await backend.generate(asked())


async def test_what_it_is(model: str) -> None:
    """Versions, device, models, samplers; without loading anything."""
    async with DiffusersBackend(model) as backend:
        facts = await backend.check()
        assert facts.kind == "diffusers"
        assert facts.version
        assert facts.current_model is None
        assert any(note.startswith("draws on ") for note in facts.notes)
        assert [known.name for known in await backend.models()] == [model]
        assert "Euler a" in await backend.samplers()
        await backend.load()
        assert (await backend.check()).current_model == model


async def test_a_device_that_is_not_there_is_told(model: str) -> None:
    """With those that are."""
    async with DiffusersBackend(model, options=quick(device="tpu")) as backend:
        with pytest.raises(BackendRejected, match=r"no device 'tpu' here; there is: .*cpu"):
            await backend.generate(asked())


async def test_closing_ends_what_is_drawn_and_frees_the_model(model: str) -> None:
    """Pictures fail with an error that says so; twice is fine."""
    backend = DiffusersBackend(model, options=quick(steps=150))
    await backend.load()
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    steps = at_each_step(backend, lambda _: loop.call_soon_threadsafe(begun.set))
    drawing = [asyncio.create_task(backend.generate(asked(seed=seed))) for seed in range(2)]
    await begun.wait()
    await backend.aclose()
    ended = await asyncio.gather(*drawing, return_exceptions=True)
    assert [type(error) for error in ended] == [BackendUnavailable] * 2
    assert len(steps) < 150
    assert not backend._worker.loaded
    await backend.aclose()
    with pytest.raises(BackendUnavailable, match="has been closed"):
        await backend.generate(asked())


async def test_a_story_is_illustrated(model: str) -> None:
    """Through the usual way."""
    text = 'Snow. <!--img-prompt="fox" size="64x64"--> Ice. <!--img-prompt="owl" size="64x72"-->'
    async with DiffusersBackend(model, options=quick()) as backend:
        async with Illustrator(backend=backend) as illustrator:
            result = await illustrator.illustrate(text)
    assert result.complete


def test_it_is_made_from_an_address(model: str) -> None:
    """Options are read; mistakes are told; the identity knows what changes pictures."""
    backend = DiffusersBackend.from_url(model, options={"steps": "9", "loras": "a,b:0.5"})
    assert (backend.options.steps, backend.options.loras) == (9, ("a", "b:0.5"))
    assert backend.identity != DiffusersBackend.from_url(model, options={}).identity
    assert repr(backend) == f"DiffusersBackend({model!r})"
    with pytest.raises(ConfigError, match="which model"):
        DiffusersBackend.from_url(None, options={})
    with pytest.raises(ConfigError, match="did you mean 'sampler'"):
        DiffusersBackend.from_url(model, options={"smapler": "DDIM"})
    with pytest.raises(ConfigError, match="no sampler 'magic'; there are DDIM"):
        DiffusersBackend.from_url(model, options={"sampler": "magic"})


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the backend is made, with the command that helps."""
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(BackendRejected, match=r"pip install 'limner\[diffusers\]'"):
        DiffusersBackend("model")
    told = loading_failure(ImportError("no module named peft"), "m", DiffusersOptions())
    assert isinstance(told, BackendRejected)
    assert "limner[diffusers]" in str(told)


@settings(max_examples=share(20), deadline=None)
@given(
    channels=st.integers(1, 6),
    chance=st.integers(0, 1000),
)
def test_a_linear_decoder_is_found_out(channels: int, chance: int) -> None:
    """If colours are linear in the latents, the fitted map gives them back."""
    dice = np.random.default_rng(chance)
    latents = dice.normal(size=(channels, 12, 12))
    weights = dice.uniform(-0.05, 0.05, size=(channels + 1, 3))
    weights[-1] = 0.5
    colours = np.einsum("cyx,ck->kyx", latents, weights[:-1]) + weights[-1][:, None, None]
    fitted = LatentColours.fitted(latents, colours)
    assert np.allclose(fitted._weights, weights)


def face(colour: str) -> bytes:
    """A picture."""
    whole = io.BytesIO()
    Pillow.new("RGB", (64, 64), colour).save(whole, "PNG")
    return whole.getvalue()


async def test_it_looks_at_reference_pictures_by_an_ip_adapter(model: str, tmp_path: Path) -> None:
    """Those of the folder and those a request brings along; without one it is as without any."""
    adapter = save_tiny_ip_adapter(tmp_path / "adapter", Path(model))
    faces = tmp_path / "faces"
    faces.mkdir()
    (faces / "red.png").write_bytes(face("red"))
    brought = ReferencePicture(name="blue", data=face("blue"), digest="blue")
    options = quick(ip_adapter=str(adapter), references=str(faces), ip_adapter_strength=1.0)
    async with DiffusersBackend(model, options=options) as backend:
        red = await backend.generate(asked(reference="red.png"))
        both = await backend.generate(
            replace(asked(reference="red.png, blue"), references=(brought,))
        )
        weaker = await backend.generate(asked(reference="red.png", ip_adapter_strength="0.1"))
        plain = await backend.generate(asked())
    async with DiffusersBackend(model, options=quick()) as backend:
        without = await backend.generate(asked(reference="red.png"))
    assert len({red.data, both.data, weaker.data, plain.data}) == 4
    assert (red.info["references"], both.info["references"]) == (["red.png"], ["red.png", "blue"])
    assert plain.data == without.data
    assert without.info["ignored"] == {
        "reference": "the option ip_adapter names nothing to look at them with"
    }


@pytest.mark.parametrize("written", ["nowhere.safetensors", "adapter.bin"])
async def test_an_ip_adapter_that_is_not_there_is_told(
    model: str, written: str, tmp_path: Path
) -> None:
    """Before anything is drawn; formats that can hold programs are none."""
    (tmp_path / "adapter.bin").write_bytes(b"x")
    options = quick(ip_adapter=str(tmp_path / written))
    async with DiffusersBackend(model, options=options) as backend:
        with pytest.raises(BackendRejected, match="no IP-Adapter"):
            await backend.load()
