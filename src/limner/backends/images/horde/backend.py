"""The AI Horde: pictures drawn by volunteers, for kudos or with patience.

``--backend horde`` draws at ``https://aihorde.net``; ``--backend horde+http://host?steps=20`` at a
horde of your own. The key is LIMNER_HORDE_KEY; without one everybody's anonymous key is used,
which waits behind all others.

A request is handed in and gets a name; then one asks from time to time how it stands, and fetches
the picture when it is done. The Horde answers each of these ten times a minute (the last) or a
second (the others) and wants no more. A picture that is cancelled, or takes too long, is taken
back there, so that no volunteer draws it for nobody.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Unpack

from limner.backends.http.refusal import Remedies
from limner.backends.http.timeouts import Timeouts, bounded
from limner.backends.images.horde.options import HordeOptions
from limner.backends.images.horde.polling import PollInterval, ProgressEstimate, until_done
from limner.backends.images.horde.wire import (
    Generation,
    GenerationStatus,
    Ticket,
    payload,
    read_generation,
    read_models,
    read_status,
    read_ticket,
)
from limner.backends.images.support.checking import CheckedPicture
from limner.backends.images.support.references import Found, told_of
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.backends.images.support.service_backend import Given, ServiceBackend
from limner.backends.options import overridden
from limner.errors import (
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    BadPicture,
    ContentRefused,
)
from limner.illustration.model.image import Image, ImageRequest, Whereabouts

KIND = "horde"
HORDE = "https://aihorde.net"
API = "/api/v2"
ANONYMOUS = "0000000000"
CLIENT = "limner:1:https://pypi.org/project/limner"
"""Who we are, as the Horde wants it: name, version, where to reach us."""

R2_HOSTS = ("*.r2.cloudflarestorage.com",)
"""Where the Horde's pictures lie."""

PARTING = Timeouts(connect=3.0, first_byte=5.0, idle=3.0, total=5.0)
"""Bounds for taking a request back: nobody waits longer for it."""

_REGISTER = (
    "smaller pictures and fewer steps cost less, the option allow_downgrade=true makes them so; "
    "or register at https://aihorde.net/register and set LIMNER_HORDE_KEY"
)
REMEDIES = Remedies(
    key="set LIMNER_HORDE_KEY to the key from https://aihorde.net/register, or leave it empty",
    address="is the address right? It is that of the horde's page, without a path",
    server="horde",
    filters=("corruptprompt", "profanity", "terms of service"),
    advice={
        "KudosUpfront": _REGISTER,
        "SharedKeyEmpty": "that shared key is used up; set LIMNER_HORDE_KEY to another",
        "UserNotFound": "set LIMNER_HORDE_KEY to the key from https://aihorde.net/register",
        "AnonForbidden": "set LIMNER_HORDE_KEY to the key from https://aihorde.net/register",
        "TimeoutIP": "it has shut this address out for a while; wait, and ask for less at a time",
        "TooManyPrompts": "draw fewer pictures at a time",
        "UnsupportedModel": "see limner's docs/backends.md for how to list the models there are",
    },
)


class HordeBackend(ServiceBackend[HordeOptions]):
    """Draws at the AI Horde. Making one does no I/O.

    Args:
        url: The horde's address.
        poll: Seconds between two looks at least. The Horde wants one second; less is for a horde
            of your own.
        **given: As `ServiceBackend` is given it; ``total`` of the bounds is for the whole picture
            with all its waiting, none by default.

    Examples:
        >>> HordeBackend(key="secret")
        HordeBackend('https://aihorde.net')
    """

    kind = KIND
    home = HORDE
    spoken = "AI Horde"
    remedies = REMEDIES
    routes = ("/api", API)

    def __init__(
        self, url: str | None = None, *, poll: float = 1.0, **given: Unpack[Given[HordeOptions]]
    ) -> None:
        super().__init__(url, **given)
        self._interval = PollInterval(shortest=poll)

    def begin(self) -> None:
        """There is nothing to take back yet."""
        self._parting: set[asyncio.Task[None]] = set()

    @classmethod
    def default_options(cls) -> HordeOptions:
        """What it draws with where nobody says otherwise."""
        return HordeOptions()

    @classmethod
    def headers(cls, key: str) -> Mapping[str, str]:
        """The key, or everybody's, and who asks."""
        return {"apikey": key or ANONYMOUS, "Client-Agent": CLIENT}

    @classmethod
    def hosts(cls, options: HordeOptions) -> tuple[str, ...]:
        """Where the Horde's pictures lie."""
        return (*R2_HOSTS, *options.hosts)

    async def aclose(self) -> None:
        """Close every connection, after requests are taken back. Twice is fine."""
        if self._parting:
            await asyncio.wait(self._parting)  # each has its bounds
        await super().aclose()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture; see `limner.illustration.ImageBackend`.

        ``info`` tells model, worker, kudos, what the Horde warned of, the first place in its
        queue, and the size that was asked for where it differs.

        Raises:
            limner.errors.BackendError: With the Horde's own words; `ContentRefused` if the prompt
                was refused or the picture censored.
        """
        options, ignored = overridden(self.options, request.attributes)
        shown = await self.references.find(request)
        asked = partial(
            self._followed, request=request, options=options, ignored=ignored, shown=shown
        )
        errand = request.errand
        left = None if errand is None else errand.left(self.place)
        if left is not None:  # gone there, or gone wrong: it is asked for anew
            with suppress(BackendRejected, BackendUnavailable, BadPicture):
                return await asked(Ticket(id=left["id"], kudos=None, warnings=()))
        ticket = await self._submit(payload(request, options, shown.pictures))
        if errand is not None:
            errand.sent(self.place, id=ticket.id)
        return await asked(ticket)

    async def _followed(
        self,
        ticket: Ticket,
        *,
        request: ImageRequest,
        options: HordeOptions,
        ignored: Mapping[str, str],
        shown: Found,
    ) -> Image:
        """The picture of a request that is handed in; taken back if it is waited for no more."""
        loop = asyncio.get_running_loop()
        began, estimate, places = loop.time(), ProgressEstimate(), list[int]()

        def report(status: GenerationStatus) -> None:
            places.append(status.place)
            fraction = estimate.update(loop.time() - began, status)
            if request.whereabouts is not None:
                # Never as being drawn: its fraction is a guess by the clock, and no sign of life.
                request.whereabouts(Whereabouts(drawn=False, ahead=status.place))
            if request.progress is not None:
                request.progress(fraction, None)

        try:
            status = await self._done(ticket, options, report)
        except BaseException:
            await self._take_back(ticket)
            raise
        info = {**_info(ticket, status, places[0]), "steps": options.steps, **told_of(shown)}
        return await self._fetched(ticket, request, info, {**shown.ignored, **ignored})

    async def _fetched(
        self,
        ticket: Ticket,
        request: ImageRequest,
        info: Mapping[str, object],
        ignored: Mapping[str, str],
    ) -> Image:
        """The picture of a request that is done."""
        generation = await self._generation(ticket)
        return self.image(
            await self._picture(generation),
            request,
            seed=generation.seed if generation.seed is not None else request.seed,
            info={**generation.fields, **info},
            ignored=ignored,
        )

    # A request, from its beginning to its end

    async def _submit(self, body: Mapping[str, Any]) -> Ticket:
        """Hand a request in. One that is cancelled on the way is still awaited, and taken back."""
        submitting = asyncio.create_task(self._hand_in(body), name="hand in at the horde")
        try:
            return await asyncio.shield(submitting)
        except asyncio.CancelledError:
            await self._part(self._take_back_when_known(submitting))
            raise

    async def _hand_in(self, body: Mapping[str, Any]) -> Ticket:
        answer = await self.session.request(
            "POST", f"{API}/generate/async", json=body, timeouts=self.brief,
            wanted="generate/async", largest=1 << 20,
        )  # fmt: skip
        ticket = read_ticket(answer.json())
        if ticket is None:
            raise answer.other_kind()
        return ticket

    async def _take_back_when_known(self, submitting: "asyncio.Task[Ticket]") -> None:
        _, late = await asyncio.wait([submitting], timeout=PARTING.total)
        if late:
            submitting.cancel()
            await asyncio.wait([submitting])
        if not submitting.cancelled() and submitting.exception() is None:
            await self._delete(submitting.result())

    async def _take_back(self, ticket: Ticket) -> None:
        await self._part(self._delete(ticket))

    async def _part(self, parting: Coroutine[Any, Any, None]) -> None:
        """Do it to its end even if we are cancelled meanwhile (again)."""
        task = asyncio.create_task(parting, name="take back from the horde")
        self._parting.add(task)
        task.add_done_callback(self._parting.discard)
        await asyncio.wait([task])

    async def _delete(self, ticket: Ticket) -> None:
        with suppress(BackendError):  # it will expire there; nobody can do more
            await self.session.request(
                "DELETE", f"{API}/generate/status/{ticket.id}", timeouts=PARTING,
                wanted="request of that name", largest=64 << 20,
            )  # fmt: skip

    async def _done(
        self, ticket: Ticket, options: HordeOptions, tell: Callable[[GenerationStatus], None]
    ) -> GenerationStatus:
        server, total = self.session.shown, self.session.timeouts.total
        try:
            async with asyncio.timeout(bounded(total)) as limit:
                status = await until_done(
                    lambda: self._look(ticket), interval=self._interval, told=tell
                )
        except TimeoutError:
            if not limit.expired():
                raise
            raise BackendTimeout(
                f"{server} did not draw the picture within {total:g} s; with a key and kudos, or "
                "more models to choose from, it is quicker",
                server=server,
            ) from None
        if status.done:
            return status
        if not status.possible:
            raise BackendRejected(_impossible(server, options), server=server)
        raise BackendUnavailable(f"{server}: the picture went wrong at its worker", server=server)

    async def _look(self, ticket: Ticket) -> GenerationStatus:
        try:
            answer = await self.session.request(
                "GET", f"{API}/generate/check/{ticket.id}", timeouts=self.brief,
                wanted="request of that name", largest=1 << 20,
            )  # fmt: skip
        except BackendRejected as error:
            if error.status == 404:
                raise BackendRejected(
                    f"{self.session.shown} has dropped the request before it was drawn: it keeps "
                    "them for a while only",
                    server=self.session.shown,
                    status=404,
                ) from None
            raise
        return read_status(answer.json())

    async def _generation(self, ticket: Ticket) -> Generation:
        """What came of it. Asked once: the Horde allows ten such questions a minute."""
        server = self.session.shown
        answer = await self.session.request(
            "GET", f"{API}/generate/status/{ticket.id}", timeouts=self.brief,
            wanted="request of that name", largest=2 * self.limits.bytes,
        )  # fmt: skip
        answered = answer.json()
        if not isinstance(answered, dict):
            raise answer.other_kind()
        generation = read_generation(answered)
        if generation is None:
            raise BadPicture(f"{server} answered without a picture", server=server)
        if generation.censored:
            raise ContentRefused(
                f"a worker of {server} censored the picture; change the prompt, or set nsfw=true "
                "if that is what you want",
                server=server,
            )
        return generation

    async def _picture(self, generation: Generation) -> CheckedPicture:
        found: bytes | str = generation.picture or ""
        if isinstance(found, str) and found.lower().startswith(("http://", "https://", "data:")):
            found = await self.session.fetch(found, largest=self.limits.bytes)
        return await self.checked(found)

    # What it is

    async def _get(self, path: str, wanted: str, **params: str) -> Any:
        answer = await self.session.request(
            "GET", API + path, params=params or None, timeouts=self.brief, wanted=wanted,
            largest=8 << 20,
        )  # fmt: skip
        return answer.json()

    async def models(self) -> list[ModelInfo]:
        """The models that workers offer now, those that most of them have first."""
        return read_models(await self._get("/status/models", "list of models", type="image"))

    async def check(self) -> ServerFacts:
        """Look who is there; see `limner.backends.images.support.server.PictureServer`."""
        beat = await self._get("/status/heartbeat", "heartbeat")
        if not isinstance(beat, dict):
            raise BackendRejected(
                f"{self.session.shown} is no AI Horde: its heartbeat is no object",
                server=self.session.shown,
            )
        notes = ["the anonymous key waits behind all others"]
        if self.key:
            user = await self._get("/find_user", "user of this key")
            kudos = user.get("kudos") if isinstance(user, dict) else None
            notes = [f"kudos: {kudos:.0f}"] if isinstance(kudos, int | float) else []
        models = await self.models()
        known = {model.name for model in models}
        notes += [f"no worker offers {name!r}" for name in self.options.models if name not in known]
        version = beat.get("version")
        return ServerFacts(
            kind="AI Horde",
            version=version if isinstance(version, str) else None,
            models=models,
            notes=notes,
        )


def _impossible(server: str, options: HordeOptions) -> str:
    wishes = [f"models={','.join(options.models)}"] if options.models else []
    wishes += ["trusted_workers=true"] if options.trusted_workers else []
    wishes += ["slow_workers=false"] if not options.slow_workers else []
    wishes += [f"loras={','.join(options.loras)}"] if options.loras else []
    wishes += ["nsfw=true"] if options.nsfw else []
    asked = f" ({', '.join(wishes)})" if wishes else ""
    return (
        f"{server} has no worker that can draw this{asked}; ask for a smaller picture, for fewer "
        "steps, or for other models"
    )


def _info(ticket: Ticket, status: GenerationStatus, first_place: int) -> dict[str, object]:
    """What the Horde told of a request, as far as it told."""
    kudos = status.kudos if status.kudos is not None else ticket.kudos
    found: dict[str, object] = {
        "kudos": kudos,
        "cost": None if kudos is None else f"{kudos:g} kudos",
        "warnings": list(ticket.warnings) or None,
        "queue_position": first_place or None,
    }
    return {name: value for name, value in found.items() if value is not None}
