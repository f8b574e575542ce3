"""Pollinations, against a fake of both its hosts."""

import asyncio
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.pollinations.backend import PollinationsBackend
from limner.backends.images.pollinations.options import PollinationsOptions
from limner.backends.images.pollinations.wire import (
    LONGEST_NEGATIVE,
    LONGEST_PROMPT,
    query,
    read_models,
    segment,
)
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendUnavailable,
    ContentRefused,
)
from limner.illustration import ImageRequest, make_backend
from limner.testing.backend_contract import CHECKS, BackendCase, Check
from limner.testing.picture_fault import Busy, Refused, Rejected
from limner.testing.picture_server import FakePictureServer
from limner.testing.pollinations_server import PollinationsServer

FOX = ImageRequest(prompt="a fox", negative_prompt="blur", width=768, height=512, seed=7)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


def connect(server: FakePictureServer, timeouts: Timeouts) -> PollinationsBackend:
    """A backend for a fake that runs; with a key it speaks as to the gateway."""
    return PollinationsBackend(server.url, key=server.key, timeouts=timeouts)


GATEWAY = BackendCase(serve=PollinationsServer, connect=connect)
OPEN = BackendCase(serve=PollinationsServer, connect=connect, key=None)


@pytest.mark.real_time
@pytest.mark.parametrize("case", [GATEWAY, OPEN], ids=["gateway", "open"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_keeps_the_contract(check: Check, case: BackendCase) -> None:
    """Everything that every backend must do."""
    await check(case)


@pytest.mark.real_time
async def test_every_option_reaches_the_wire() -> None:
    """At the open host all of them; the gateway gets what it knows, and the key in a header."""
    options = PollinationsOptions(
        model="turbo", negative_prompt="text", enhance=True, safe=True, referrer="me"
    )
    async with PollinationsServer() as server:
        async with PollinationsBackend(server.url, options=options) as backend:
            image = await backend.generate(FOX)
        gateway = PollinationsBackend(server.url, key="sk_secret_1", options=options)
        async with gateway:
            await gateway.generate(FOX)
    first, second = (urlsplit(asked.path) for asked in server.requests)
    common = {
        "model": ["turbo"], "width": ["768"], "height": ["512"], "seed": ["7"],
        "negative_prompt": ["blur, text"], "enhance": ["true"], "safe": ["true"],
    }  # fmt: skip
    open_only = {"nologo": ["true"], "nofeed": ["true"], "referrer": ["me"]}
    assert first.path == "/prompt/a%20fox"
    assert parse_qs(first.query) == common | open_only
    assert second.path == "/image/a%20fox"
    assert parse_qs(second.query) == common
    assert server.requests[1].headers["authorization"] == "Bearer sk_secret_1"
    assert "authorization" not in server.requests[0].headers
    assert image.info == {
        "backend": "pollinations", "model": "turbo", "place": backend.place,
    }  # fmt: skip


@pytest.mark.real_time
@pytest.mark.parametrize(
    "prompt",
    ["..", ".", "a/../b", "what? #1 & 50%", "a%2Fb", "\\..\\", "ünïcödé 🦊", "a\nb\x00c", "//evil"],
)
async def test_a_prompt_is_one_segment_whatever_it_holds(prompt: str) -> None:
    """It arrives whole as what it is, and leads nowhere else."""
    async with PollinationsServer() as server, connect(server, Timeouts()) as backend:
        await backend.generate(ImageRequest(prompt=prompt))
        path = server.requests[0].path.partition("?")[0]
    assert path.startswith("/prompt/")
    assert path.count("/") == 2
    plain = " ".join(prompt.replace("\x00", " ").split())
    assert unquote(path.removeprefix("/prompt/")).strip() == plain


@pytest.mark.parametrize("dots", [".", "..", " .. ", "....", "\x00"])
def test_dots_alone_lead_nowhere(dots: str) -> None:
    """A segment of dots, or an empty one, would be taken for a step in the path."""
    assert segment(dots).encoded == dots.strip(" \x00") + "%20"


@settings(deadline=None)
@given(TEXT)
def test_any_text_makes_a_segment_that_means_itself(text: str) -> None:
    """Decoded it is the text with its blanks tidied; encoded nothing in it means anything."""
    made = segment(text)
    assert not set(made.encoded) & set("/?#\\ \n&")
    assert made.encoded not in (".", "..")
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    assert unquote(made.encoded).strip() == plain


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(20, 200))
def test_a_long_text_is_cut_at_a_character(text: str, longest: int) -> None:
    """What is kept fits, is the beginning of the text, and whole says whether it is all."""
    made = segment(text, longest=longest)
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    kept = unquote(made.encoded).strip()
    assert "�" not in kept or "�" in plain
    assert len(made.encoded) <= longest + 3
    assert plain.startswith(kept)
    assert made.whole == (kept == plain)


@pytest.mark.real_time
async def test_a_long_prompt_is_cut_and_told() -> None:
    """The address stays short enough for what is on the way."""
    request = ImageRequest(prompt="föx " * 4000, negative_prompt="blür " * 4000)
    async with PollinationsServer() as server, connect(server, Timeouts()) as backend:
        image = await backend.generate(request)
    assert len(server.requests[0].path) < LONGEST_PROMPT + LONGEST_NEGATIVE + 300
    assert "too long" in str(image.info["shortened"])


def test_half_a_character_is_no_prompt() -> None:
    """It is refused before anything is sent."""
    with pytest.raises(BackendRejected, match="half a character"):
        segment("a \udcff fox")


@pytest.mark.real_time
async def test_cancelling_closes_the_connection() -> None:
    """That is all the service offers."""
    async with PollinationsServer(gate=asyncio.Event()) as server:
        async with connect(server, Timeouts()) as backend:
            drawing = asyncio.create_task(backend.generate(FOX))
            job = await server.job()
            drawing.cancel()
            await job.gone.wait()
            await asyncio.wait([drawing])
    assert drawing.cancelled()


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (Rejected(400, "bad width"), BackendRejected, "bad width"),
        (Rejected(401, "no key"), BackendRejected, "LIMNER_POLLINATIONS_KEY"),
        (Rejected(402, "no pollen"), BackendRejected, "enter.pollinations.ai"),
        (Rejected(403, "not allowed"), BackendRejected, "LIMNER_POLLINATIONS_KEY"),
        (Rejected(404, "nothing"), BackendRejected, "gen.pollinations.ai with"),
        (Rejected(400, "Content moderation said no"), ContentRefused, "moderation"),
        (Rejected(500, "a worker died"), BackendUnavailable, "a worker died"),
        (Busy(5.0), BackendBusy, "one picture at a time"),
        (Refused(), ContentRefused, "NSFW"),
    ],
)
async def test_every_error_says_what_to_do(
    fault: Rejected | Busy | Refused, kind: type[BackendError], said: str
) -> None:
    """The service's words, and what a person can do."""
    async with PollinationsServer([fault]) as server, connect(server, Timeouts()) as backend:
        with pytest.raises(kind, match=said):
            await backend.generate(FOX)


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"error": "Bad", "message": "NSFW content detected"}, ContentRefused),
        ({"error": {"message": "no worker"}}, BackendUnavailable),
        ({}, BackendUnavailable),
    ],
)
async def test_an_error_in_the_place_of_a_picture_is_told(
    told: object, kind: type[BackendError]
) -> None:
    """A status that says all is well does not make JSON a picture."""
    async with PollinationsServer(told=told) as server, connect(server, Timeouts()) as backend:
        with pytest.raises(kind):
            await backend.generate(FOX)


@pytest.mark.real_time
async def test_models_are_listed_by_both_hosts() -> None:
    """Names, or objects; those that make films are left out."""
    for key in (None, "sk_secret_1"):
        async with PollinationsServer(key=key) as server, connect(server, Timeouts()) as backend:
            facts = await backend.check()
        assert [model.name for model in facts.models] == ["flux", "turbo"]
        assert facts.kind == ("Pollinations gateway" if key else "Pollinations")


@settings(deadline=None)
@given(st.recursive(st.none() | st.text() | st.integers(), lambda s: st.lists(s) | st.dictionaries(
    st.sampled_from(["name", "description", "output_modalities"]), s)))  # fmt: skip
def test_no_list_of_models_makes_it_crash(answer: object) -> None:
    """Whatever comes."""
    read_models(answer)


@pytest.mark.parametrize(
    ("written", "key", "shown", "gateway"),
    [
        ("pollinations", None, "https://image.pollinations.ai", False),
        ("pollinations", "sk", "https://gen.pollinations.ai", True),
        ("pollinations+https://gen.pollinations.ai/image", None, "https://gen.pollinations.ai",
         True),
        ("pollinations+https://image.pollinations.ai/", "sk", "https://image.pollinations.ai",
         False),
        ("pollinations+http://here:9/prompt/", "sk", "http://here:9", False),
    ],
)  # fmt: skip
def test_the_host_follows_the_key_unless_it_is_said(
    written: str, key: str | None, shown: str, gateway: bool
) -> None:
    """The open host without a key, the gateway with one."""
    backend = make_backend(written, key=key)
    assert isinstance(backend, PollinationsBackend)
    assert repr(backend) == f"PollinationsBackend({shown!r})"
    assert backend.gateway == gateway


def test_what_is_not_chosen_is_not_sent() -> None:
    """No model, no seed, no wish: no such field."""
    sent = query(ImageRequest(prompt="x"), PollinationsOptions(nologo=False), gateway=False)
    assert set(sent) == {"width", "height", "nofeed", "referrer"}
