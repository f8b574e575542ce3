"""The ComfyUI backend against a fake server: who is there, what can be chosen, who is let in."""

import pytest
from aiohttp import web

from limner.backends.images.a1111.backend import A1111Backend
from limner.backends.images.a1111.wire import Flavour
from limner.backends.images.comfyui import ComfyUIBackend, ComfyUIOptions
from limner.errors import BackendRejected, BackendUnavailable
from limner.illustration import ImageRequest, make_backend
from limner.testing.a1111_server import A1111Server
from limner.testing.comfyui_server import ComfyUIServer
from limner.testing.comfyui_server.prompt import CHECKPOINTS, SAMPLERS, SCHEDULERS
from limner.testing.images_api_server import ImagesApiServer
from limner.testing.picture_server import FakePictureServer


@pytest.mark.real_time
@pytest.mark.parametrize("combo", [False, True])
async def test_models_and_samplers_come_in_either_form_of_list(combo: bool) -> None:
    """Old and new servers write lists differently."""
    async with ComfyUIServer(combo=combo) as server, ComfyUIBackend(server.url) as backend:
        assert [model.name for model in await backend.models()] == list(CHECKPOINTS)
        assert await backend.samplers() == list(SAMPLERS)
        assert await backend.schedulers() == list(SCHEDULERS)


@pytest.mark.real_time
async def test_check_tells_version_device_and_what_is_missing() -> None:
    """Without drawing anything."""
    options = ComfyUIOptions(model="dream.safetensors", sampler="mystery")
    async with ComfyUIServer() as server:
        async with ComfyUIBackend(server.url, options=options) as backend:
            facts = await backend.check()
        assert server.jobs == []
    assert (facts.kind, facts.version) == ("ComfyUI", "0.3.64")
    assert list(facts.notes) == ["draws on cpu"]
    assert [str(missing) for missing in facts.missing] == [
        "there is no model 'dream.safetensors'", "there is no sampler 'mystery'",
    ]  # fmt: skip
    assert [list(missing.known) for missing in facts.missing] == [list(CHECKPOINTS), list(SAMPLERS)]


@pytest.mark.real_time
async def test_each_kind_is_known_behind_the_others_prefix() -> None:
    """A ComfyUI is not told to start with --api, and a koboldcpp is no ComfyUI."""
    async with ComfyUIServer() as server, A1111Backend(server.url) as backend:
        with pytest.raises(BackendRejected, match=rf"a ComfyUI: write comfyui\+{server.url}"):
            await backend.check()
    async with A1111Server(flavour=Flavour.KOBOLDCPP) as kobold:
        async with ComfyUIBackend(kobold.url) as ours:
            with pytest.raises(BackendRejected, match=rf"koboldcpp.*write a1111\+{kobold.url}"):
                await ours.check()


@pytest.mark.real_time
async def test_an_unknown_name_among_many_is_not_told_as_none_at_all() -> None:
    """Of more than twenty the server tells their number, and no names."""
    async with ComfyUIServer() as server:
        options = ComfyUIOptions(loras=("nope",))
        async with ComfyUIBackend(server.url, options=options) as backend:
            with pytest.raises(BackendRejected, match=r"'nope.safetensors'; there are 32 others"):
                await backend.generate(ImageRequest(prompt="a fox"))


@pytest.mark.real_time
async def test_a_server_without_checkpoints_is_told_what_to_do() -> None:
    """At the check, and instead of a refusal when drawing."""
    async with ComfyUIServer(checkpoints=False) as server:
        async with ComfyUIBackend(server.url) as backend:
            assert "models/checkpoints" in " ".join((await backend.check()).notes)
            with pytest.raises(BackendRejected, match="models/checkpoints"):
                await backend.generate(ImageRequest(prompt="a fox"))


class LoginPage(FakePictureServer):
    """A router."""

    def routes(self) -> list[web.RouteDef]:
        """A page for every address."""
        return [web.get("/{rest:.*}", self._page)]

    async def _page(self, request: web.Request) -> web.StreamResponse:
        text = "<html><title>Router login</title></html>"
        return web.Response(text=text, content_type="text/html")


@pytest.mark.real_time
async def test_another_server_is_told_for_what_it_is() -> None:
    """With the address to write instead, where there is one."""
    kinds = [
        (A1111Server(), r"write a1111\+http://127"),
        (ImagesApiServer(), r"write openai\+http://127.*/v1"),
        (LoginPage(), "a web page titled “Router login”"),
        (FakePictureServer(), "give the address of ComfyUI's page"),
    ]
    for server, told in kinds:
        async with server, ComfyUIBackend(server.address) as backend:
            with pytest.raises(BackendRejected, match=told):
                await backend.check()
    with pytest.raises(BackendUnavailable, match="connection refused"):
        async with ComfyUIBackend("http://127.0.0.1:9") as backend:
            await backend.check()
    async with ComfyUIServer() as server, A1111Backend(server.url) as other:
        with pytest.raises(BackendRejected):
            await other.check()


@pytest.mark.real_time
@pytest.mark.parametrize("key", ["me:secret-word", "token-abcdef"])
async def test_a_proxy_lets_in_who_shows_the_key(key: str) -> None:
    """Basic or Bearer, on every route and on the websocket; without it, it is told where to put."""
    async with ComfyUIServer(key=key) as server:
        async with ComfyUIBackend(server.url, key=key) as backend:
            assert (await backend.generate(ImageRequest(prompt="a fox"))).data
        assert server.worker.sockets.opened == 1
        async with ComfyUIBackend(server.url) as backend:
            with pytest.raises(BackendRejected, match="LIMNER_COMFYUI_KEY"):
                await backend.check()


@pytest.mark.real_time
async def test_everything_is_there_below_api_too() -> None:
    """As the address of a server behind a path."""
    async with ComfyUIServer() as server, ComfyUIBackend(f"{server.url}/api/") as backend:
        assert (await backend.generate(ImageRequest(prompt="a fox"))).data
        assert server.worker.sockets.opened == 1


@pytest.mark.real_time
async def test_options_reach_the_wire_and_a_tag_sets_its_own() -> None:
    """Each in the node that the workflow has for it; what a tag may not set is told."""
    options = {
        "model": "sd_xl_base_1.0.safetensors", "sampler": "dpmpp_2m", "scheduler": "karras",
        "steps": "30", "cfg": "5.5", "loras": "ink:0.7", "negative_prompt": "text",
    }  # fmt: skip
    async with ComfyUIServer() as server:
        query = "&".join(f"{name}={value}" for name, value in options.items())
        backend = make_backend(f"comfyui+{server.url}?{query}")
        assert isinstance(backend, ComfyUIBackend)
        async with backend:
            attributes = {"steps": "40", "cfg": "many", "model": "other", "mood": "dark"}
            image = await backend.generate(
                ImageRequest(prompt="a fox", negative_prompt="blur", attributes=attributes)
            )
    graph = server.jobs[0].body["prompt"]
    sampler = graph["5"]["inputs"]
    assert (sampler["steps"], sampler["cfg"]) == (40, 5.5)
    assert (sampler["sampler_name"], sampler["scheduler"]) == ("dpmpp_2m", "karras")
    assert graph["3"]["inputs"]["text"] == "blur, text"
    assert graph["limner_lora_1"]["inputs"]["strength_model"] == 0.7
    assert image.info["model"] == "sd_xl_base_1.0.safetensors"
    assert image.info["steps"] == 40
    assert sorted(image.info["ignored"]) == ["cfg", "model"]  # type: ignore[call-overload]
