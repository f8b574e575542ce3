"""Reference pictures: from a folder that is meant for a server to that server, and nowhere else."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from limner import Illustrator
from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.a1111.options import A1111Options
from limner.backends.images.a1111.wire import Flavour
from limner.backends.images.chat_image import ChatImageBackend
from limner.backends.images.chat_image.options import ChatImageOptions
from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions, Workflow
from limner.backends.images.described import DescribedBackend, Description
from limner.backends.images.described.options import DescribedOptions
from limner.backends.images.horde.backend import HordeBackend
from limner.backends.images.horde.options import HordeOptions
from limner.backends.images.novelai.backend import NovelAIBackend
from limner.backends.images.novelai.options import NovelAIOptions
from limner.backends.images.openai.backend import OpenAIImages
from limner.backends.images.openai.dialect import Dialect
from limner.backends.images.openai.options import OpenAIOptions
from limner.backends.images.support.references import LONGEST_SIDE, ReferencePictures
from limner.errors import BackendRejected, ConfigError
from limner.illustration import ImageRequest, Look
from limner.prompts import Character
from limner.testing import ScriptedBackend
from limner.testing.a1111_server import A1111Server
from limner.testing.chat_image_server import ChatImageServer
from limner.testing.comfyui_server import ComfyUIServer
from limner.testing.horde_server import HordeServer
from limner.testing.images_api_server import ImagesApiServer
from limner.testing.novelai_server import NovelAIServer
from limner.testing.picture_job import form_fields
from limner.testing.picture_server import plain_picture
from limner.testing.service_server import ServiceServer

ANN = ImageRequest(prompt="Ann by the sea", seed=7, attributes={"reference": "ann.png"})


def asking(names: str) -> ImageRequest:
    """A request whose tag names reference pictures."""
    return ImageRequest(prompt="x", attributes={"reference": names})


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """A folder with Ann, Bo and what is no picture; and a secret beside it."""
    folder = tmp_path / "faces"
    folder.mkdir()
    text = PngInfo()
    text.add_text("parameters", "home address")
    whole = io.BytesIO()
    Pillow.new("RGB", (3000, 1500), "red").save(whole, "PNG", pnginfo=text)
    (folder / "ann.png").write_bytes(whole.getvalue())
    (folder / "bo.jpg").write_bytes(plain_picture(32, 32, kind="JPEG"))
    (folder / "fake.png").write_text("<svg/>")
    (tmp_path / "secret.png").write_bytes(plain_picture(8, 8))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    return folder


@pytest.mark.real_time
async def test_a_picture_is_made_ready_once(faces: Path) -> None:
    """Checked, freed of what else stands in it, and no larger than servers need."""
    folder = ReferencePictures(str(faces), "here")
    found = await folder.find(asking("ann.png, bo.jpg, ann.png"))
    ann, bo = found.pictures
    assert (ann.width, ann.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)
    assert b"home address" not in ann.data
    assert ann.data.startswith(b"\x89PNG")
    assert bo.data.startswith(b"\x89PNG")
    assert found.ignored == {}
    again = await folder.find(asking("ann.png"))
    assert again.pictures[0].data is ann.data


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("name", "why"),
    [("../secret.png", "out of the folder"), ("/etc/passwd.png", "out of the folder"),
     ("link.png", "out of the folder"), ("..\\secret.png", "out of the folder"),
     ("nobody.png", "no such file"), ("fake.png", "web page or SVG"), ("notes.txt", "no PNG"),
     ("a\x00.png", "out of the folder"), ("x" * 300 + ".png", "too long")],
)  # fmt: skip
async def test_a_text_reaches_nothing_but_the_pictures_in_the_folder(
    faces: Path, name: str, why: str
) -> None:
    """It is told, and costs no picture."""
    found = await ReferencePictures(str(faces), "here").find(asking(name))
    assert found.pictures == ()
    assert why in found.ignored["reference"]
    assert str(faces) not in found.ignored["reference"]


async def test_without_a_folder_nothing_is_sent(faces: Path) -> None:
    """And what is no folder is a mistake in the options."""
    found = await ReferencePictures("", "here").find(ANN)
    assert (found.pictures, list(found.ignored)) == ((), ["reference"])
    with pytest.raises(ConfigError, match="no folder"):
        A1111Backend("http://here", options=A1111Options(references=str(faces / "ann.png")))


async def test_a_changed_picture_is_another_picture(faces: Path) -> None:
    """The folder's content is part of a backend's identity."""
    backend = A1111Backend("http://here", options=A1111Options(references=str(faces)))
    before = backend.identity
    (faces / "bo.jpg").write_bytes(plain_picture(64, 32, kind="JPEG"))
    assert backend.identity != before
    await backend.aclose()


def size_of(text: str) -> tuple[int, int]:
    """The size of a picture in base64."""
    with Pillow.open(io.BytesIO(base64.b64decode(text.rpartition(",")[2]))) as picture:
        return picture.size


@pytest.mark.real_time
@pytest.mark.parametrize("flavour", [Flavour.A1111, Flavour.SDCPP, Flavour.KOBOLDCPP])
async def test_a1111_draws_after_it(faces: Path, flavour: Flavour) -> None:
    """By img2img, with how much may change; hires is for the other route."""
    options = A1111Options(references=str(faces), strength=0.4, hires=True)
    async with A1111Server(flavour=flavour) as server:
        async with A1111Backend(server.url, options=options) as backend:
            image = await backend.generate(ANN)
            await backend.generate(ImageRequest(prompt="a fox"))
    body = server.jobs[0].body
    assert server.jobs[0].request.path.endswith("/img2img")
    assert size_of(body["init_images"][0]) == (1024, 512)
    assert (body["denoising_strength"], body["enable_hr"]) == (0.4, False)
    assert image.info["references"] == ["ann.png"]
    assert server.jobs[1].request.path.endswith("/txt2img")


@pytest.mark.real_time
@pytest.mark.parametrize("flavour", [Flavour.A1111, Flavour.FORGE])
async def test_a1111_shows_them_by_controlnet_where_it_is_there(
    faces: Path, flavour: Flavour
) -> None:
    """Several at once, beside what a user adds; the server is asked once what it has."""
    options = A1111Options(
        references=str(faces), controlnet_weight=0.7,
        extra='{"alwayson_scripts": {"refiner": {"args": [1]}}}',
    )  # fmt: skip
    both = ImageRequest(prompt="Ann and Bo", attributes={"reference": "ann.png, bo.jpg"})
    async with A1111Server(flavour=flavour, controlnet=["none", "reference_only"]) as server:
        async with A1111Backend(server.url, options=options) as backend:
            image = await backend.generate(both)
            await backend.generate(ImageRequest(prompt="a fox"))
        assert len(server.asked("/controlnet/version")) == 1
    body = server.jobs[0].body
    assert server.jobs[0].request.path.endswith("/txt2img")
    units = body["alwayson_scripts"]["controlnet"]["args"]
    assert [unit["module"] for unit in units] == ["reference_only"] * 2
    assert (size_of(units[0]["image"]), units[0]["weight"]) == ((1024, 512), 0.7)
    assert body["alwayson_scripts"]["refiner"] == {"args": [1]}
    assert image.info["references"] == ["ann.png", "bo.jpg"]
    assert "controlnet" not in server.jobs[1].body["alwayson_scripts"]


@pytest.mark.real_time
async def test_a1111_without_the_part_of_controlnet_that_is_wanted(faces: Path) -> None:
    """By itself it draws after the first; told to use ControlNet only, it says what is missing."""
    wanted = {"references": str(faces), "controlnet": "ip-adapter-auto:ip_sd15"}
    async with A1111Server(controlnet=["reference_only"]) as server:
        async with A1111Backend.from_url(server.url, options=wanted) as backend:
            await backend.generate(ANN)
        only = {**wanted, "reference_by": "controlnet"}
        async with A1111Backend.from_url(server.url, options=only) as backend:
            image = await backend.generate(ANN)
    assert server.jobs[0].request.path.endswith("/img2img")
    assert server.jobs[1].request.path.endswith("/txt2img")
    ignored = image.info["ignored"]
    assert isinstance(ignored, dict)
    assert ignored["reference"] == "the server's ControlNet has no 'ip-adapter-auto'"


@pytest.mark.real_time
async def test_openai_edits_with_them(faces: Path) -> None:
    """As a form with files, previews included; a dialect that cannot is sent none."""
    request = ImageRequest(
        prompt="Ann and Bo", attributes={"reference": "ann.png, bo.jpg"}, progress=lambda *_: None
    )
    options = OpenAIOptions(dialect="gpt-image", references=str(faces))
    async with ImagesApiServer(dialect=Dialect.GPT_IMAGE) as server:
        async with OpenAIImages(server.url, options=options) as backend:
            image = await backend.generate(request)
    sent = server.jobs[0].request
    assert sent.path == "/v1/images/edits"
    assert sent.data.count(b'name="image[]"') == 2
    fields = form_fields(sent)
    assert (fields["prompt"], fields["stream"], fields["n"]) == ("Ann and Bo", "true", "1")
    assert image.info["references"] == ["ann.png", "bo.jpg"]
    options = OpenAIOptions(dialect="dall-e", references=str(faces))
    async with ImagesApiServer() as server:
        async with OpenAIImages(server.url, options=options) as backend:
            image = await backend.generate(ANN)
    assert b"image[]" not in server.jobs[0].request.data
    assert "references" not in image.info


@pytest.mark.real_time
async def test_a_chat_is_shown_them(faces: Path) -> None:
    """Beside the words."""
    options = ChatImageOptions(references=str(faces))
    async with ChatImageServer() as server:
        async with ChatImageBackend(server.url, options=options) as backend:
            image = await backend.generate(ANN)
    text, picture = server.jobs[0].body["messages"][0]["content"]
    assert "Ann by the sea" in text["text"]
    assert size_of(picture["image_url"]["url"]) == (1024, 512)
    assert image.info["references"] == ["ann.png"]


@pytest.mark.real_time
async def test_the_horde_is_given_a_source(faces: Path) -> None:
    """With how much may change."""
    options = HordeOptions(references=str(faces), strength=0.4)
    async with HordeServer() as server:
        async with HordeBackend(server.url, options=options, poll=0.01) as backend:
            image = await backend.generate(ANN)
    body = server.jobs[0].body
    assert size_of(body["source_image"]) == (1024, 512)
    assert body["source_processing"] == "img2img"
    assert body["params"]["denoising_strength"] == 0.4
    assert image.info["references"] == ["ann.png"]


@pytest.mark.real_time
async def test_a_described_service_has_a_mark_for_one(faces: Path) -> None:
    """Where its description has it; without a reference the field is not sent."""
    text = """
name = "Mine"
[draw]
path = "/jobs"
body = { prompt = "%prompt%", width = "%width%", height = "%height%", look = "%reference%" }
[poll]
path = "/jobs/%id%"
done = ["done"]
[picture]
at = ["images.0.url"]
"""
    options = DescribedOptions(references=str(faces))
    description = Description.parse(text, source="mine")
    async with ServiceServer() as server:
        async with DescribedBackend(
            description, server.url, options=options, every=0.01
        ) as backend:
            image = await backend.generate(ANN)
            await backend.generate(ImageRequest(prompt="a fox"))
    assert size_of(server.jobs[0].body["look"]) == (1024, 512)
    assert image.info["references"] == ["ann.png"]
    assert "look" not in server.jobs[1].body


@pytest.mark.real_time
async def test_a_described_service_may_have_a_mark_for_several(faces: Path) -> None:
    """As many as there are marks are sent, in a list as well; what is beyond is told."""
    text = """
name = "Mine"
[draw]
path = "/jobs"
[draw.body]
prompt = "%prompt%"
width = "%width%"
height = "%height%"
looks = ["%reference%", "%reference_2%"]
[poll]
path = "/jobs/%id%"
done = ["done"]
[picture]
at = ["images.0.url"]
"""
    three = "ann.png, bo.jpg, cy.png"
    (faces / "cy.png").write_bytes((faces / "ann.png").read_bytes())
    options = DescribedOptions(references=str(faces))
    description = Description.parse(text, source="mine")
    async with ServiceServer() as server:
        async with DescribedBackend(
            description, server.url, options=options, every=0.01
        ) as backend:
            await backend.generate(ImageRequest(prompt="Ann", attributes={"reference": "ann.png"}))
            image = await backend.generate(
                ImageRequest(prompt="both", attributes={"reference": three})
            )
    assert len(server.jobs[0].body["looks"]) == 1
    assert len(server.jobs[1].body["looks"]) == 2
    assert image.info["references"] == ["ann.png", "bo.jpg"]
    ignored = image.info["ignored"]
    assert isinstance(ignored, dict)
    assert ignored["reference"] == "'cy.png': only 2 can be shown"


def test_ready_services_show_as_many_pictures_as_the_services_take() -> None:
    """Gemini and Black Forest Labs four; a service without a mark none."""
    places = {
        name: Description.read(name).reference_places
        for name in ("gemini", "bfl", "fal", "stability")
    }
    assert places == {"gemini": 4, "bfl": 4, "fal": 1, "stability": 0}


@pytest.mark.real_time
async def test_novelai_looks_at_one_on_a_canvas_of_its_own(faces: Path) -> None:
    """For models of 4.5; how faithful is sent turned round."""
    options = NovelAIOptions(references=str(faces), reference_fidelity=0.75)
    async with NovelAIServer(key="pst-1") as server:
        async with NovelAIBackend(server.url, key=server.key, options=options) as backend:
            image = await backend.generate(ANN)
        old = NovelAIOptions(references=str(faces), model="nai-diffusion-5-full")
        async with NovelAIBackend(server.url, key=server.key, options=old) as backend:
            without = await backend.generate(ANN)
    sent = server.jobs[0].body["parameters"]
    assert size_of(sent["director_reference_images"][0]) == (1536, 1024)
    assert sent["director_reference_secondary_strength_values"] == [0.25]
    assert image.info["references"] == ["ann.png"]
    assert "director_reference_images" not in server.jobs[1].body["parameters"]
    assert "references" not in without.info


@pytest.mark.real_time
async def test_novelai_takes_the_mood_of_several(faces: Path) -> None:
    """Each picture is paid for once; early models look at the pictures themselves."""
    both = ImageRequest(prompt="Ann and Bo", attributes={"reference": "ann.png, bo.jpg"})
    options = NovelAIOptions(references=str(faces), reference_by="vibe", vibe_strength=0.4)
    early = NovelAIOptions(references=str(faces), model="nai-diffusion-3")
    async with NovelAIServer(key="pst-1") as server:
        async with NovelAIBackend(server.url, key=server.key, options=options) as backend:
            image = await backend.generate(both)
            await backend.generate(both)
        async with NovelAIBackend(server.url, key=server.key, options=early) as backend:
            await backend.generate(ANN)
    assert [size_of(vibe["image"]) for vibe in server.vibes] == [(1024, 512), (32, 32)]
    first, second, third = (job.body["parameters"] for job in server.jobs)
    vibes = [base64.b64encode(made).decode() for made in (b"vibe 1", b"vibe 2")]
    assert first["reference_image_multiple"] == vibes
    assert second["reference_image_multiple"] == vibes
    assert first["reference_strength_multiple"] == [0.4, 0.4]
    assert "director_reference_images" not in first
    assert image.info["references"] == ["ann.png", "bo.jpg"]
    assert size_of(third["reference_image_multiple"][0]) == (1024, 512)
    assert third["reference_information_extracted_multiple"] == [1.0]


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """A node."""
    return {"class_type": kind, "inputs": inputs}


@pytest.mark.real_time
async def test_comfyui_loads_it_where_the_workflow_has_the_mark(faces: Path) -> None:
    """Uploaded once, under a name of its content; a workflow that wants one says so."""
    workflow = Workflow.parse(json.dumps({
        "1": node("LoadImage", image="%reference%"),
        "2": node("ImageAddNoise", image=["1", 0], seed="%seed%", strength=0.3),
        "3": node("SaveImage", images=["2", 0], filename_prefix="x"),
        "4": node("PreviewAny", source="%prompt%"),
    }))  # fmt: skip
    options = ComfyUIOptions(references=str(faces))
    async with ComfyUIServer() as server:
        async with ComfyUIBackend(server.url, workflow=workflow, options=options) as backend:
            image = await backend.generate(ANN)
            await backend.generate(ANN)
            with pytest.raises(BackendRejected, match="the tag names none"):
                await backend.generate(ImageRequest(prompt="a fox"))
    (name,) = server.uploads
    assert name.startswith("limner_")
    assert server.jobs[0].body["prompt"]["1"]["inputs"]["image"] == name
    assert len(server.asked("/upload/image")) == 1
    assert image.info["references"] == ["ann.png"]


@pytest.mark.real_time
async def test_comfyui_without_a_workflow_draws_after_one(faces: Path) -> None:
    """The workflow for that loads it, cuts it to size and changes it in part."""
    options = ComfyUIOptions(references=str(faces), strength=0.4, model="dreamshaper_8")
    async with ComfyUIServer() as server:
        async with ComfyUIBackend(server.url, options=options) as backend:
            image = await backend.generate(ANN)
            await backend.generate(ImageRequest(prompt="a fox"))
    sent, plain = (job.body["prompt"] for job in server.jobs)
    kinds = {node["class_type"]: node["inputs"] for node in sent.values()}
    assert kinds["LoadImage"]["image"] in server.uploads
    assert (kinds["ImageScale"]["width"], kinds["ImageScale"]["height"]) == (768, 512)
    assert kinds["KSampler"]["denoise"] == 0.4
    assert image.info["references"] == ["ann.png"]
    assert "LoadImage" not in {node["class_type"] for node in plain.values()}


@pytest.mark.real_time
async def test_comfyui_has_a_workflow_beside_for_pictures_after_others(
    faces: Path, tmp_path: Path
) -> None:
    """With a mark for each; where a tag names fewer, the last one stands for the rest."""
    edit = {
        "1": node("LoadImage", image="%reference%"),
        "2": node("LoadImage", image="%reference_2%"),
        "3": node("ImageAddNoise", image=["1", 0], seed="%seed%", strength=0.3),
        "4": node("SaveImage", images=["3", 0], filename_prefix="x"),
        "5": node("PreviewImage", images=["2", 0]),
        "6": node("PreviewAny", source="%prompt%"),
    }
    (tmp_path / "edit.json").write_text(json.dumps(edit))
    told = {"references": str(faces), "reference_workflow": str(tmp_path / "edit.json")}
    both = ImageRequest(prompt="Ann and Bo", attributes={"reference": "ann.png, bo.jpg"})
    async with ComfyUIServer() as server:
        async with ComfyUIBackend.from_url(server.url, options=told) as backend:
            assert backend.identity != ComfyUIBackend.from_url(server.url, options={}).identity
            image = await backend.generate(both)
            await backend.generate(ANN)
            await backend.generate(ImageRequest(prompt="a fox"))
    first, second, plain = (job.body["prompt"] for job in server.jobs)
    assert first["1"]["inputs"]["image"] != first["2"]["inputs"]["image"]
    assert second["1"]["inputs"]["image"] == second["2"]["inputs"]["image"]
    assert image.info["references"] == ["ann.png", "bo.jpg"]
    assert plain["1"]["class_type"] == "CheckpointLoaderSimple"


async def test_a_character_brings_its_pictures_and_a_backend_without_a_place_says_so() -> None:
    """Behind those that the tag itself names."""
    backend = ScriptedBackend()
    ann = Character(name="Ann", prompt="red coat", reference="ann.png")
    look = Look(characters=[ann])
    async with Illustrator(backend=backend, look=look) as illustrator:
        result = await illustrator.illustrate(
            '<!--img-prompt="Ann at sea" reference="sea.png"--><!--img-prompt="a fox"-->'
        )
    asked = [call.request.attributes.get("reference") for call in backend.calls]
    assert sorted(asked, key=str) == [None, "sea.png, ann.png"]
    told = [slot.image.info.get("ignored") for slot in result.slots if slot.image is not None]
    assert told == [{"reference": "what draws has no place for reference pictures"}, None]
