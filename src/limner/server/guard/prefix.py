"""The path of the public URL, where what stands before the server does not take it off.

With ``--public-url https://example.org/limner`` a reverse proxy may send ``/limner/images/…`` or
``/images/…``; both mean the same.
"""

from urllib.parse import urlsplit

from limner.server.http.exchange import Scope

OURS = frozenset(
    {"api", "chat", "completions", "healthz", "images", "login", "logout", "metrics", "models",
     "openapi.json", "page", "picture", "readyz", "v1"}
)  # fmt: skip
"""How our own paths begin. A prefix that begins so cannot be told from them, and is not taken off:
there, whatever stands before the server has to do it."""


def prefix_of(public_url: str) -> str:
    """The path of a public URL that requests may have in front of theirs; else nothing.

    Examples:
        >>> prefix_of("https://example.org/apps/limner/"), prefix_of("http://127.0.0.1:8750")
        ('/apps/limner', '')
        >>> prefix_of("https://example.org/chat")
        ''
    """
    path = urlsplit(public_url).path.rstrip("/")
    return "" if path[1:].partition("/")[0] in OURS else path


def without_prefix(scope: Scope, prefix: str) -> Scope:
    """A request as it is without the prefix in front of its path.

    Examples:
        >>> without_prefix({"path": "/limner/api", "raw_path": b"/limner/api"}, "/limner")
        {'path': '/api', 'raw_path': b'/api'}
        >>> without_prefix({"path": "/limners/api"}, "/limner")
        {'path': '/limners/api'}
    """
    path: str = scope["path"]
    if not prefix or not path.startswith(f"{prefix}/"):
        return scope
    raw: bytes = scope.get("raw_path") or b""
    return {
        **scope,
        "path": path.removeprefix(prefix),
        "raw_path": raw.removeprefix(prefix.encode()),
    }
