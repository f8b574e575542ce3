"""What else the programs of each protocol ask of its server, beside to go on with a text."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import msgspec

from limner.prompts import find_prompts, open_tag
from limner.server.http.exchange import Exchange
from limner.server.proxy.answering import JSON
from limner.server.proxy.model_routes import ModelRoutes
from limner.server.proxy.passing_on import PassingOn, Target

Handler = Callable[[Exchange], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes on to servers of a family as it is.

    Attributes:
        family: Which servers.
        base: Below which path programs ask; the rest of it is the server's.
        gets: What may be asked for.
        posts: What may be sent. Nothing that changes a server is among it.
        rooted: Whether the server's paths are below its host.
    """

    family: str
    base: str
    gets: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    rooted: bool = True

    def takes(self, method: str, path: str) -> str | None:
        """The server's path, if a request is one of these."""
        if not path.startswith(f"{self.base}/"):
            return None
        asked = path.removeprefix(self.base)
        return asked if asked in (self.posts if method == "POST" else self.gets) else None


_CLASSIC = ("model", "info/version", "config/max_context_length", "config/max_length")
KOBOLD_BASES = ("/kobold", "")
KOBOLD_GETS = (
    *(f"/api/{version}/{asked}" for version in ("v1", "latest") for asked in _CLASSIC),
    "/api/extra/version",
    "/api/extra/true_max_context_length",
    "/api/extra/perf",
)
KOBOLD_POSTS = (
    "/api/extra/tokencount",
    "/api/extra/tokenize",
    "/api/extra/detokenize",
    "/api/extra/last_logprobs",
    "/api/extra/abort",
)
BESIDE = (
    Beside("anthropic", "", posts=("/messages/count_tokens",), rooted=False),
    Beside(
        "ollama",
        "/ollama",
        gets=("/api/version", "/api/ps"),
        posts=("/api/show", "/api/embed", "/api/embeddings"),
    ),
    *(Beside("kobold", base, gets=KOBOLD_GETS, posts=KOBOLD_POSTS) for base in KOBOLD_BASES),
    Beside(
        "llamacpp",
        "/llamacpp",
        gets=("/props", "/health", "/slots"),
        posts=("/tokenize", "/detokenize", "/apply-template"),
    ),
)
_CHECK = "/api/extra/generate/check"
CHECKS = tuple(base + _CHECK for base in KOBOLD_BASES)
TAGS = "/ollama/api/tags"


class AskedBeside:
    """Answers what programs ask beside.

    Args:
        routes: Finds the model server.
        passing: Sends on what is the server's to answer.
    """

    def __init__(self, routes: ModelRoutes, passing: PassingOn) -> None:
        self._routes = routes
        self._passing = passing

    def handler(self, method: str, path: str) -> Handler | None:
        """Who answers a request; ``None``: nobody here."""
        if (method, path) == ("GET", TAGS):
            return self._tags
        if path in CHECKS and method in ("GET", "POST"):
            target = Target(_CHECK, "kobold", rooted=True)
            return partial(self._passing.answer, target=target, change=without_tags)
        for beside in BESIDE:
            asked = beside.takes(method, path)
            if asked is not None:
                target = Target(asked, beside.family, rooted=beside.rooted)
                return partial(self._passing.answer, target=target)
        return None

    def knows(self, path: str) -> bool:
        """Whether anything is answered at a path, by some method."""
        return any(self.handler(method, path) is not None for method in ("GET", "POST"))

    async def _tags(self, exchange: Exchange) -> None:
        models = await exchange.unless_gone(self._routes.ollama_models())
        await exchange.respond(200, msgspec.json.encode({"models": models}), [JSON])


def without_tags(body: bytes) -> bytes:
    r"""What a model has written so far, as its reader is to see it: without tags.

    Examples:
        >>> without_tags(b'{"results":[{"text":"A fox. <!--img-prompt=\\"a fox"}]}')
        b'{"results":[{"text":"A fox. "}]}'
        >>> without_tags(b'{"results":[{"text":null}]}')  # nothing is written yet
        b'{"results":[{"text":null}]}'
    """
    try:
        told = msgspec.json.decode(body)
        results = told["results"]
        for one in results:
            if isinstance(one["text"], str):
                one["text"] = _plain(one["text"])
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return body
    return msgspec.json.encode(told)


def _plain(text: str) -> str:
    text = text.removesuffix(open_tag(text, None))
    for tag in reversed(find_prompts(text)):
        text = text[: tag.start] + text[tag.end :]
    return text
