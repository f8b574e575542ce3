"""A model server that speaks all protocols, and says what their programs ask beside."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from limner.testing.chat_server import PROTOCOLS, ChatRequest, ChatServer, Protocol

OF_PATH = {
    "/chat/completions": "openai chat",
    "/messages": "anthropic messages",
    "/responses": "openai responses",
    "/completions": "openai completions",
    "/api/chat": "ollama chat",
    "/api/generate": "ollama generate",
    "/api/extra/generate/stream": "koboldai stream",
    "/api/v1/generate": "koboldai stream",
    "/completion": "llama.cpp completion",
}
NAME = "m"
TOLD = {
    "/api/tags": {"models": [{"name": NAME, "model": NAME, "size": 5, "digest": "abc",
                              "modified_at": "2026-11-01T00:00:00Z",
                              "details": {"family": "llama", "parameter_size": "1B"}}]},
    "/api/ps": {"models": [{"name": NAME, "model": NAME, "size": 5}]},
    "/api/v1/model": {"result": f"koboldcpp/{NAME}"},
    "/api/v1/info/version": {"result": "1.2.5"},
    "/api/extra/version": {"result": "KoboldCpp", "version": "1.102"},
    "/api/extra/true_max_context_length": {"value": 8192},
    "/api/extra/perf": {"last_process": 0.5, "idle": 1},
    "/props": {"default_generation_settings": {"n_ctx": 8192}, "total_slots": 1,
               "chat_template": "{{ messages }}"},
}  # fmt: skip
"""What is asked for."""
GIVEN = {
    "/api/show": {"details": {"family": "llama"}, "model_info": {"llama.context_length": 8192},
                  "capabilities": ["completion"]},
    "/api/embed": {"model": NAME, "embeddings": [[0.5, 0.25]]},
    "/api/extra/tokencount": {"value": 3, "ids": [1, 2, 3]},
    "/api/extra/tokenize": {"ids": [1, 2, 3]},
    "/api/extra/abort": {"success": "true"},
    "/tokenize": {"tokens": [1, 2, 3]},
    "/v1/messages/count_tokens": {"input_tokens": 11},
}  # fmt: skip
"""What is answered to what is sent."""


class Speaker(ChatServer):
    """A model server of all protocols."""

    def application(self) -> web.Application:
        """Besides, what programs ask of Ollama, KoboldCpp, llama.cpp and Anthropic."""
        app = super().application()
        known = {(route.method, route.resource.canonical) for route in app.router.routes()
                 if route.resource is not None}  # fmt: skip
        for method, told in (("GET", TOLD), ("POST", GIVEN)):
            for path, answer in told.items():
                if (method, path) not in known:
                    app.router.add_route(method, path, _telling(answer))
        return app


def _telling(answer: object) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def tell(request: web.Request) -> web.StreamResponse:
        return web.json_response(answer)

    return tell


def protocol(request: ChatRequest) -> Protocol:
    """In which protocol a server was asked."""
    path = request.path.partition("?")[0].removeprefix("/v1")
    return PROTOCOLS[OF_PATH[path]]


def is_streamed(request: ChatRequest) -> bool:
    """Whether a stream is asked for."""
    path = request.path.partition("?")[0]
    if path.startswith(("/api/extra/", "/api/v1/")):
        return path.endswith("/stream")
    return bool(request.body.get("stream", path in ("/api/chat", "/api/generate")))


def prompt(request: ChatRequest) -> str:
    """All that the model is told, as one text."""
    return json.dumps(request.body, ensure_ascii=False)
