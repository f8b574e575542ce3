"""Watches the members of a pool: opens circuits, looks again, tells what changed."""

import asyncio
import logging
from collections.abc import Callable

from limner.backends.images.pool.post import Post
from limner.backends.images.pool.status import MemberChanged
from limner.errors import BackendError

log = logging.getLogger(__name__)

Handler = Callable[[MemberChanged], object]


class Health:
    """Keeps the circuits of a pool's members.

    Args:
        changed: Called when a member may be able to draw again.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._handlers: dict[object, Handler] = {}

    def on(self, handler: Handler) -> Callable[[], None]:
        """Call a plain function with each change; the answer ends it."""
        entry = object()
        self._handlers[entry] = handler
        return lambda: self._handlers.pop(entry, None) and None

    def note(self, post: Post, why: str) -> None:
        """Tell those who listen, if a member's state is another than was told last."""
        before, post.shown = post.shown, post.state
        if before is post.shown:
            return
        event = MemberChanged(name=post.name, before=before, state=post.shown, why=why)
        for handler in tuple(self._handlers.values()):
            try:
                handler(event)
            except Exception:
                log.exception("a handler of the pool's changes raised")

    def succeeded(self, post: Post) -> None:
        """A member has drawn, or answered as a server should."""
        post.circuit.succeeded()
        self.note(post, "it answered")

    def failed(self, post: Post, error: Exception) -> None:
        """A member could not be reached, failed by itself, or took too long."""
        post.error = str(error)
        if post.circuit.failed(asyncio.get_running_loop().time()):
            self._look_later(post)
        self.note(post, post.error)

    def _look_later(self, post: Post) -> None:
        until = post.circuit.open_until
        if until is not None and not post.removed:
            post.timer = asyncio.get_running_loop().call_at(until, self._look, post)

    def _look(self, post: Post) -> None:
        post.timer = None
        if getattr(post.member.backend, "check", None) is None:
            self._try_again(post, "its time is over")
        else:
            post.probe = asyncio.create_task(self._check(post), name=f"check of {post.name}")

    async def _check(self, post: Post) -> None:
        check = getattr(post.member.backend, "check")  # noqa: B009 - `ImageBackend` has none
        try:
            await check()
        except BackendError as error:
            post.error = str(error)
            post.circuit.open(asyncio.get_running_loop().time())
            self._look_later(post)
        except Exception as error:
            log.exception("the check of %s raised", post.name)
            post.error = f"{type(error).__name__}: {error}"
            post.circuit.open(asyncio.get_running_loop().time())
            self._look_later(post)
        else:
            self._try_again(post, "it answers again")
        finally:
            post.probe = None

    def _try_again(self, post: Post, why: str) -> None:
        post.circuit.try_again()
        self.note(post, why)
        self._changed()
