"""SwarmUI: a ComfyUI behind a path and a login cookie."""

import pytest
from aiohttp import web

from limner.errors import BackendRejected
from limner.illustration import ImageRequest, make_backend
from limner.illustration.capabilities import close
from limner.testing.comfyui_server import ComfyUIServer

PATH = "/ComfyBackendDirect"
FOX = ImageRequest(prompt="a fox", seed=7)


class Swarm(ComfyUIServer):
    """Lets nobody in without its cookie, websockets included."""

    def lets_in(self, request: web.Request) -> bool:
        """Its own login."""
        return request.cookies.get("swarm_token") == "tok-en-123456"


@pytest.mark.real_time
async def test_a_comfyui_behind_a_path_and_a_cookie_draws() -> None:
    """Every route and the websocket are below the path, and carry the cookie."""
    options = {"header.Cookie": "swarm_token=tok-en-123456"}
    async with Swarm(prefix=PATH) as server:
        backend = make_backend(f"comfyui+{server.url}/", options=options)
        image = await backend.generate(FOX)
        await close(backend)
        assert all(request.path.startswith(PATH) for request in server.requests)
    assert image.seed == 7
    assert server.asked("/ws")


@pytest.mark.real_time
async def test_a_missing_login_is_told_and_the_cookie_is_not_shown() -> None:
    """It is a key like any other."""
    options = {"header.Cookie": "swarm_token=wrong-token-1"}
    async with Swarm(prefix=PATH) as server:
        backend = make_backend(f"comfyui+{server.url}", options=options)
        with pytest.raises(BackendRejected, match="LIMNER_COMFYUI_KEY") as caught:
            await backend.generate(FOX)
        await close(backend)
    assert "wrong-token-1" not in str(caught.value)
