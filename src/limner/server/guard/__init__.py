"""Who and what gets in: the first that every request meets.

- ``names``: by which host names the server may be called (DNS rebinding)
- ``origins``: which web pages may ask (cross-site requests)
- ``prefix``: the path of the public URL, which may stand before all others
- ``places``: which paths are sound, and which need no token
- ``credentials``: the token a request shows
- ``refusal``: how it is told
- ``context``: one request, with its id, its time limits, and what became of it
- ``guard``: puts them together, as a pure ASGI middleware
"""

from limner.server.guard.allowed_hosts import AllowedHosts
from limner.server.guard.guard import Guard
from limner.server.guard.origins import Origins
from limner.server.guard.request_context import RequestContext, Watcher
from limner.server.guard.rules import GuardRules

__all__ = ["AllowedHosts", "Guard", "GuardRules", "Origins", "RequestContext", "Watcher"]
