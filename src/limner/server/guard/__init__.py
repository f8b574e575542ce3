"""Who and what gets in: the first that every request meets.

- ``names``: by which host names the server may be called (DNS rebinding)
- ``origins``: which web pages may ask (cross-site requests)
- ``prefix``: the path of the public URL, which may stand before all others
- ``places``: which paths are sound, and which need no token
- ``credentials``: the token a request shows
- ``refusal``: how it is told
- ``visit``: one request, with its id, its time limits, and what became of it
- ``guard``: puts them together, as a pure ASGI middleware
"""

from limner.server.guard.guard import Guard
from limner.server.guard.names import HostNames
from limner.server.guard.origins import Origins
from limner.server.guard.rules import GuardRules
from limner.server.guard.visit import Visit, Watcher

__all__ = ["Guard", "GuardRules", "HostNames", "Origins", "Visit", "Watcher"]
