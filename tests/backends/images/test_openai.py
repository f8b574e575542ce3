"""The Images API and its dialects, against a fake of each."""

import base64
from functools import partial

import pytest

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.openai.backend import OpenAIImages
from limner.backends.images.openai.dialect import Dialect, known_dialect
from limner.backends.images.openai.options import OpenAIOptions
from limner.backends.images.openai.wire import fitted, payload, read_answer
from limner.errors import BackendError, BackendUnavailable, BadPicture, ConfigError, ContentRefused
from limner.illustration import ImageRequest, make_backend
from limner.testing.backend_contract import CHECKS, BackendCase, Check
from limner.testing.images_api_server import ImagesApiServer
from limner.testing.picture_fault import Body, Refused
from limner.testing.picture_server import FakePictureServer, plain_picture

FOX = ImageRequest(prompt="a fox", negative_prompt="blur", width=768, height=512, seed=7)


def connect(
    server: FakePictureServer, timeouts: Timeouts, dialect: str = "localai"
) -> OpenAIImages:
    """A backend for a fake that runs."""
    options = OpenAIOptions(dialect=dialect)  # type: ignore[arg-type]
    return OpenAIImages(server.url, key=server.key, timeouts=timeouts, options=options)


SEEDED = BackendCase(serve=partial(ImagesApiServer, dialect=Dialect.LOCALAI), connect=connect)
GPT = BackendCase(
    serve=partial(ImagesApiServer, dialect=Dialect.GPT_IMAGE),
    connect=partial(connect, dialect="gpt-image"),
    sizes=False,
    seeds=False,
)


@pytest.mark.real_time
@pytest.mark.parametrize("case", [SEEDED, GPT], ids=["localai", "gpt-image"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract(check: Check, case: BackendCase) -> None:
    """Everything that every backend must do, as base64."""
    await check(case)


@pytest.mark.real_time
@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("as_url", [False, True])
async def test_every_dialect_draws(dialect: Dialect, as_url: bool) -> None:
    """As base64 or by a URL on the server itself; the size told is the size it has."""
    async with ImagesApiServer(dialect=dialect, as_url=as_url) as server:
        async with connect(server, Timeouts(), dialect.value) as backend:
            image = await backend.generate(FOX)
            assert (await backend.check()).kind == f"Images API ({dialect.value})"
    assert image.media_type == "image/png"
    assert image.info["backend"] == "openai"
    if (image.width, image.height) != (768, 512):
        assert image.info["asked_for"] == "768x512"


@pytest.mark.real_time
async def test_partial_images_are_previews() -> None:
    """GPT image models stream; the previews come with a fraction, the last event is the picture."""
    seen: list[tuple[float, bytes | None]] = []
    request = ImageRequest(prompt="a fox", progress=lambda *told: seen.append(told))
    async with ImagesApiServer(dialect=Dialect.GPT_IMAGE) as server:
        async with connect(server, Timeouts(), "gpt-image") as backend:
            image = await backend.generate(request)
        assert server.jobs[0].body["partial_images"] == 2
    assert [round(fraction, 2) for fraction, _ in seen] == [0.33, 0.67]
    assert all(preview and preview.startswith(b"\x89PNG") for _, preview in seen)
    assert (image.width, image.height) == (1536, 1024)


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'data: {"type":"error","error":{"message":"no","code":"moderation_blocked"}}\n\n',
         ContentRefused),
        (b'data: {"error":{"message":"oops"}}\n\n', BackendError),
        (b"data: [DONE]\n\n", BackendError),
        (b": nothing\n", BackendError),
    ],
)  # fmt: skip
async def test_a_stream_that_ends_badly_is_told(body: bytes, kind: type[BackendError]) -> None:
    """An error inside a stream that began well, or no picture at its end."""
    request = ImageRequest(prompt="a fox", progress=lambda *_: None)
    async with ImagesApiServer([Body(body, "text/event-stream")]) as server:
        async with connect(server, Timeouts(), "gpt-image") as backend:
            with pytest.raises(kind):
                await backend.generate(request)


@pytest.mark.real_time
@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://127.0.0.1:22/",
     "http://[::1]/", "gopher://x/", "//10.0.0.1/x.png", "http://localhost/"],
)  # fmt: skip
async def test_a_url_into_a_private_network_is_not_fetched(url: str) -> None:
    """What a server names is fetched from itself or from allowed public hosts, nothing else."""
    async with ImagesApiServer(as_url=True, picture_url=url) as server:
        options = OpenAIOptions(hosts=("*",))
        async with OpenAIImages(server.url, options=options) as backend:
            with pytest.raises(BadPicture):
                await backend.generate(FOX)


@pytest.mark.real_time
async def test_a_data_uri_is_read() -> None:
    """text-generation-webui gives its pictures so."""
    picture = base64.b64encode(plain_picture(32, 16)).decode()
    inline = f"data:image/png;base64,{picture}"
    async with ImagesApiServer(as_url=True, picture_url=inline) as server:
        async with connect(server, Timeouts()) as backend:
            image = await backend.generate(FOX)
    assert (image.width, image.height) == (32, 16)


@pytest.mark.real_time
async def test_moderation_is_no_fault_of_the_key() -> None:
    """A refusal by the content filter says so, with the server's words."""
    async with ImagesApiServer([Refused()]) as server:
        async with connect(server, Timeouts()) as backend:
            with pytest.raises(ContentRefused, match="safety system"):
                await backend.generate(FOX)


def test_each_dialect_has_its_own_fields() -> None:
    """What a server does not take is not sent; what it takes is where it looks for it."""
    options = OpenAIOptions(steps=9, cfg=3.0)
    bodies = {dialect: payload(FOX, options, dialect) for dialect in Dialect}
    assert "response_format" not in bodies[Dialect.GPT_IMAGE]
    assert bodies[Dialect.DALL_E]["response_format"] == "b64_json"
    assert bodies[Dialect.LOCALAI]["prompt"] == "a fox|blur"
    assert bodies[Dialect.TOGETHER]["negative_prompt"] == "blur"
    assert (bodies[Dialect.TOGETHER]["width"], bodies[Dialect.TOGETHER]["seed"]) == (768, 7)
    assert '"sample_steps": 9' in bodies[Dialect.SD_SERVER]["prompt"]
    assert bodies[Dialect.TEXTGEN]["image_seed"] == 7


@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [
        ("gpt-image-1-mini", (512, 768), (1024, 1536)),
        ("gpt-image-1.5", (512, 512), (1024, 1024)),
        ("gpt-image-2", (2048, 64), (2048, 688)),
        ("gpt-image-2.5-flare", (100, 100), (96, 96)),
    ],
)
def test_sizes_are_those_the_model_draws(
    model: str, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """The nearest shape of three, or any multiple of 16 that is not too long."""
    request = ImageRequest(prompt="x", width=size[0], height=size[1])
    assert fitted(request, model, Dialect.GPT_IMAGE) == expected


def test_the_address_is_read_as_people_write_it() -> None:
    """A bare host gets /v1; OpenAI needs no address."""
    for written, shown in (
        ("openai", "https://api.openai.com/v1"),
        ("openai+http://localhost:8080", "http://localhost:8080/v1"),
        ("openai+http://localhost:8080/v1/", "http://localhost:8080/v1"),
        ("openai+http://localhost:8080/api/v3", "http://localhost:8080/api/v3"),
    ):
        assert repr(make_backend(written)) == f"OpenAIImages({shown!r})"


@pytest.mark.parametrize("answer", [None, [], {}, {"data": 3}, {"data": [3]}, {"data": [{}]}])
def test_an_answer_without_a_picture_is_none(answer: object) -> None:
    """Whatever comes, reading it cannot fail."""
    assert read_answer(answer) is None


@pytest.mark.real_time
async def test_a_server_that_takes_no_size_is_sent_none() -> None:
    """What is added is sent as it is, and a picture under another name is found."""
    options = OpenAIOptions(size="none", extra='{"aspect_ratio": "3:2"}')
    async with ImagesApiServer(strict=True, as_url=True) as server:
        async with OpenAIImages(server.url, options=options) as backend:
            await backend.generate(FOX)
        assert "size" not in server.jobs[0].body
        assert server.jobs[0].body["aspect_ratio"] == "3:2"
        async with OpenAIImages(server.url) as backend:
            with pytest.raises(BackendError, match="not supported: size"):
                await backend.generate(FOX)


@pytest.mark.parametrize("extra", ["[1]", "{", "7", "[" * 100_000])
def test_what_is_added_must_be_an_object(extra: str) -> None:
    """Told when the backend is made."""
    with pytest.raises(ConfigError, match="extra"):
        OpenAIImages("http://here/v1", options=OpenAIOptions(extra=extra))


def test_a_fixed_size_goes_before_the_pictures_own() -> None:
    """For a server that draws in one size only."""
    options = OpenAIOptions(size="512x512")
    assert payload(FOX, options, Dialect.DALL_E)["size"] == "512x512"


def test_the_shape_stands_in_the_place_of_a_size_where_a_service_wants_it_so() -> None:
    """xAI's: a size would be refused."""
    body = payload(FOX, OpenAIOptions(model="grok-imagine-image"), Dialect.XAI)
    assert (body["aspect_ratio"], "size" in body) == ("3:2", False)


@pytest.mark.parametrize(
    "address", ["http://here:8080/v1", "http://here:1234/v1", "http://gpt-image-2.example/v1"]
)
def test_no_dialect_is_guessed_from_a_port_or_a_name(address: str) -> None:
    """llama.cpp sits at LocalAI's port; only a service's own host says whose it is."""
    assert known_dialect(address, "") is None


@pytest.mark.real_time
@pytest.mark.parametrize(
    "dialect", [Dialect.LOCALAI, Dialect.SD_SERVER, Dialect.KOBOLDCPP, Dialect.TEXTGEN,
                Dialect.DALL_E]
)  # fmt: skip
async def test_a_server_is_asked_whose_habits_it_has(dialect: Dialect) -> None:
    """Once; the routes it has beside the API tell, whatever its port and its models are."""
    async with ImagesApiServer(dialect=dialect, key="sk-123456") as server:
        async with OpenAIImages(server.url, key=server.key) as backend:
            assert await backend.dialect() is dialect
            await backend.generate(FOX)
            asked = len(server.requests)
            await backend.generate(FOX)
    assert len(server.requests) == asked + 1


@pytest.mark.real_time
async def test_a_server_that_is_not_there_has_no_dialect() -> None:
    """It is waited for like any other, and asked again then."""
    async with ImagesApiServer() as server:
        address = server.url
    async with OpenAIImages(address) as backend:
        with pytest.raises(BackendUnavailable):
            await backend.generate(FOX)


def test_sd_server_takes_guidance_as_an_object() -> None:
    """A number there is no guidance to it; and it is asked for PNG in any case."""
    body = payload(FOX, OpenAIOptions(cfg=3.0), Dialect.SD_SERVER)
    assert '{"sample_params": {"guidance": {"txt_cfg": 3.0}}' in body["prompt"]
    plain = payload(ImageRequest(prompt="a fox"), OpenAIOptions(), Dialect.SD_SERVER)
    assert (plain["prompt"], plain["output_format"]) == ("a fox", "png")


@pytest.mark.real_time
async def test_what_a_dialect_has_no_place_for_is_told() -> None:
    """Neither sent nor silently forgotten."""
    options = OpenAIOptions(dialect="gpt-image", steps=9, style="vivid", quality="low")
    async with ImagesApiServer(dialect=Dialect.GPT_IMAGE) as server:
        async with OpenAIImages(server.url, options=options) as backend:
            image = await backend.generate(FOX)
    ignored = image.info["ignored"]
    assert isinstance(ignored, dict)
    assert sorted(ignored) == ["negative_prompt", "steps", "style"]
    assert not {"steps", "style"} & server.jobs[0].body.keys()
    assert server.jobs[0].body["quality"] == "low"
