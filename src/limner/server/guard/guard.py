"""The middleware that stands before everything."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

from limner.errors import StorageError
from limner.server.guard.credentials import bearer_token, cookie_token
from limner.server.guard.names import HostNames
from limner.server.guard.origins import Origins, cors_answer, preflight_answer
from limner.server.guard.places import (
    EVENTS,
    FORMS,
    LIVENESS,
    is_open,
    is_proxied,
    is_shown,
    is_sound,
)
from limner.server.guard.prefix import prefix_of, without_prefix
from limner.server.guard.refusal import Refusal, foreign_page, unauthorized
from limner.server.guard.rules import GuardRules
from limner.server.guard.visit import Visit, Watcher, stopping, too_large
from limner.server.http.exchange import Receive, Scope, Send
from limner.server.tokens import TokenBook

OWNER = "limner.owner"
"""The key of a scope under which those behind find for whom a request is."""

AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """Lets in whoever may come in, and nobody else.

    In this order: a sound path, a head and body that are not too large, one ``Host`` that is ours,
    no page of others, a token. What is refused is told in the form its client understands, and
    logged by whoever watches. All others find the token's name in ``scope["limner.owner"]``.

    Args:
        app: Answers those who came in.
        login: Answers people who have no token yet, and takes the one they type.
        rules: What gets in.
        tokens: Who is known.
        clock: Seconds.
        watchers: Are told of every request.
        on_begin: Called with each request, in its own context.

    Attributes:
        closing: Whether nothing new is taken any more.
        visits: What is being answered.
        on_end: Called after each request.
    """

    def __init__(
        self,
        app: AsgiApp,
        *,
        login: AsgiApp,
        rules: GuardRules,
        tokens: TokenBook,
        clock: Callable[[], float],
        watchers: Sequence[Watcher] = (),
        on_begin: Callable[[Visit], None] = lambda visit: None,
    ) -> None:
        self.closing = False
        self.visits: set[Visit] = set()
        self.on_end: Callable[[], None] = lambda: None
        self._app, self._login = app, login
        self._rules, self._tokens = rules, tokens
        self._names = HostNames(rules.public_url, rules.hosts)
        self._origins = Origins(rules.public_url, rules.origins)
        self._prefix = prefix_of(rules.public_url)
        self._clock = clock
        self._watchers = tuple(watchers)
        self._on_begin = on_begin
        self._busy: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"this application speaks HTTP only, not {scope['type']}")
        bare = bool(self._prefix) and scope["path"] == self._prefix
        scope = without_prefix(scope, self._prefix)
        visit = Visit(
            scope, receive, send, rules=self._rules, clock=self._clock, watcher=self._streaming
        )
        self._on_begin(visit)
        self.visits.add(visit)
        try:
            await self._visit(visit, scope, bare=bare)
        except Refusal as refusal:
            await visit.refuse(refusal)
        except asyncio.CancelledError:
            if not await visit.end_cut():
                raise
        finally:
            self.visits.discard(visit)
            for watcher in self._watchers:
                watcher.ended(visit)
            self.on_end()

    async def _visit(self, visit: Visit, scope: Scope, *, bare: bool) -> None:
        self._check_form(visit, scope)
        if self._check_page(visit):
            await self._preflight(visit)
            return
        if bare:
            await self._lead_below(visit, scope)
            return
        owner = await self._owner(visit)
        looked_at = is_shown(visit.path) and visit.method in ("GET", "HEAD")
        exchanged = looked_at and b"token=" in scope.get("query_string", b"")
        if owner is None or exchanged:
            await self._login(scope, visit.receive, visit.send)
            return
        visit.owner = scope[OWNER] = owner or None
        with self._turn(visit.owner):
            await self._app(scope, visit.receive, visit.send)
        if visit.refusal is not None:
            await visit.refuse(visit.refusal)

    @contextmanager
    def _turn(self, owner: str | None) -> Iterator[None]:
        """One of the requests that a token may have at the same time."""
        if owner is None:
            yield
            return
        most = self._rules.requests_per_token
        if self._busy[owner] >= most:
            told = f"{most} requests at the same time are as many as a token may have"
            raise Refusal(429, "too_many_requests", told, ((b"retry-after", b"1"),))
        self._busy[owner] += 1
        try:
            yield
        finally:
            self._busy[owner] -= 1
            if not self._busy[owner]:
                del self._busy[owner]

    def _check_form(self, visit: Visit, scope: Scope) -> None:
        """What needs to be known of nobody."""
        if self.closing and visit.path not in (LIVENESS, "/readyz"):
            raise stopping()
        if not is_sound(visit.path, scope.get("raw_path") or b""):
            raise Refusal(400, "bad_path", "this path leads out of what can be served")
        head = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
        if head + len(scope.get("query_string", b"")) > self._rules.header_bytes:
            told = f"the head of a request may have {self._rules.header_bytes} bytes"
            raise Refusal(431, "header_too_large", told)
        length = visit.headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > self._rules.body_bytes:
            raise too_large(self._rules.body_bytes)
        hosts = [value for name, value in scope["headers"] if name.lower() == b"host"]
        if len(hosts) != 1:
            raise Refusal(400, "bad_host", "a request must say once which host it is for")
        if not self._names.allows(visit.headers["host"]):
            raise Refusal(
                421,
                "unknown_host",
                f"this server is not known as {visit.headers['host'][:100]!r}; "
                "serve.hosts in the settings says by which names it may be called",
            )

    def _check_page(self, visit: Visit) -> bool:
        """Which pages may ask; tells whether it is an announcement that is answered here."""
        headers, path = visit.headers, visit.path
        if is_open(visit.method, path) and path not in FORMS:
            return False
        proxied, form = is_proxied(path), path in FORMS
        if self._origins.refuses(
            visit.method, headers, listening=path == EVENTS, proxied=proxied, form=form
        ):
            raise foreign_page(headers.get("origin", "another site"), form=form)
        if proxied or "origin" not in headers or not self._origins.allows(headers["origin"]):
            return False
        visit.extra = cors_answer(headers)
        return visit.method == "OPTIONS" and "access-control-request-method" in headers

    async def _preflight(self, visit: Visit) -> None:
        headers = preflight_answer(visit.headers)
        await visit.send({"type": "http.response.start", "status": 204, "headers": headers})
        await visit.send({"type": "http.response.body", "body": b""})

    async def _lead_below(self, visit: Visit, scope: Scope) -> None:
        """Lead a browser to the page from where links on it lead below the prefix."""
        query: bytes = scope.get("query_string", b"")
        place = self._prefix.encode() + b"/" + (b"?" + query if query else b"")
        headers = [(b"location", place), (b"content-length", b"0")]
        await visit.send({"type": "http.response.start", "status": 308, "headers": headers})
        await visit.send({"type": "http.response.body", "body": b""})

    async def _owner(self, visit: Visit) -> str | None:
        """Whose token it shows; ``""``: none is needed; ``None``: one is missing, on a page.

        Raises:
            Refusal: One is missing or unknown.
        """
        if is_open(visit.method, visit.path):
            return ""
        announced = visit.method == "OPTIONS" and is_proxied(visit.path)
        if announced and "access-control-request-method" in visit.headers:
            return ""
        try:
            await self._tokens.refresh()
        except StorageError:
            told = "the library cannot be read, so nobody can be told apart"
            raise Refusal(503, "library_unavailable", told) from None
        if not self._tokens and not self._rules.token_required:
            return ""
        token = bearer_token(visit.headers)
        if token is None and self._origins.is_from_own_page(visit.headers):
            token = cookie_token(visit.headers)
        owner = self._tokens.owner(token) if token is not None else None
        if owner is None and not (is_shown(visit.path) and visit.method in ("GET", "HEAD")):
            raise unauthorized(token is not None)
        return owner

    def _streaming(self, visit: Visit) -> None:
        for watcher in self._watchers:
            watcher.streaming(visit)
