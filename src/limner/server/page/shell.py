"""``GET /``: the page itself, which is nearly empty, and names all that it needs at once."""

from limner.server.http.exchange import Exchange, Header, Receive, Scope, Send
from limner.server.page.page_files import PageFile, PageFiles
from limner.server.page.static_files import send_file

FIRST = "main.js"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types limner"
)
"""Nothing but the page's own runs or is loaded, and one place alone makes elements of text."""


class Shell:
    """Answers ``GET /``. All addresses in it are relative, so that a path may stand before them.

    Args:
        page: The files of the page.
    """

    def __init__(self, page: PageFiles) -> None:
        self._document = PageFile.of("index.html", shell_html(page).encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: list[Header] = [
            (b"content-security-policy", POLICY.encode()),
            (b"cache-control", b"no-store"),
        ]
        await send_file(Exchange(scope, receive, send), self._document, headers)


def shell_html(page: PageFiles) -> str:
    """The document: every module that the page begins with is named in it.

    Args:
        page: The files of the page.
    """
    preloads = "\n".join(
        f'<link rel="modulepreload" href="page/{{version}}/{name}">' for name in page.modules(FIRST)
    )
    text = page["index.html"].data.decode()
    return text.replace("{preloads}", preloads).replace("{version}", page.version)
