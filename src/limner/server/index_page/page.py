"""``GET /``: a plain page with the server's addresses and its state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from limner.server.guard.credentials import cookie_token
from limner.server.guard.guard import OWNER
from limner.server.http.exchange import Exchange, Receive, Scope, Send
from limner.server.index_page.document import document, show


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """The facts on the page, without secrets.

    Attributes:
        base: The address for front-ends.
        rows: What is what: a name and its value.
        hint: What is still to be done, if something is.
    """

    base: str
    rows: Sequence[tuple[str, str]] = ()
    hint: str | None = None


class IndexPage:
    """Answers ``GET /`` with the page.

    Args:
        tell: Gives what there is to tell at this moment.
    """

    def __init__(self, tell: Callable[[], PageFacts]) -> None:
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        user = scope.get(OWNER) if cookie_token(exchange.headers) is not None else None
        await show(exchange, index_html(self._tell(), user=user))


def index_html(facts: PageFacts, *, user: str | None = None) -> bytes:
    """The page.

    Args:
        facts: What is on it.
        user: Whose token the browser keeps.

    Example:
        >>> b"http://h/v1</code>" in index_html(PageFacts(base="http://h/v1"))
        True
    """
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.rows)
    hint = f'<p class="error">{escape(facts.hint)}</p>' if facts.hint else ""
    base = escape(facts.base)
    leave = (
        f"""<section><form method="post" action="logout">
<p>You are logged in as {escape(user)}.</p><button>Log out</button></form></section>"""
        if user
        else ""
    )
    return document(
        "limner",
        f"""<h1>limner</h1>
<p class="dim">Illustrates a language model's text while it is still being written.</p>{hint}
<section><h2>Use it from your front-end</h2>
<p>Give this address as an OpenAI-compatible server; pictures then appear in the story.</p>
<p><code class="url">{base}</code></p>
<p class="dim">SillyTavern: Chat Completion, source “Custom (OpenAI-compatible)”, and allow external
media. Open WebUI: Admin, Connections. LibreChat: an endpoint in librechat.yaml. LobeChat: the
provider's API proxy URL. The API key is this server's token, if it has one.</p></section>
<section><h2>Now</h2><dl>{rows}</dl></section>
<section><h2>For programs</h2><p><a href="openapi.json">/openapi.json</a> describes the API,
<a href="healthz">/healthz</a> and <a href="readyz">/readyz</a> tell how the server is, and
<a href="metrics">/metrics</a> has figures for Prometheus.</p></section>{leave}""",
    )
