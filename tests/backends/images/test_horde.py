"""The AI Horde, against a fake of it."""

import asyncio
from functools import partial
from typing import Any

import pytest

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.horde.backend import HordeBackend
from limner.backends.images.horde.options import HordeOptions
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
    ConfigError,
    ContentRefused,
)
from limner.illustration import ImageRequest, make_backend
from limner.testing.backend_contract import CHECKS, BackendCase, Check
from limner.testing.horde_server import HordeServer
from limner.testing.picture_fault import Body, Rejected
from limner.testing.picture_server import FakePictureServer

FOX = ImageRequest(prompt="a fox", negative_prompt="blur", width=768, height=512, seed=7)


def connect(server: FakePictureServer, timeouts: Timeouts, *, r2: bool = True) -> HordeBackend:
    """A backend for a fake that runs."""
    return HordeBackend(
        server.url, key=server.key, timeouts=timeouts, poll=0.01, options=HordeOptions(r2=r2)
    )


BY_URL = BackendCase(serve=HordeServer, connect=connect)
INLINE = BackendCase(serve=HordeServer, connect=partial(connect, r2=False))


@pytest.mark.real_time
@pytest.mark.parametrize("case", [BY_URL, INLINE], ids=["by URL", "as base64"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract(check: Check, case: BackendCase) -> None:
    """Everything that every backend must do."""
    await check(case)


@pytest.mark.real_time
async def test_the_horde_is_asked_as_it_wants_to_be() -> None:
    """Who we are is told; the picture is asked for once, and its status once, after it is done."""
    gate = asyncio.Event()
    async with HordeServer(gate=gate) as server, connect(server, Timeouts()) as backend:
        drawing = asyncio.create_task(backend.generate(FOX))
        await server.until(lambda: len(server.asked("/check/")) >= 3)
        assert server.asked("/status/request") == []
        gate.set()
        image = await drawing
    submit = server.asked("/generate/async")
    assert len(submit) == len(server.asked("/status/request")) == 1
    assert submit[0].headers["client-agent"].startswith("limner:")
    assert submit[0].headers["apikey"] == "0000000000"
    assert submit[0].body["prompt"] == "a fox ### blur"
    assert image.seed == 7
    assert image.info == {
        "backend": "horde",
        "model": "Deliberate",
        "worker": "a friendly worker",
        "kudos": 12.0,
        "cost": "12 kudos",
        "warnings": ["Be kind.", "No available workers can fulfill this request."],
        "queue_position": 2,
        "steps": 30,
        "place": backend.place,
    }


@pytest.mark.real_time
async def test_sizes_are_multiples_of_64_and_told() -> None:
    """The nearest size is drawn; what was asked for is told."""
    request = ImageRequest(prompt="a fox", width=770, height=500)
    async with HordeServer() as server, connect(server, Timeouts()) as backend:
        image = await backend.generate(request)
    assert (image.width, image.height) == (768, 512)
    assert image.info["asked_for"] == "770x500"


@pytest.mark.real_time
async def test_a_tag_sets_what_is_open_to_it() -> None:
    """Steps go through, the price of others' kudos does not."""
    attributes = {"steps": "12", "cfg": "lots", "nsfw": "true"}
    request = ImageRequest(prompt="a fox", attributes=attributes)
    async with HordeServer() as server, connect(server, Timeouts()) as backend:
        image = await backend.generate(request)
    assert server.jobs[0].body["params"]["steps"] == 12
    assert server.jobs[0].body["nsfw"] is False
    ignored = image.info["ignored"]
    assert isinstance(ignored, dict)
    assert set(ignored) == {"cfg", "nsfw"}


@pytest.mark.real_time
async def test_progress_follows_the_wait() -> None:
    """The fraction grows with the time that passed and the time it will take, up to 1."""
    seen: list[float] = []
    gate = asyncio.Event()
    request = ImageRequest(prompt="a fox", progress=lambda fraction, _: seen.append(fraction))
    async with HordeServer(gate=gate, wait=0.1) as server, connect(server, Timeouts()) as backend:
        drawing = asyncio.create_task(backend.generate(request))
        await server.until(lambda: len(server.asked("/check/")) >= 3)
        gate.set()
        await drawing
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[-1] == 1.0


@pytest.mark.real_time
async def test_a_cancelled_picture_is_taken_back() -> None:
    """The Horde is told by name; asked twice, nothing worse happens."""
    async with HordeServer(gate=asyncio.Event()) as server, connect(server, Timeouts()) as backend:
        drawing = asyncio.create_task(backend.generate(FOX))
        await server.until(lambda: bool(server.asked("/check/")))
        drawing.cancel()
        await server.until(lambda: any(asked.method == "DELETE" for asked in server.requests))
        drawing.cancel()
        await asyncio.wait([drawing])
        await backend.aclose()
    assert drawing.cancelled()
    assert server.withdrawn == ["request-0"]


@pytest.mark.real_time
async def test_one_cancelled_while_it_is_handed_in_is_taken_back() -> None:
    """Its name is not known yet: it is awaited, then taken back."""
    async with HordeServer(gate=asyncio.Event()) as server, connect(server, Timeouts()) as backend:
        drawing = asyncio.create_task(backend.generate(FOX))
        await server.until(lambda: bool(server.requests))
        drawing.cancel()
        await asyncio.wait([drawing])
        assert drawing.cancelled()
        assert server.withdrawn == ["request-0"]
        assert server.asked("/check/") == []


@pytest.mark.real_time
async def test_one_that_takes_too_long_is_taken_back() -> None:
    """The whole bound is for the whole picture, and what to do is told."""
    async with HordeServer(gate=asyncio.Event()) as server:
        async with connect(server, Timeouts(total=0.3)) as backend:
            with pytest.raises(BackendTimeout, match=r"within 0\.3 s; with a key"):
                await backend.generate(FOX)
        assert server.withdrawn == ["request-0"]


@pytest.mark.real_time
async def test_looks_that_fail_do_not_end_the_drawing() -> None:
    """A Horde that is busy or down for a moment is asked again."""
    async with HordeServer(shut=(429, 502, 0, 503)) as server:
        async with connect(server, Timeouts()) as backend:
            assert (await backend.generate(FOX)).data
            assert len(server.asked("/check/")) == 3


@pytest.mark.real_time
async def test_a_horde_that_stays_away_ends_it() -> None:
    """After five failed looks the picture is given up and taken back."""
    async with HordeServer(shut=(502,) * 9) as server, connect(server, Timeouts()) as backend:
        with pytest.raises(BackendUnavailable, match="502"):
            await backend.generate(FOX)
        assert server.withdrawn == ["request-0"]


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("habits", "kind", "said"),
    [
        ({"censored": True}, ContentRefused, "censored the picture"),
        ({"faulted": True}, BackendUnavailable, "went wrong"),
        ({"possible": False}, BackendRejected, "no worker that can draw this .*trusted_workers"),
        ({"shut": (404,)}, BackendRejected, "has dropped the request"),
        ({"picture_url": "http://169.254.169.254/latest"}, BadPicture, "not allowed"),
        ({"picture_url": "https://r2.cloudflarestorage.com.evil.org/a"}, BadPicture, "not allowed"),
        ({"picture_url": "file:///etc/passwd"}, BadPicture, "base64"),
    ],
)  # fmt: skip
async def test_what_cannot_be_drawn_says_why(
    habits: dict[str, Any], kind: type[BackendError], said: str
) -> None:
    """Censored, failed, impossible, forgotten, or named by a URL that is not fetched."""
    options = HordeOptions(trusted_workers=True)
    async with HordeServer(**habits) as server:
        async with HordeBackend(server.url, options=options, poll=0.01) as backend:
            with pytest.raises(kind, match=said):
                await backend.generate(FOX)


BODIES: list[tuple[int, str, str, type[BackendError], str]] = [
    (400, "InvalidSize", "multiples of 64", BackendRejected, "multiples of 64"),
    (400, "CorruptPrompt", "It violates.", ContentRefused, "It violates."),
    (400, "UnsupportedModel", "not in this mode", BackendRejected, "list the models"),
    (401, "InvalidAPIKey", "No user matching.", BackendRejected, "LIMNER_HORDE_KEY"),
    (403, "KudosUpfront", "needs 20 kudos", BackendRejected, "allow_downgrade=true"),
    (403, "TimeoutIP", "timeout for 30 more seconds", BackendRejected, "shut this address out"),
    (404, "Odd", "not there", BackendRejected, "is the address right"),
    (429, "TooManyPrompts", "Parallel requests exceeded.", BackendBusy, "fewer pictures"),
    (503, "MaintenanceMode", "maintenance", BackendBusy, "maintenance"),
    (500, "Odd", "oops", BackendUnavailable, "oops"),
]


@pytest.mark.real_time
@pytest.mark.parametrize("body", BODIES, ids=lambda body: f"{body[0]} {body[1]}")
async def test_every_error_body_says_what_to_do(
    body: tuple[int, str, str, type[BackendError], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Horde's words, its code, and what a person can do."""
    status, code, message, kind, said = body
    async with HordeServer([Rejected(status, message)]) as server:
        original = server.error

        def error(status: int, message: str, **headers: str) -> object:
            response = original(status, message, **headers)
            response.text = f'{{"message": "{message}", "rc": "{code}"}}'  # type: ignore[attr-defined]
            return response

        monkeypatch.setattr(server, "error", error)
        async with connect(server, Timeouts()) as backend:
            with pytest.raises(kind) as caught:
                await backend.generate(FOX)
    assert said in str(caught.value)
    assert message in str(caught.value)
    assert caught.value.status == status


@pytest.mark.real_time
@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"generations": 3}', b"null", b"{"])
async def test_an_odd_status_is_a_typed_error(body: bytes) -> None:
    """Whatever comes in the place of pictures."""
    async with HordeServer([Body(body)]) as server, connect(server, Timeouts()) as backend:
        with pytest.raises(BackendError):
            await backend.generate(FOX)


@pytest.mark.real_time
async def test_the_horde_tells_models_and_kudos() -> None:
    """Models by their number of workers; what the key is worth; a model nobody has."""
    options = HordeOptions(models=("Deliberate", "Nothing"))
    async with HordeServer(key="my-key-123") as server:
        async with HordeBackend(server.url, key="my-key-123", options=options) as backend:
            facts = await backend.check()
        async with HordeBackend(server.url, key="wrong-key") as backend:
            with pytest.raises(BackendRejected, match="LIMNER_HORDE_KEY"):
                await backend.check()
    assert facts.models[0].name == "AlbedoBase XL (SDXL)"
    assert facts.version == "4.46.0"
    assert list(facts.notes) == ["kudos: 1234", "no worker offers 'Nothing'"]


def test_the_address_is_read_as_people_write_it() -> None:
    """The public Horde needs none; an API path is dropped; options are checked."""
    for written, shown in (
        ("horde", "https://aihorde.net"),
        ("horde?models=Deliberate,Other&nsfw=true", "https://aihorde.net"),
        ("horde+http://localhost:7001/api/v2/", "http://localhost:7001"),
    ):
        assert repr(make_backend(written)) == f"HordeBackend({shown!r})"
    with pytest.raises(ConfigError, match="no option 'model'; did you mean 'models'"):
        make_backend("horde?model=x")
