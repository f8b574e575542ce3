"""One prompt at the server: sent, followed to its end, fetched, and taken back if need be."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import aiohttp

from limner.backends.http.timeouts import bounded
from limner.backends.images.comfyui.client import ComfyUIClient, PollIntervals
from limner.backends.images.comfyui.frames import FEATURES
from limner.backends.images.comfyui.history import Entry, Outcome, PictureFile, PromptStatus
from limner.backends.images.comfyui.hopeless import FailureMemory
from limner.backends.images.comfyui.prompt_tracker import PromptTracker
from limner.backends.images.comfyui.recipe import PreparedWorkflow
from limner.backends.images.support.checking import kind_of
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
)
from limner.illustration.model.errand import Note
from limner.illustration.model.image import ImageRequest, Whereabouts

PATIENCE = 3
"""Looks at a server in a row that may fail while it draws."""

GRACE = 0.5
"""Seconds between a success and the frame that says that the history tells of it."""
GIVEN_UP = 15.0
"""Seconds after which a prompt that cannot be stopped is left."""

PREVIEW = 4 << 20
"""Bytes of a preview."""


class Drawing:
    """One attempt at a picture, with ids of its own that are never used again.

    Args:
        client: The server.
        plan: What to draw.
        pace: How often to look.
        websocket: Whether to listen on a websocket.
        request: Whom to tell how far it is, and where.
        previews: Whether to hand on previews.
        largest: Bytes the picture may have.
        told: How far an earlier attempt at the same picture has come: nothing less is told.
        failed_before: How pictures failed so far.
        note: Keeps what whoever may have to go on with it needs for `take_up`; ``None``: nobody.

    Attributes:
        told: How far the picture is, as last told.
    """

    def __init__(
        self,
        client: ComfyUIClient,
        plan: PreparedWorkflow,
        *,
        pace: PollIntervals,
        websocket: bool,
        request: ImageRequest,
        previews: bool,
        largest: int,
        told: float = -1.0,
        failed_before: FailureMemory,
        note: Callable[..., None] | None = None,
    ) -> None:
        self._request = request
        self._failed_before = failed_before
        self._client = client
        self._server = client.session.shown
        self._plan = plan
        self._pace = pace
        self._websocket = websocket
        self._progress = request.progress
        self._whereabouts = request.whereabouts
        self._drawn = False  # whether it was told to be drawn
        self._previews = previews
        self._largest = largest
        self._note = note
        self._client_id = uuid.uuid4().hex
        self._tracker = PromptTracker(str(uuid.uuid4()), plan.graph, plan.output)
        self._posting: asyncio.Task[tuple[str, object]] | None = None
        self._over = False  # whether the server has nothing of ours to stop
        self.told = told
        self._failures = 0  # looks in a row that failed

    async def run(self, withdrawals: set[asyncio.Task[None]]) -> bytes | None:
        """Draw, and fetch the picture; ``None`` if its file is gone.

        However it ends otherwise, the prompt is taken out of the queue or stopped, if it is there.

        Args:
            withdrawals: Where the stopping is noted while it goes on, to be waited for.

        Raises:
            limner.errors.BackendError: With the reason.
        """
        bound = self._client.session.timeouts.total
        try:
            async with asyncio.timeout(bounded(bound)) as limit:
                async with self._listening() as socket:
                    try:
                        entry = await self._ended(socket)
                    except BaseException:
                        await self._withdrawn(withdrawals)
                        raise
                return await self._fetched(entry)
        except TimeoutError:
            if not limit.expired():
                raise
            raise BackendTimeout(
                f"{self._server} did not finish the picture within {bound:g} s; it was "
                f"{'being drawn' if self._tracker.running else 'waiting'}",
                server=self._server,
            ) from None

    async def take_up(self, left: Note, withdrawals: set[asyncio.Task[None]]) -> bytes | None:
        """Go on with a prompt that somebody else has sent, and fetch its picture.

        One that comes over the websocket is kept nowhere: for it we listen in that one's place.

        Args:
            left: What was noted of it.
            withdrawals: As for `run`.

        Returns:
            The picture; ``None``: it is not there any more, or came to nothing.

        Raises:
            BackendTimeout: It takes too long.
        """
        bound = self._client.session.timeouts.total
        self._tracker.prompt_id = left["id"]
        self._client_id = left.get("client", self._client_id)
        self._posting = posting = asyncio.create_task(_already(left["id"]))
        await asyncio.wait([posting])
        try:
            async with asyncio.timeout(bounded(bound)):
                if self._plan.streams:
                    await self._overheard()
                return await self._fetched(await self._entry())
        except (BackendRejected, BackendUnavailable, BackendBusy, BadPicture):
            return None
        except TimeoutError:
            await self._withdrawn(withdrawals)
            raise BackendTimeout(
                f"{self._server} did not finish the picture within {bound:g} s",
                server=self._server,
            ) from None
        except BaseException:
            await self._withdrawn(withdrawals)
            raise

    async def _overheard(self) -> None:
        """Listen in the place of whoever has sent the prompt; it may have ended since we do."""
        async with self._listening() as socket:
            if socket is not None:
                over = await self._look() is not None or self._over
                await self._follow(socket, GRACE if over else self._pace.quiet)

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse | None]:
        """A websocket, or ``None`` where there can be none: then we ask again and again."""
        async with AsyncExitStack() as stack:
            socket = None
            if self._websocket:
                opening = self._client.session.websocket(
                    "/ws", params={"clientId": self._client_id}
                )
                with suppress(BackendError):  # the next request tells whether it is there at all
                    socket = await stack.enter_async_context(opening)
            yield socket

    # Sending it

    async def _ended(self, socket: aiohttp.ClientWebSocketResponse | None) -> Entry:
        tracker, plan = self._tracker, self._plan
        if socket is not None:
            with suppress(ConnectionError):  # then it is closed, which reading it tells
                await socket.send_str(FEATURES)
        elif plan.streams:
            self._over = True
            raise BackendRejected(
                f"{self._server} has no websocket, over which node {plan.output} would send its "
                "picture; use SaveImage in the workflow",
                server=self._server,
            )
        tracker.prompt_id, errors = await self._submitted()
        self._client.check_branch(errors, plan.graph, plan.output)
        if socket is not None:
            await self._follow(socket, self._pace.quiet)
        return await self._entry()

    async def _submitted(self) -> tuple[str, object]:
        self._noted(self._tracker.prompt_id)
        posting = asyncio.create_task(
            self._client.submit(
                self._plan.graph, prompt_id=self._tracker.prompt_id, client_id=self._client_id
            ),
            name=f"submit {self._tracker.prompt_id}",
        )
        self._posting = posting
        await asyncio.wait([posting])  # if we are cancelled, it goes on: see `_withdraw`
        try:
            given = posting.result()
            if given[0] != self._tracker.prompt_id:  # an old server has names of its own
                self._noted(given[0])
            return given
        except BackendError as error:
            # An error that the server itself gave needs no withdrawal; a gateway's does.
            self._over = error.status is not None and error.status not in (408, 502, 504)
            raise

    def _noted(self, prompt_id: str) -> None:
        if self._note is not None:
            self._note(id=prompt_id, seed=str(self._plan.seed), client=self._client_id)

    # How far it is

    async def _follow(self, socket: aiohttp.ClientWebSocketResponse, quiet: float) -> None:
        """Read frames until there is nothing more to be learnt from them."""
        loop, tracker = asyncio.get_running_loop(), self._tracker
        look_at = loop.time() + quiet
        while not tracker.ended:
            try:
                async with asyncio.timeout_at(look_at):
                    message = await socket.receive()
            except TimeoutError:
                if tracker.succeeded or await self._look() is not None or self._over:
                    return
                look_at = loop.time() + self._pace.quiet
                continue
            if message.type is aiohttp.WSMsgType.TEXT:
                if tracker.text(message.data):
                    wait = GRACE if tracker.succeeded else self._pace.quiet
                    look_at = loop.time() + wait
            elif message.type is aiohttp.WSMsgType.BINARY:
                tracker.binary(message.data)
            else:
                return  # it broke; a second one with our id would be forgotten with the first
            self._tell()

    def _tell(self) -> None:
        tracker, preview = self._tracker, self._tracker.take_preview()
        if tracker.running and not self._drawn:
            self._place(PromptStatus.RUNNING)
        if preview is not None and not (self._previews and _is_preview(preview)):
            preview = None
        if self._progress is not None and (preview or tracker.fraction > self.told):
            self.told = max(tracker.fraction, self.told)
            self._progress(self.told, preview)

    def _place(self, standing: PromptStatus, ahead: int = 0) -> None:
        """Tell where it is. What is drawn does not wait again."""
        self._drawn = self._drawn or standing is PromptStatus.RUNNING
        if self._whereabouts is not None and standing is not PromptStatus.ABSENT:
            self._whereabouts(Whereabouts(drawn=self._drawn, ahead=ahead))

    # How it ended

    async def _entry(self) -> Entry:
        """What the history tells of it, as soon as it does."""
        tracker = self._tracker
        while True:
            entry = await self._look()
            if entry is not None:
                self._over = True
                return entry
            if self._over:
                break
            await asyncio.sleep(self._pace.poll)
        if tracker.succeeded and (tracker.files or tracker.streamed):
            # Somebody has cleared the history.
            files = {self._plan.output: tracker.files}
            return Entry(outcome=Outcome.SUCCESS, files=files)
        raise BackendUnavailable(
            f"{self._server} has lost the picture: it is neither in its queue nor in its history. "
            "It was restarted, or somebody deleted it there",
            server=self._server,
        )

    async def _look(self) -> Entry | None:
        """The history's entry, if there is one; what is nowhere at all is over.

        A look may fail, a few times in a row: a picture is worth more than one answer.
        """
        prompt_id = self._tracker.prompt_id
        try:
            entry = await self._client.entry(prompt_id)
            if entry is None:
                standing, ahead = await self._client.standing(prompt_id)
                self._place(standing, ahead)
                if standing is PromptStatus.ABSENT:
                    entry = await self._client.entry(prompt_id)  # it may have ended between the two
                    self._over = True
        except (BackendUnavailable, BackendBusy, BackendTimeout):
            self._failures += 1
            if self._failures >= PATIENCE:
                raise
            return None
        self._failures = 0
        return entry

    async def _fetched(self, entry: Entry) -> bytes | None:
        server, output = self._server, self._plan.output
        if entry.outcome is Outcome.INTERRUPTED:
            raise BackendRejected(
                f"the drawing was stopped at {server} by somebody else", server=server
            )
        if entry.outcome is Outcome.FAILED:
            raise self._client.session.secrets.hide(self._failure(entry.failure))
        if self._plan.streams:
            if self._tracker.streamed is None:
                raise BackendUnavailable(
                    f"the picture was lost with the websocket of {server}", server=server
                )
            return self._tracker.streamed
        files = entry.files.get(output) or self._tracker.files
        if not files:
            raise BadPicture(f"{server} ended without a picture of node {output}", server=server)
        return await self._viewed(files[0])

    def _failure(self, why: str) -> BackendError:
        """A failing node's error; only one that may go better next time is worth another try."""
        hopeless = self._failed_before.hopeless(self._request, why)
        kind = BackendRejected if hopeless else BackendUnavailable
        return kind(f"{self._server} failed: {why}", server=self._server)

    async def _viewed(self, file: PictureFile) -> bytes | None:
        try:
            try:
                return await self._client.view(file, largest=self._largest)
            except BackendUnavailable:  # it is drawn already: worth a second look
                return await self._client.view(file, largest=self._largest)
        except BackendRejected as error:
            if error.status == 404:
                return None
            raise

    # Taking it back

    async def _withdrawn(self, withdrawals: set[asyncio.Task[None]]) -> None:
        """Take it back; never raises a failure of that.

        It goes on by itself if the caller is cancelled once more.
        """
        if self._over or self._posting is None:
            return
        running = asyncio.create_task(
            self._withdraw(self._posting), name=f"withdraw {self._tracker.prompt_id}"
        )
        withdrawals.add(running)
        running.add_done_callback(withdrawals.discard)
        await asyncio.wait([running])

    async def _withdraw(self, posting: asyncio.Task[tuple[str, object]]) -> None:
        try:
            async with asyncio.timeout(GIVEN_UP):
                await self._remove()
                if not posting.done():  # it may yet be taken, after we have asked to delete it
                    await asyncio.wait([posting])
                    with suppress(BackendError):
                        self._tracker.prompt_id, _ = posting.result()
                    await self._remove()
        except TimeoutError:
            return  # given up
        finally:
            posting.cancel()
            await asyncio.wait([posting])
            if not posting.cancelled():
                posting.exception()

    async def _remove(self) -> None:
        """Out of the queue; and stopped, if it is ours that runs: others' work is not touched."""
        client, prompt_id, pause, asked = self._client, self._tracker.prompt_id, 0.05, False
        with suppress(BackendError):  # the server may be gone: then there is nothing to stop
            await client.delete(prompt_id)
            while (await client.standing(prompt_id))[0] is PromptStatus.RUNNING:
                if not asked:
                    await client.interrupt(prompt_id)
                    asked = True
                await asyncio.sleep(pause)
                pause = min(2 * pause, 1.0)


async def _already(prompt_id: str) -> tuple[str, object]:
    """What the server says of a prompt that it has already."""
    return prompt_id, None


def _is_preview(data: bytes) -> bool:
    return len(data) <= PREVIEW and kind_of(data) is not None
