"""What the members of a pool have: models, samplers, versions."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from limner.backends.images.pool.desk import Desk
from limner.backends.images.pool.post import Post, who_has_what
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.errors import BackendError, BackendRejected, BackendUnavailable

T = TypeVar("T")


class Offers:
    """Asks the members of a pool what they have.

    Args:
        desk: Knows the members.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asking = asyncio.Lock()

    async def check(self, model: str) -> None:
        """Make sure that some member has a model, or at least may have it.

        Members whose models nobody has said are asked, once.

        Raises:
            limner.errors.BackendRejected: None has it; the message says who has what.
        """
        if any(post.has(model) for post in self._posts()):
            return
        async with self._asking:
            unknown = [
                post
                for post in self._posts()
                if post.models is None and post.circuit.open_until is None
            ]
            await asyncio.gather(*(self._learn(post) for post in unknown))
        posts = self._posts()
        if posts and all(post.has(model) is False for post in posts):
            raise BackendRejected(
                f"no server of the pool has the model {model!r}; they have: {who_has_what(posts)}"
            )

    async def models(self) -> list[ModelInfo]:
        """The models of all members, each once."""
        found = await self._ask("models", _no_models)
        return list({model.name: model for models in found.values() for model in models}.values())

    async def samplers(self) -> list[str]:
        """The samplers of all members, each once."""
        found = await self._ask("samplers", _no_samplers)
        return list(dict.fromkeys(name for names in found.values() for name in names))

    async def check_all(self) -> ServerFacts:
        """What all members are."""
        found = await self._ask("check", _no_facts)
        notes = [f"{name}: {_described(facts)}" for name, facts in found.items()]
        missing = [post for post in self._posts() if post.name not in found]
        notes += [f"{post.name} does not answer: {post.error}" for post in missing]
        models = {model.name: model for facts in found.values() for model in facts.models}
        return ServerFacts(kind="pool", models=tuple(models.values()), notes=tuple(notes))

    async def _learn(self, post: Post) -> None:
        ask = getattr(post.member.backend, "models", None)
        if ask is None:
            post.models = ()
            return
        try:
            models = await ask()
        except BackendError as error:
            post.error = str(error)  # it is asked again for the next picture
        else:
            names = (name for model in models for name in (model.name, model.title) if name)
            post.models = tuple(dict.fromkeys(names))

    async def _ask(self, method: str, otherwise: Callable[[], Awaitable[T]]) -> dict[str, T]:
        """What each member answers, by its name; those that fail are left out."""
        posts = self._posts()
        asked = (getattr(post.member.backend, method, otherwise)() for post in posts)
        answers: Iterable[T | BaseException] = await asyncio.gather(*asked, return_exceptions=True)
        found: dict[str, T] = {}
        errors: list[BackendError] = []
        for post, answer in zip(posts, answers, strict=True):
            if isinstance(answer, BackendError):
                post.error = str(answer)
                errors.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found[post.name] = answer
        if errors and not found:
            raise BackendUnavailable(
                "no server of the pool answers: "
                + "; ".join(f"{post.name}: {post.error}" for post in posts)
            ) from errors[0]
        return found

    def _posts(self) -> list[Post]:
        return list(self._desk.posts.values())


async def _no_models() -> list[ModelInfo]:
    return []


async def _no_samplers() -> list[str]:
    return []


async def _no_facts() -> ServerFacts:
    return ServerFacts(kind="it cannot be looked at without drawing")


def _described(facts: ServerFacts) -> str:
    version = f" {facts.version}" if facts.version else ""
    return ", ".join((f"{facts.kind}{version}", *facts.notes))
