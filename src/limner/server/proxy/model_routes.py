"""Which model server is asked for which model, and the list of them all."""

import asyncio
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from limner.errors import BackendError, RequestRejected
from limner.server.proxy.chat_request import split_suffix
from limner.server.proxy.model_server import ModelServer
from limner.server.proxy.settings import SPEAKS

REMEMBERED = 30.0
"""Seconds after which a list of models is asked for again, if a model is not in it."""


class ModelRoutes:
    """Finds the server for a model: by its settings, by prefix, by what the servers list.

    A model that nobody knows goes to the first server, which will say so in its own words. Where
    two servers have a model of the same name, it is the first one's; the other's is listed and
    asked for as ``NAME/model``.

    Args:
        servers: The servers, in order.
        clock: Gives the present, in seconds.
    """

    def __init__(self, servers: Sequence[ModelServer], *, clock: Callable[[], float]) -> None:
        self._servers = servers
        self._clock = clock
        self._known: list[frozenset[str]] = [frozenset(s.upstream.models) for s in servers]
        self._asked_at: float | None = None

    async def find(self, model: str, family: str = "openai") -> tuple[ModelServer, str]:
        """The server for a model, and the name it knows it by.

        Args:
            model: The model.
            family: Which protocols the server has to speak.

        Raises:
            RequestRejected: None speaks them, or a server has the model that does not.
        """
        able = self._able(family)
        if len(self._servers) == 1:
            return able[0], model
        found = self._lookup(model, able)
        if found is None and model and len(able) > 1 and self._is_stale():
            await self._refresh()
            found = self._lookup(model, able)
        if found is None:
            self._check_family(model, family, able)
        return found or (able[0], model)

    def _check_family(self, model: str, family: str, able: Sequence[ModelServer]) -> None:
        """Refuse a model of another server, unless the one that would be asked tells of none."""
        found = self._lookup(model, self._servers)
        if found is None or not self._known[self._servers.index(able[0])]:
            return
        server = found[0].upstream
        told = (
            f"{model!r} is a model of {server.name}, which speaks "
            f"{' and '.join(SPEAKS[server.kind])}, and is not asked in a protocol of {family}"
        )
        raise RequestRejected(told, status=404, code="model_not_found", param="model")

    def _able(self, family: str) -> list[ModelServer]:
        able = [server for server in self._servers if server.speaks(family)]
        able = able or [one for one in self._servers if one.upstream.kind == "openai"]
        if not able:
            told = f"no model server speaks this protocol; name one: --llm {family}+http://…"
            raise RequestRejected(told, status=404, code="unknown_url")
        return able

    async def listing(self, family: str | None = None) -> list[dict[str, Any]]:
        """All models, each once.

        Args:
            family: Of servers that speak these protocols; ``None``: of all.

        Raises:
            BackendError: No server could tell; the first one's reason.
        """
        answers = await self._refresh()
        able = self._servers if family is None else self._able(family)
        merged: dict[str, dict[str, Any]] = {}
        for server, answer in zip(self._servers, answers, strict=True):
            for entry in answer if isinstance(answer, list) and server in able else ():
                name = entry["id"]
                if name in merged:
                    name = f"{server.upstream.name}/{name}"
                merged.setdefault(name, {**entry, "id": name})
        if not merged and isinstance(answers[0], BackendError):
            raise answers[0]
        return list(merged.values())

    async def ollama_models(self) -> list[dict[str, Any]]:
        """The models of servers that speak Ollama's protocols, each as Ollama would list it.

        Raises:
            BackendError: No server could tell.
        """
        listed = await self.listing("ollama")
        able = self._able("ollama")
        told = await asyncio.gather(*(server.ollama_models() for server in able))
        known: dict[str, dict[str, Any]] = {}
        for server, models in zip(able, told, strict=True):
            for one in models:
                name = str(one.get("name") or one.get("model"))
                known[name if name not in known else f"{server.upstream.name}/{name}"] = one
        return [
            _unknown_to_ollama(one["id"])
            | known.get(one["id"], {})
            | {"name": one["id"], "model": one["id"]}
            for one in listed
        ]

    async def describe(self, model: str) -> dict[str, Any]:
        """One of them.

        Raises:
            RequestRejected: There is no such model.
            BackendError: No server could tell.
        """
        name, _ = split_suffix(model)
        for entry in await self.listing():
            if entry["id"] in (model, name):
                return entry | {"id": model}
        raise RequestRejected(
            f"there is no model {model!r}", status=404, code="model_not_found", param="model"
        )

    def _lookup(self, model: str, able: Sequence[ModelServer]) -> tuple[ModelServer, str] | None:
        for server, known in zip(self._servers, self._known, strict=True):
            if server in able and model in known:
                return server, model
        prefix, slash, rest = model.partition("/")
        for server in able:
            if slash and rest and prefix == server.upstream.name:
                return server, rest
        return None

    def _is_stale(self) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at > REMEMBERED

    async def _refresh(self) -> list[list[dict[str, Any]] | BackendError]:
        self._asked_at = self._clock()
        answers = await asyncio.gather(*(_models(server) for server in self._servers))
        for at, answer in enumerate(answers):
            if isinstance(answer, list):
                self._known[at] = frozenset(entry["id"] for entry in answer)
        return list(answers)


def _unknown_to_ollama(name: str) -> dict[str, Any]:
    """What Ollama would tell of a model; programs take equal digests for one of several names."""
    digest = sha256(name.encode()).hexdigest()
    return {"modified_at": "1970-01-01T00:00:00Z", "size": 0, "digest": digest, "details": {}}


async def _models(server: ModelServer) -> list[dict[str, Any]] | BackendError:
    """What it lists, or what its settings say, or why there is nothing."""
    if server.upstream.models:
        owner = server.upstream.name
        return [
            {"id": name, "object": "model", "created": 0, "owned_by": owner}
            for name in server.upstream.models
        ]
    try:
        return await server.models()
    except BackendError as error:
        return error
