"""The middleware that stands before everything."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import chain

from limner.errors import StorageError
from limner.server.guard.allowed_hosts import AllowedHosts
from limner.server.guard.credentials import bearer_token, cookie_token, user_of
from limner.server.guard.origins import Origins, cors_answer, preflight_answer
from limner.server.guard.paths import (
    EVENTS,
    FORMS,
    is_answered_to_the_end,
    is_open,
    is_pairing,
    is_proxied,
    is_shown,
    is_sound,
)
from limner.server.guard.prefix import prefix_of, without_prefix
from limner.server.guard.refusal import Refusal, foreign_page, unauthorized
from limner.server.guard.request_context import RequestContext, Watcher, failed, stopping, too_large
from limner.server.guard.rules import GuardRules
from limner.server.guard.trusted_header import TrustedHeader
from limner.server.http.exchange import Receive, Scope, Send
from limner.server.tokens import TokenBook, TokenEntry

log = logging.getLogger(__name__)

OWNER = "limner.owner"
"""The key of a scope under which those behind find for whom a request is."""
ADMIN = "limner.admin"
"""The same for whether that is somebody who may do everything."""
ADMITTED = "limner.admitted"
"""The same for a question: whether whoever asked would still be let in as the same one."""
NOBODY = TokenEntry("")
"""Shows no token, where none is needed."""
HERE = TokenEntry("", front_end=True, admin=True)
"""Shows none, where only this machine gets in."""

AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """Checks host, origin, token and size of every request before anything else sees it.

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
        paired: Tells whether pages of an origin were let in by somebody here.
        on_begin: Are called with each request, in its own context.

    Attributes:
        closing: Whether nothing new is taken any more.
        requests: What is being answered.
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
        paired: Callable[[str], bool] = lambda origin: False,
        on_begin: Sequence[Callable[[RequestContext], None]] = (),
    ) -> None:
        self.closing = False
        self.requests: set[RequestContext] = set()
        self.on_end: Callable[[], None] = lambda: None
        self._app, self._login = app, login
        self._rules, self._tokens = rules, tokens
        self._names = AllowedHosts(rules.public_url, rules.hosts)
        self._origins = Origins(rules.public_url, rules.origins, paired=paired)
        self._trusted = TrustedHeader(
            rules.trusted_user, rules.trusted_proxies, admins=rules.admins
        )
        self._prefix = prefix_of(rules.public_url)
        self._clock = clock
        self._watchers = tuple(watchers)
        self._on_begin = tuple(on_begin)
        self._busy: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"this application speaks HTTP only, not {scope['type']}")
        bare = bool(self._prefix) and scope["path"] == self._prefix
        scope = without_prefix(scope, self._prefix)
        context = RequestContext(
            scope, receive, send, rules=self._rules, clock=self._clock, watcher=self._streaming
        )
        for begin in self._on_begin:
            begin(context)
        self.requests.add(context)
        try:
            try:
                await self._handle(context, scope, bare=bare)
            except Refusal as refusal:
                await context.refuse(refusal)
        except asyncio.CancelledError:
            if await context.end_cut():
                return
            if context.is_wanted:  # what it waited for was cancelled, and it was not
                log.exception("%s %s was left", context.method, context.path)
                await context.refuse(failed())
                return
            raise
        finally:
            scope.pop(ADMITTED, None)  # it leads back to the scope
            self.requests.discard(context)
            context.part()
            for watcher in self._watchers:
                watcher.ended(context)
            self.on_end()

    async def _handle(self, context: RequestContext, scope: Scope, *, bare: bool) -> None:
        self._check_form(context, scope)
        if self._check_page(context):
            await self._preflight(context)
            return
        if bare:
            await self._lead_below(context, scope)
            return
        holder = await self._holder(context, scope)
        looked_at = is_shown(context.path) and context.method in ("GET", "HEAD")
        exchanged = looked_at and b"token=" in scope.get("query_string", b"")
        if holder is None or exchanged:
            await self._login(scope, context.receive, context.send)
            return
        name = holder.name or None
        context.owner = scope[OWNER] = user_of(
            name, context.headers, front_end=holder.front_end
        )  # fmt: skip
        own = holder is HERE or context.owner == name
        scope[ADMIN] = self._rules.household or (holder.admin and own)
        context.reads = None if scope[ADMIN] else context.owner or ""
        scope[ADMITTED] = partial(self._is_admitted, context, scope, holder)
        with self._turn(context.owner) if context.owner is not None else nullcontext():
            await self._app(scope, context.receive, context.send)
        if context.refusal is not None:
            await context.refuse(context.refusal)
        elif not context.status and not await context.has_gone():
            await context.refuse(context.unanswered())

    async def _is_admitted(self, context: RequestContext, scope: Scope, holder: TokenEntry) -> bool:
        """Whether an answer that goes on may: its token, or its page, may be revoked meanwhile."""
        try:
            self._check_page(context)
            return await self._holder(context, scope) == holder
        except Refusal:
            return False

    @contextmanager
    def _turn(self, owner: str) -> Iterator[None]:
        """One of the requests that a token may have at the same time."""
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

    def _check_form(self, context: RequestContext, scope: Scope) -> None:
        """What needs to be known of nobody."""
        if self.closing and not is_answered_to_the_end(context.path):
            raise stopping()
        if not is_sound(context.path, scope.get("raw_path") or b""):
            raise Refusal(400, "bad_path", "this path leads out of what can be served")
        fields = scope["headers"]
        head = sum(map(len, chain.from_iterable(fields))) + 4 * len(fields)
        if head + len(scope.get("query_string", b"")) > self._rules.header_bytes:
            told = f"the head of a request may have {self._rules.header_bytes} bytes"
            raise Refusal(431, "header_too_large", told)
        length = context.headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > self._rules.body_bytes:
            raise too_large(self._rules.body_bytes)
        hosts = [value for name, value in fields if name.lower() == b"host"]
        if len(hosts) != 1:
            raise Refusal(400, "bad_host", "a request must say once which host it is for")
        if not self._names.allows(context.headers["host"]):
            raise Refusal(
                421,
                "unknown_host",
                f"this server is not known as {context.headers['host'][:100]!r}; "
                "serve.hosts in the settings says by which names it may be called",
            )

    def _check_page(self, context: RequestContext) -> bool:
        """Which pages may ask; tells whether it is an announcement that is answered here."""
        headers, path = context.headers, context.path
        if is_pairing(context.method, path):
            if "origin" in headers:
                context.extra = cors_answer(headers)
            return context.method == "OPTIONS"
        if is_open(context.method, path) and path not in FORMS:
            return False
        proxied, form = is_proxied(path), path in FORMS
        if self._origins.refuses(
            context.method, headers, listening=path == EVENTS, proxied=proxied, form=form
        ):
            raise foreign_page(headers.get("origin", "another site"), form=form)
        if proxied or "origin" not in headers or not self._origins.allows(headers["origin"]):
            return False
        context.extra = cors_answer(headers)
        return context.method == "OPTIONS" and "access-control-request-method" in headers

    async def _preflight(self, context: RequestContext) -> None:
        headers = preflight_answer(context.headers)
        await context.send({"type": "http.response.start", "status": 204, "headers": headers})
        await context.send({"type": "http.response.body", "body": b""})

    async def _lead_below(self, context: RequestContext, scope: Scope) -> None:
        """Lead a browser to the page from where links on it lead below the prefix."""
        query: bytes = scope.get("query_string", b"")
        place = self._prefix.encode() + b"/" + (b"?" + query if query else b"")
        headers = [(b"location", place), (b"content-length", b"0")]
        await context.send({"type": "http.response.start", "status": 308, "headers": headers})
        await context.send({"type": "http.response.body", "body": b""})

    async def _holder(self, context: RequestContext, scope: Scope) -> TokenEntry | None:
        """What is known of its token; ``None``: it is missing, on a page.

        Raises:
            Refusal: One is missing or unknown.
        """
        if is_open(context.method, context.path) or is_pairing(context.method, context.path):
            return NOBODY
        announced = context.method == "OPTIONS" and is_proxied(context.path)
        if announced and "access-control-request-method" in context.headers:
            return NOBODY
        try:
            await self._tokens.refresh()
        except StorageError:
            told = "the library cannot be read, so nobody can be told apart"
            raise Refusal(503, "library_unavailable", told) from None
        if not self._tokens and not self._rules.token_required:
            return HERE
        token = bearer_token(context.headers)
        if token is None and self._origins.is_from_own_page(context.headers):
            token = cookie_token(context.headers)
        shown = is_shown(context.path) and context.method in ("GET", "HEAD")
        holder = self._tokens.entry(token) if token is not None else None
        if holder is None and (shown or self._origins.is_from_own_page(context.headers)):
            # As a cookie, it is sent along whatever page has the browser ask.
            holder = self._trusted.holder(context.client, scope["headers"])
        if holder is None and not shown:
            raise unauthorized(token is not None)
        return holder

    def _streaming(self, context: RequestContext) -> None:
        for watcher in self._watchers:
            watcher.streaming(context)
