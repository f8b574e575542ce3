"""What the members of a pool have: models, samplers, versions."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from limner.backends.images.pool.active_member import ActiveMember, who_has_what
from limner.backends.images.pool.dispatcher import Dispatcher
from limner.backends.images.support.capabilities import Checkable, ListsModels, ListsSamplers
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.errors import BackendError, BackendRejected, BackendUnavailable
from limner.illustration.capabilities import unwrapped
from limner.illustration.ports import ImageBackend

T = TypeVar("T")


class Capabilities:
    """Asks the members of a pool what they have.

    Args:
        dispatcher: Knows the members.
    """

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._asking = asyncio.Lock()

    async def check(self, model: str) -> None:
        """Make sure that some member has a model, or at least may have it.

        Members whose models nobody has said are asked, once.

        Raises:
            limner.errors.BackendRejected: None has it; the message says who has what.
        """
        if any(active.has(model) for active in self._members()):
            return
        async with self._asking:
            unknown = [
                active
                for active in self._members()
                if active.models is None and active.circuit.open_until is None
            ]
            await asyncio.gather(*(self._learn(active) for active in unknown))
        members = self._members()
        if members and all(active.has(model) is False for active in members):
            raise BackendRejected(
                f"no server of the pool has the model {model!r}; they have: {who_has_what(members)}"
            )

    async def models(self) -> list[ModelInfo]:
        """The models of all members, each once."""
        found = await self._ask(_models)
        return list({model.name: model for models in found.values() for model in models}.values())

    async def samplers(self) -> list[str]:
        """The samplers of all members, each once."""
        found = await self._ask(_samplers)
        return list(dict.fromkeys(name for names in found.values() for name in names))

    async def check_all(self) -> ServerFacts:
        """What all members are."""
        found = await self._ask(_facts)
        notes = [f"{name}: {_described(facts)}" for name, facts in found.items()]
        missing = [active for active in self._members() if active.name not in found]
        notes += [f"{active.name} does not answer: {active.error}" for active in missing]
        models = {model.name: model for facts in found.values() for model in facts.models}
        return ServerFacts(kind="pool", models=tuple(models.values()), notes=tuple(notes))

    async def _learn(self, active: ActiveMember) -> None:
        backend = unwrapped(active.member.backend)
        if not isinstance(backend, ListsModels):
            active.models = ()
            return
        try:
            models = await backend.models()
        except BackendError as error:
            active.error = str(error)  # it is asked again for the next picture
        else:
            names = (name for model in models for name in (model.name, model.title) if name)
            active.models = tuple(dict.fromkeys(names))

    async def _ask(self, question: Callable[[ImageBackend], Awaitable[T]]) -> dict[str, T]:
        """What each member answers, by its name; those that fail are left out."""
        members = self._members()
        asked = (question(unwrapped(active.member.backend)) for active in members)
        answers: Iterable[T | BaseException] = await asyncio.gather(*asked, return_exceptions=True)
        found: dict[str, T] = {}
        errors: list[BackendError] = []
        for active, answer in zip(members, answers, strict=True):
            if isinstance(answer, BackendError):
                active.error = str(answer)
                errors.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found[active.name] = answer
        if errors and not found:
            raise BackendUnavailable(
                "no server of the pool answers: "
                + "; ".join(f"{active.name}: {active.error}" for active in members)
            ) from errors[0]
        return found

    def _members(self) -> list[ActiveMember]:
        return list(self._dispatcher.members.values())


async def _models(backend: ImageBackend) -> Sequence[ModelInfo]:
    return await backend.models() if isinstance(backend, ListsModels) else ()


async def _samplers(backend: ImageBackend) -> Sequence[str]:
    return await backend.samplers() if isinstance(backend, ListsSamplers) else ()


async def _facts(backend: ImageBackend) -> ServerFacts:
    if isinstance(backend, Checkable):
        return await backend.check()
    return ServerFacts(kind="it cannot be looked at without drawing")


def _described(facts: ServerFacts) -> str:
    version = f" {facts.version}" if facts.version else ""
    return ", ".join((f"{facts.kind}{version}", *facts.notes, *map(str, facts.missing)))
