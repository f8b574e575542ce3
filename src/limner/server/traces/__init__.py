"""What a server tells in spans besides its pictures, and besides what models are asked.

- ``requests``: what the guard sees
"""

from limner.server.traces.requests import RequestSpans

__all__ = ["RequestSpans"]
