"""One drawing at a service that draws in the background: asked for, looked at, taken back."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from yarl import URL

from limner.backends.http.error_body import one_line
from limner.backends.http.session import ServerSession
from limner.backends.http.timeouts import BRIEF, Timeouts, bounded
from limner.backends.images.described.description import Description, Poll
from limner.backends.images.described.json_path import at
from limner.backends.images.described.template import Values, fill, fill_path
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    ContentRefused,
)
from limner.illustration.model.image import ImageRequest, Whereabouts

FAILED_LOOKS = 3
"""Looks in a row that may fail while a service draws."""

PARTING = Timeouts(connect=5.0, first_byte=10.0, idle=10.0, total=15.0)
"""For taking a drawing back."""


class BackgroundDrawing:
    """A drawing that a service has taken.

    Args:
        session: The service.
        description: How it speaks.
        poll: How it is asked how far it is.
        answer: What it said when it took the drawing.
        values: What was asked for.
        request: Whom to tell how far it is.

    Raises:
        limner.errors.BackendUnavailable: Its answer names no drawing.
    """

    def __init__(
        self,
        session: ServerSession,
        description: Description,
        poll: Poll,
        answer: object,
        *,
        values: Values,
        request: ImageRequest,
    ) -> None:
        self._session = session
        self._service = description
        self._poll = poll
        self._answer = answer
        self._request = request
        found = at(answer, poll.id)
        name = str(found) if isinstance(found, str | int) and str(found) else None
        if name is None and not at(answer, poll.url or "\0"):
            raise BackendUnavailable(
                f"{session.shown} took the picture without a name for it",
                server=session.shown,
                status=200,
            )
        self._values = {**values, "id": (name or "")[:500]}

    async def done(self) -> object:
        """What the service tells when the picture is drawn.

        Raises:
            limner.errors.BackendError: It failed, was refused, or takes longer than it may.
        """
        total = self._session.timeouts.total
        try:
            async with asyncio.timeout(bounded(total)) as limit:
                return await self._until_done()
        except TimeoutError:
            if not limit.expired():
                raise
            raise BackendTimeout(
                f"{self._session.shown} did not draw the picture within {total:g} s",
                server=self._session.shown,
            ) from None

    async def _until_done(self) -> object:
        told, poll = self._answer, self._poll
        while True:
            status = str(at(told, poll.status))
            if status in poll.done:
                return await self._result(told)
            self._check(status, told)
            self._tell(status, told)
            await asyncio.sleep(poll.every)
            told = await self._patiently(self._look)

    async def _look(self) -> object:
        answer = await self._session.request(
            self._poll.method, self._place(self._poll.url, self._poll.path),
            wanted="drawing of that name", timeouts=BRIEF.at_most(self._session.timeouts),
            largest=96 << 20,
        )  # fmt: skip
        return answer.json()

    async def _patiently(self, ask: Callable[[], Awaitable[object]]) -> object:
        """A look may fail, a few times in a row: a picture is worth more than one answer."""
        for failed in range(FAILED_LOOKS):
            try:
                return await ask()
            except (BackendUnavailable, BackendBusy, BackendTimeout) as error:
                if failed == FAILED_LOOKS - 1:
                    raise
                wait = error.retry_after if isinstance(error, BackendBusy) else None
                await asyncio.sleep(min(wait or self._poll.every, 60.0))
        raise AssertionError("the last look returns or raises")

    def _check(self, status: str, told: object) -> None:
        server, poll = self._session.shown, self._poll
        why = self._reason(told)
        said = f": {why}" if why else ""
        filtered = any(word in why.lower() for word in self._service.filters)
        if status in poll.refused or (status in poll.failed and filtered):
            error: BackendError = ContentRefused(
                f"the content filter of {server} refused{said or f' ({one_line(status)})'}",
                server=server,
                status=200,
            )
        elif status in poll.failed:
            error = BackendUnavailable(
                f"{server} failed to draw the picture ({one_line(status)}){said}",
                server=server,
                status=200,
            )
        else:
            return
        raise self._session.secrets.hide(error)

    def _reason(self, told: object) -> str:
        for path in self._poll.reason:
            found = at(told, path)
            if isinstance(found, str) and found.strip():
                return one_line(found)
        return ""

    def _tell(self, status: str, told: object) -> None:
        poll, request = self._poll, self._request
        running, ahead = status in poll.running, at(told, poll.ahead or "\0")
        if request.whereabouts is not None:
            place = ahead if type(ahead) is int and 0 <= ahead < 1 << 31 else None
            request.whereabouts(Whereabouts(drawn=running, ahead=None if running else place))
        share = at(told, poll.progress or "\0")
        if request.progress is not None and isinstance(share, int | float) and 0 <= share <= 1:
            request.progress(float(share), None)

    async def _result(self, told: object) -> object:
        """What tells of the picture: the last answer, or what is at an address in it."""
        if not self._service.picture.result:
            return told
        place = self._url(at(told, self._service.picture.result))
        if place is None:
            place = self._url(at(self._answer, self._service.picture.result))
        if place is None:
            return told
        found = place

        async def ask() -> object:
            answer = await self._session.request(
                "GET", found, wanted="result of that name",
                timeouts=BRIEF.at_most(self._session.timeouts), largest=96 << 20,
            )  # fmt: skip
            return answer.json()

        return await self._patiently(ask)

    async def take_back(self) -> None:
        """Have the service stop it, if it can; failing that, it draws for nobody."""
        cancel = self._service.cancel
        if cancel is None:
            return
        with suppress(BackendError):
            await self._session.request(
                cancel.method, self._place(cancel.url, cancel.path), timeouts=PARTING,
                json=fill(cancel.body, self._values) if cancel.body else None,
                wanted="drawing of that name",
            )  # fmt: skip

    def _place(self, told: str, path: str) -> str | URL:
        """The address that the service told, else the one that follows from the drawing's name."""
        place = self._url(at(self._answer, told)) if told else None
        if place is not None:
            return place
        if not path:
            raise BackendRejected(
                f"{self._session.shown} tells no address of its drawing",
                server=self._session.shown,
            )
        return fill_path(path, self._values)

    def _url(self, value: object) -> URL | None:
        """An address in an answer; whether it may be asked is for the session to say."""
        if not isinstance(value, str) or not value.startswith(("http://", "https://", "/")):
            return None
        try:
            url = URL(value[:4000])
            return url if url.host else self._session.at_root(url.path).with_query(url.query)
        except (ValueError, IndexError):
            return None


def seed_of(told: object, path: str) -> int | None:
    """A seed that stands in an answer.

    Examples:
        >>> seed_of({"seed": 7}, "seed"), seed_of({"seed": "7"}, "seed"), seed_of({}, "")
        (7, 7, None)
    """
    found = at(told, path) if path else None
    if isinstance(found, str) and found.isdecimal() and len(found) < 20:
        found = int(found)
    return found if type(found) is int and 0 <= found < 1 << 64 else None


def told_cost(told: object, path: str) -> float | None:
    """What a picture cost, as an answer tells.

    Examples:
        >>> told_cost({"cost": {"total": 8}}, "cost.total")
        8.0
    """
    found = at(told, path) if path else None
    return float(found) if isinstance(found, int | float) and 0 <= found < 1e6 else None
