"""Login and logout: the browser keeps a token where no script can read it, and forgets it."""

import contextlib
import logging
from html import escape
from urllib.parse import parse_qs

from limner.errors import RequestRejected, StorageError
from limner.server.guard.credentials import cookie_header, forgotten_header, is_cookie_safe
from limner.server.guard.paths import PICTURE_PAGE
from limner.server.http.exchange import ClientGone, Exchange, Header, Receive, Scope, Send
from limner.server.index_page.document import document, show
from limner.server.tokens import TokenBook

log = logging.getLogger(__name__)

LARGEST = 4096
"""Bytes of a form."""
HERE = b"./"
"""The page, as seen from a form: relative, so that it is right behind any proxy."""


class Login:
    """Asks for a token, and exchanges one that is known for a cookie.

    It answers ``GET /login`` and any page that wants a token, ``POST /login``, and ``/?token=…``,
    so that a link can hold the token; the browser is led on to the page without it. If another
    page may have led it there, a person has to agree: nobody works under a name unawares.

    Args:
        tokens: Who is known.
        secure: Gives whether the browser may show the cookie over https only.
    """

    def __init__(self, tokens: TokenBook, *, secure: bool) -> None:
        self._tokens = tokens
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        with contextlib.suppress(ClientGone):  # there is nobody to answer
            await self._answer(exchange)

    async def _answer(self, exchange: Exchange) -> None:
        if exchange.method == "POST":
            token, behind = await self._typed(exchange)
            await self._take(exchange, token, behind=behind)
        elif (given := exchange.query("token")) is not None:
            await self._take(exchange, given, ask=_may_be_led(exchange))
        elif PICTURE_PAGE.fullmatch(exchange.path) and _is_led(exchange):
            # A browser does not show its cookie where a page of others leads; from here it does.
            await show(exchange, passing_page())
        else:
            status = 200 if exchange.path == "/login" else 401
            await show(exchange, login_page(behind=exchange.path), status=status)

    async def _typed(self, exchange: Exchange) -> tuple[str, str]:
        """The token, and the page for which it was asked."""
        try:
            body = await exchange.body(LARGEST)
        except RequestRejected:
            return "", ""
        try:
            fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=8)
        except ValueError:
            return "", ""
        return fields.get("token", [""])[0].strip(), fields.get("behind", [""])[0]

    async def _take(
        self, exchange: Exchange, token: str, *, ask: bool = False, behind: str = ""
    ) -> None:
        try:
            await self._tokens.refresh()
        except StorageError:
            log.warning("the library cannot be read, so nobody can log in")
        owner = self._tokens.owner(token)
        if owner is None:
            told = "This token is not known here."
            await show(exchange, login_page(told, behind=behind), status=401)
            return
        if not is_cookie_safe(token):
            told = "This token holds characters that no browser can keep; make another one."
            await show(exchange, login_page(told), status=401)
            return
        if ask:
            await show(exchange, question_page(owner, token))
            return
        log.info("%s logged in", owner)
        place = f".{behind}".encode() if PICTURE_PAGE.fullmatch(behind) else HERE
        headers: list[Header] = [
            (b"location", place),
            (b"set-cookie", cookie_header(token, secure=self._secure)),
        ]
        await exchange.respond(303, b"", headers)


class Logout:
    """Answers ``POST /logout``: the browser drops its cookie, and is led to the page.

    The page then asks for a token again.

    Args:
        secure: Whether the browser may show the cookie over https only.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        cookie = forgotten_header(secure=self._secure)
        headers = [(b"location", HERE), (b"set-cookie", cookie)]
        await Exchange(scope, receive, send).respond(303, b"", headers)


def _may_be_led(exchange: Exchange) -> bool:
    """Whether a page of others may have led the browser here.

    Over plain HTTP from another machine browsers do not tell; then only what wants no page is
    taken for a program.
    """
    if "sec-fetch-site" not in exchange.headers:
        return "text/html" in exchange.headers.get("accept", "")
    return _is_led(exchange)


def _is_led(exchange: Exchange) -> bool:
    """Whether the browser says that another page led it here."""
    return exchange.header("sec-fetch-site") not in (None, "none", "same-origin")


def question_page(owner: str, token: str) -> bytes:
    """Asks whether somebody wants to be logged in by the link that led here.

    Args:
        owner: Whose token it is.
        token: The token.
    """
    return document(
        "limner: log in",
        f"""<h1>limner</h1>
<p class="dim">A link on another page wants to log you in here as {escape(owner)}.</p>
<section><form method="post" action="login">
<input type="hidden" name="token" value="{escape(token)}">
<button>Log in as {escape(owner)}</button></form></section>
<p class="dim">If you did not expect that, close this page.</p>""",
    )


def passing_page() -> bytes:
    """Leads to the page at the same address, from one of limner's own."""
    return document("limner", "<p>One moment …</p>", head='<meta http-equiv="refresh" content="0">')


def login_page(error: str = "", *, behind: str = "") -> bytes:
    """The form.

    Args:
        error: What was wrong, as text that needs no escaping.
        behind: The path of the page that is wanted; that of a picture is led to afterwards.
    """
    is_below = PICTURE_PAGE.fullmatch(behind) is not None
    wanted = f'<input type="hidden" name="behind" value="{behind}">' if is_below else ""
    told = f'<p class="error" role="alert">{error}</p>' if error else ""
    return document(
        "limner: log in",
        f"""<h1>limner</h1><p class="dim">This server wants a token.</p>
<section><form method="post" action="{"../" * is_below}login">{told}{wanted}
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button></form></section>
<p class="dim">Whoever runs this server makes one with <code>limner token add NAME</code>.</p>""",
    )
