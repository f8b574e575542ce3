"""Whose habits an Images API has: told, known by its host, or asked for. Never guessed.

A port or a model's name says nothing: llama.cpp sits where LocalAI does, and a gateway hands
``gpt-image`` names on to whom it likes. What answers are asked for are routes that the servers
have beside the Images API: those of koboldcpp, text-generation-webui and LocalAI, and the one
model that stable-diffusion.cpp's ``sd-server`` lists.
"""

from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import BRIEF
from limner.errors import BackendRejected, BackendUnavailable

SD_SERVER_MODEL = "sd-cpp-local"
"""What the list of models of an ``sd-server`` holds."""


class Dialect(StrEnum):
    """Whose habits a server has."""

    GPT_IMAGE = "gpt-image"
    DALL_E = "dall-e"
    XAI = "xai"
    LOCALAI = "localai"
    TOGETHER = "together"
    SD_SERVER = "sd-server"
    KOBOLDCPP = "koboldcpp"
    TEXTGEN = "text-generation-webui"


_HOSTS = {
    "api.openai.com": Dialect.GPT_IMAGE,
    "api.x.ai": Dialect.XAI,
    "api.together.xyz": Dialect.TOGETHER,
    "api.together.ai": Dialect.TOGETHER,
}

_SIGNS: Mapping[str, tuple[str, Dialect]] = {
    "/api/extra/version": ("version", Dialect.KOBOLDCPP),
    "/v1/internal/model/info": ("model_name", Dialect.TEXTGEN),
    "/system": ("backends", Dialect.LOCALAI),
}
"""Routes at the server's root, and the field that an answer there has."""


def known_dialect(address: str, told: str) -> Dialect | None:
    """The dialect as told, else the host's, whose service is known; ``None``: it must be asked.

    Examples:
        >>> known_dialect("https://api.openai.com/v1", ""), known_dialect("http://a:8080/v1", "")
        (<Dialect.GPT_IMAGE: 'gpt-image'>, None)
    """
    if told:
        return Dialect(told)
    return _HOSTS.get((urlsplit(address).hostname or "").lower())


async def asked_dialect(session: ServerSession) -> Dialect:
    """The dialect of whoever is there; that of most gateways if nothing tells another.

    Raises:
        limner.errors.BackendError: The server cannot be reached, or is too busy to answer.
    """
    listed = await _get(session, "/models")
    models = listed.get("data") if isinstance(listed, dict) else None
    if isinstance(models, list) and any(
        isinstance(model, dict) and model.get("id") == SD_SERVER_MODEL for model in models
    ):
        return Dialect.SD_SERVER
    for path, (field, dialect) in _SIGNS.items():
        told = await _get(session, path, at_root=True)
        if isinstance(told, dict) and field in told:
            return dialect
    return Dialect.DALL_E


async def _get(session: ServerSession, path: str, *, at_root: bool = False) -> Any:
    """What a route tells as JSON; ``None`` where it tells nothing, or nothing to us."""
    with suppress(BackendRejected):
        try:
            answer = await session.request(
                "GET", session.at_root(path) if at_root else path, wanted="such route",
                timeouts=BRIEF.at_most(session.timeouts),
                largest=8 << 20,
            )  # fmt: skip
            return answer.json()
        except BackendUnavailable as error:
            if error.status is None:
                raise  # nobody is there; a route that fails only tells nothing
    return None
