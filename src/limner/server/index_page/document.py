"""A small page of HTML with its own style, and the policy that allows just that."""

import base64
import hashlib
from html import escape

from limner.server.http.exchange import Exchange, Header

_STYLE = """
:root{color-scheme:light dark;--text:#23201b;--dim:#6b645a;--ground:#faf7f1;--card:#fff;
--line:#e2dacb;--accent:#8a4b1f}
@media(prefers-color-scheme:dark){:root{--text:#ece6da;--dim:#a79f92;--ground:#1b1916;
--card:#24211d;--line:#3a352d;--accent:#e0a070}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.55 Georgia,serif}
main{max-width:46rem;margin:0 auto;padding:3rem 1.25rem}
h1{font-size:2rem;margin:0 0 .25rem;letter-spacing:.01em}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.5rem 0}.dim{color:var(--dim)}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;
padding:.25rem 1.25rem 1.25rem;margin-top:1.25rem}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
.url{display:block;padding:.6rem .8rem;border:1px solid var(--line);border-radius:.4rem;
user-select:all}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.25rem;margin:0}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
a{color:var(--accent)}
label{display:block;margin:1rem 0 .35rem}
input{width:100%;font:inherit;padding:.55rem .7rem;color:inherit;background:var(--ground);
border:1px solid var(--line);border-radius:.4rem}
button{margin-top:1rem;font:inherit;padding:.5rem 1.2rem;border:0;border-radius:.4rem;
background:var(--accent);color:var(--ground);cursor:pointer}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--accent);
outline-offset:2px}
.picture{display:block;max-width:100%;height:auto;border-radius:.4rem}
.prompt{font-size:1.15rem;font-weight:normal;margin:1rem 0;overflow-wrap:anywhere}
.error{color:#b3261e}@media(prefers-color-scheme:dark){.error{color:#ff9d90}}
"""

_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def policy(*, pictures: bool = False) -> str:
    """The policy of a page.

    Args:
        pictures: Whether it shows pictures of the server's, under any of this machine's names.
    """
    shown = "img-src 'self' http://*.localhost:*; " if pictures else ""
    return (
        f"default-src 'none'; {shown}style-src 'sha256-{_DIGEST}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def document(title: str, body: str, *, head: str = "") -> bytes:
    """A page.

    Args:
        title: Its title, as text.
        body: What is in it, as HTML.
        head: More of its head, as HTML.
    """
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{head}</head>"
        f"<body><main>{body}</main></body></html>"
    ).encode()


async def show(exchange: Exchange, page: bytes, *, status: int = 200) -> None:
    """Answer with a page, which nobody keeps."""
    headers: list[Header] = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy().encode()),
        (b"cache-control", b"no-store"),
    ]
    await exchange.respond(status, page, headers)
