"""AUTOMATIC1111 and its family, against a fake of each."""

import asyncio
import io
from functools import partial

import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.a1111.options import A1111Options
from limner.backends.images.a1111.wire import Flavour, fitted, payload, read_info, read_progress
from limner.errors import BackendRejected, BackendUnavailable, ConfigError, UnknownBackend
from limner.illustration import ImageRequest, make_backend
from limner.testing.a1111_server import A1111Server
from limner.testing.backend_contract import CHECKS, BackendCase, Check
from limner.testing.picture_fault import Body, Refused, Sent
from limner.testing.picture_server import FakePictureServer


def connect(server: FakePictureServer, timeouts: Timeouts) -> A1111Backend:
    """A backend for a fake that runs."""
    return A1111Backend(server.url, key=server.key, timeouts=timeouts, poll=0.01)


def case(flavour: Flavour) -> BackendCase:
    """The contract's case for a flavour."""
    return BackendCase(
        serve=partial(A1111Server, flavour=flavour), connect=connect, without=(Refused,)
    )


@pytest.mark.real_time
@pytest.mark.parametrize("flavour", [Flavour.A1111, Flavour.SDNEXT])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract(check: Check, flavour: Flavour) -> None:
    """Everything that every backend must do."""
    await check(case(flavour))


@pytest.mark.real_time
@pytest.mark.parametrize("flavour", list(Flavour))
async def test_every_flavour_is_recognised_and_draws(flavour: Flavour) -> None:
    """The server says who it is by its routes and options; a picture comes from each."""
    async with A1111Server(flavour=flavour) as server, A1111Backend(server.url) as backend:
        facts = await backend.check()
        assert facts.kind == flavour.value
        image = await backend.generate(ImageRequest(prompt="a fox", width=512, height=512, seed=7))
        assert (image.width, image.height, image.seed) == (512, 512, 7)
        assert image.info["server"] == flavour.value


@pytest.mark.real_time
@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "jpeg"), ("WEBP", "webp")])
async def test_the_content_says_what_a_picture_is(kind: str, media_type: str) -> None:
    """The server's own setting decides the format; nothing but the bytes tells which."""
    async with A1111Server(kind=kind) as server, A1111Backend(server.url) as backend:
        image = await backend.generate(ImageRequest(prompt="a fox"))
        assert image.media_type == f"image/{media_type}"


@pytest.mark.real_time
@pytest.mark.parametrize("page", [True, False])
async def test_progress_and_previews_are_those_of_our_picture(page: bool) -> None:
    """While ours is drawn its fraction and preview are passed on."""
    seen: asyncio.Queue[tuple[float, bytes | None]] = asyncio.Queue()
    gate = asyncio.Event()
    async with A1111Server(page=page, gate=gate) as server:
        async with A1111Backend(server.url, poll=0.01) as backend:
            request = ImageRequest(prompt="a fox", progress=lambda *told: seen.put_nowait(told))
            drawing = asyncio.create_task(backend.generate(request))
            fraction, preview = await seen.get()
            gate.set()
            await drawing
    assert fraction == 0.5
    assert preview is not None
    assert preview.startswith(b"\x89PNG")


@pytest.mark.real_time
@pytest.mark.parametrize("page", [True, False])
async def test_a_strangers_picture_is_neither_shown_nor_interrupted(page: bool) -> None:
    """Somebody else draws there: our cancelling closes our connection and stops nothing."""
    gate = asyncio.Event()
    seen: list[float] = []
    async with A1111Server(page=page, gate=gate) as server:
        async with A1111Backend(server.url) as other, A1111Backend(server.url, poll=0.01) as ours:
            theirs = asyncio.create_task(other.generate(ImageRequest(prompt="theirs")))
            await server.job(0)
            request = ImageRequest(prompt="ours", progress=lambda f, _: seen.append(f))
            drawing = asyncio.create_task(ours.generate(request))
            await server.job(1)
            await server.until(lambda: len(server.asked("progress")) > 2)  # it looks, and again
            drawing.cancel()
            await asyncio.wait([drawing])
            assert server.interrupted == 0
            assert seen == []
            gate.set()
            await theirs


@pytest.mark.real_time
@pytest.mark.parametrize("page", [True, False])
async def test_cancelling_interrupts_our_own_drawing(page: bool) -> None:
    """Ours is the one that runs: the server is told to stop it."""
    async with (
        A1111Server(page=page, gate=asyncio.Event()) as server,
        A1111Backend(server.url) as backend,
    ):
        drawing = asyncio.create_task(backend.generate(ImageRequest(prompt="a fox")))
        await server.job()
        drawing.cancel()
        await asyncio.wait([drawing])
        assert drawing.cancelled()
        await server.jobs[0].gone.wait()
        assert server.interrupted == 1


@pytest.mark.real_time
async def test_a_whole_story_that_is_cancelled_leaves_nothing_on_the_server() -> None:
    """Pictures in the server's line are interrupted one by one as their turn comes."""
    async with A1111Server(gate=asyncio.Event()) as server:
        async with A1111Backend(server.url, poll=0.05) as backend:
            drawings = [
                asyncio.create_task(backend.generate(ImageRequest(prompt=f"fox {n}")))
                for n in range(4)
            ]
            await server.job(3)
            for drawing in drawings:
                drawing.cancel()
            await asyncio.wait(drawings)
            assert all(drawing.cancelled() for drawing in drawings)
        assert server.running == 0
        assert server.interrupted == 4


@pytest.mark.real_time
async def test_of_several_only_the_cancelled_one_is_interrupted() -> None:
    """One waits behind ours that is drawn: that one is made, the other stopped at its turn."""
    gate = asyncio.Event()
    async with A1111Server(gate=gate) as server, A1111Backend(server.url, poll=0.05) as backend:
        wanted = asyncio.create_task(backend.generate(ImageRequest(prompt="wanted")))
        await server.job(0)
        other = asyncio.create_task(backend.generate(ImageRequest(prompt="other")))
        await server.job(1)
        other.cancel()
        await asyncio.wait([other])
        assert server.interrupted == 0
        server.gate = asyncio.Event()
        gate.set()
        assert (await wanted).data
        await server.jobs[1].gone.wait()
        assert not server.jobs[0].gone.is_set()


@pytest.mark.real_time
async def test_options_reach_the_wire() -> None:
    """Model, sampler, LoRA, hires: each in the field that the protocol has for it."""
    options = {
        "model": "dreamshaper_8", "sampler": "Euler a", "scheduler": "karras", "steps": "30",
        "cfg": "5.5", "loras": "ink:0.7,paper", "clip_skip": "2", "hires": "true",
        "negative_prompt": "text", "styles": "oil",
    }  # fmt: skip
    async with A1111Server(flavour=Flavour.FORGE) as server:
        query = "&".join(f"{name}={value}" for name, value in options.items())
        backend = make_backend(f"a1111+{server.url}?{query}".replace(" ", "%20"))
        assert isinstance(backend, A1111Backend)
        async with backend:
            attributes = {"steps": "40", "cfg": "many", "model": "other", "mood": "dark"}
            image = await backend.generate(
                ImageRequest(prompt="a fox", negative_prompt="blur", attributes=attributes)
            )
    body = server.jobs[0].body
    assert body["prompt"] == "a fox <lora:ink:0.7> <lora:paper:1>"
    assert body["negative_prompt"] == "blur, text"
    assert (body["steps"], body["cfg_scale"], body["sampler_name"]) == (40, 5.5, "Euler a")
    assert body["override_settings"] == {
        "sd_model_checkpoint": "dreamshaper_8", "CLIP_stop_at_last_layers": 2,
    }  # fmt: skip
    assert body["hr_additional_modules"] == ["Use same choices"]
    assert body["styles"] == ["oil"]
    ignored = image.info["ignored"]
    assert isinstance(ignored, dict)
    assert sorted(ignored) == ["cfg", "model"]


@pytest.mark.real_time
async def test_sd_server_gets_its_loras_as_a_list_and_what_has_no_field_in_a_block() -> None:
    """By the paths it tells; it reads no tags in a prompt, and chooses no model."""
    options = A1111Options(
        loras=("ink:0.7", "paper.safetensors", "moss"), distilled_cfg=3.5, hires=True,
        hires_steps=9, model="dream", styles=("oil",),
    )  # fmt: skip
    async with A1111Server(flavour=Flavour.SDCPP) as server:
        async with A1111Backend(server.url, options=options) as backend:
            image = await backend.generate(ImageRequest(prompt="a fox"))
    body = server.jobs[0].body
    assert body["lora"] == [
        {"path": "styles/ink.safetensors", "multiplier": 0.7},
        {"path": "paper.safetensors", "multiplier": 1.0},
    ]
    assert "<lora:" not in body["prompt"]
    assert '{"sample_params": {"guidance": {"distilled_guidance": 3.5}}}' in body["prompt"]
    assert (body["enable_hr"], body["hr_steps"]) == (True, 9)
    assert "styles" not in body
    ignored = image.info["ignored"]
    assert isinstance(ignored, dict)
    assert sorted(ignored) == ["loras", "model", "styles"]
    assert "moss" in ignored["loras"]
    assert "ink" in ignored["loras"]


@pytest.mark.real_time
async def test_draw_things_is_spoken_to_in_its_own_words() -> None:
    """It has no route for options, and its own names for guidance, sampler, model and LoRAs."""
    options = A1111Options(model="flux_1_dev_q8p.ckpt", sampler="DDIM", cfg=3.0, loras=("ink",))
    async with A1111Server(flavour=Flavour.DRAW_THINGS) as server:
        async with A1111Backend(server.url, options=options) as backend:
            facts = await backend.check()
            await backend.generate(ImageRequest(prompt="a fox", width=770))
    assert facts.current_model == "sdxl_base_q6p.ckpt"
    body = server.jobs[0].body
    assert (body["model"], body["sampler"], body["guidance_scale"]) == (
        "flux_1_dev_q8p.ckpt", "DDIM", 3.0,
    )  # fmt: skip
    assert (body["width"], body["loras"]) == (768, [{"file": "ink", "weight": 1.0}])
    assert not {"cfg_scale", "sampler_name", "override_settings"} & body.keys()


@pytest.mark.real_time
async def test_what_a_server_cannot_do_is_told_with_each_picture_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not a word would be too little; one with each picture too much for a log."""
    options = A1111Options(loras=("ink",), hires=True)
    async with A1111Server(flavour=Flavour.KOBOLDCPP) as server:
        async with A1111Backend(server.url, options=options) as backend:
            for _ in range(2):
                image = await backend.generate(ImageRequest(prompt="a fox"))
                ignored = image.info["ignored"]
                assert isinstance(ignored, dict)
                assert sorted(ignored) == ["hires", "loras"]
    assert "enable_hr" not in server.jobs[0].body
    told = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
    assert len(told) == 2


@pytest.mark.real_time
@pytest.mark.parametrize("name", ["dreamshaper_8", "dreamshaper_8.safetensors", "SD/dreamshaper_8"])
async def test_a_model_is_known_with_and_without_its_ending(name: str) -> None:
    """A file's folder and ending are no part of what people call it."""
    options = A1111Options(model=name)
    async with A1111Server() as server, A1111Backend(server.url, options=options) as backend:
        assert (await backend.check()).missing == []


@pytest.mark.real_time
async def test_fields_of_ones_own_are_added() -> None:
    """For scripts and extensions that only their owner knows."""
    options = A1111Options(extra='{"alwayson_scripts": {"x": {"args": [1]}}}')
    async with A1111Server() as server, A1111Backend(server.url, options=options) as backend:
        await backend.generate(ImageRequest(prompt="a fox"))
    assert server.jobs[0].body["alwayson_scripts"] == {"x": {"args": [1]}}


@pytest.mark.real_time
async def test_text_in_the_picture_is_told_apart_and_cut_away() -> None:
    """`parameters` stands in info; the bytes that are kept do not have it."""
    whole, text = io.BytesIO(), PngInfo()
    text.add_text("parameters", "a fox\nSteps: 25")
    Pillow.new("RGB", (64, 64)).save(whole, "PNG", pnginfo=text)
    async with A1111Server([Sent(whole.getvalue())]) as server:
        async with A1111Backend(server.url) as backend:
            image = await backend.generate(ImageRequest(prompt="a fox"))
    assert image.info["metadata"] == {"parameters": "a fox\nSteps: 25"}
    assert b"parameters" not in image.data


@pytest.mark.real_time
async def test_a_failure_with_status_200_is_told_in_the_servers_words() -> None:
    """It is no other kind of server, and nothing is wrong with its address."""
    body = b'{"error": {"message": "out of memory"}}'
    async with A1111Server([Body(body)]) as server, A1111Backend(server.url) as backend:
        with pytest.raises(BackendUnavailable, match=r"failed: out of memory$"):
            await backend.generate(ImageRequest(prompt="a fox"))


@pytest.mark.real_time
async def test_another_server_is_told_for_what_it_is() -> None:
    """A wrong address is refused with what was found there, and what to do."""
    async with FakePictureServer() as server, A1111Backend(server.url) as backend:
        with pytest.raises(BackendRejected, match="start it with --api"):
            await backend.check()
    with pytest.raises(BackendUnavailable, match="connection refused"):
        async with A1111Backend("http://127.0.0.1:9") as backend:
            await backend.check()


def test_mistakes_in_the_address_are_told() -> None:
    """An unknown option, a bad value, a missing kind, a key in the query."""
    with pytest.raises(ConfigError, match="did you mean 'steps'"):
        make_backend("a1111+http://host?step=3")
    with pytest.raises(ConfigError, match="<= 150"):
        make_backend("a1111+http://host?steps=999")
    with pytest.raises(UnknownBackend, match=r"a1111\+http://host:7860"):
        make_backend("http://host:7860")
    with pytest.raises(ConfigError, match="LIMNER_BACKEND_KEY"):
        make_backend("a1111+http://host?key=sk-secret")
    with pytest.raises(BackendRejected, match="must begin with http"):
        make_backend("a1111+ftp://host")


def test_sizes_fit_what_the_flavour_draws() -> None:
    """Multiples of 8, or of 64; koboldcpp draws no side above 1024."""
    request = ImageRequest(prompt="x", width=2000, height=1001)
    assert fitted(request, Flavour.A1111) == (2000, 1000)
    assert fitted(request, Flavour.KOBOLDCPP) == (1024, 512)
    assert payload(request, A1111Options(), Flavour.SDCPP, task_id="t").keys() >= {"prompt", "seed"}


@pytest.mark.parametrize(
    "info", ["", "{", None, 3, [], '{"seed": "x"}', "[" * 10_000, {"seed": -1}]
)
def test_info_is_read_leniently(info: object) -> None:
    """Nothing in it can fail; a seed that is none is none."""
    assert read_info(info).seed is None


@pytest.mark.parametrize("answer", [None, [], {"progress": "x"}, {"progress": 7, "state": 3}])
def test_progress_is_read_leniently(answer: object) -> None:
    """Whatever comes, the fraction is one."""
    assert read_progress(answer).fraction == 0.0
