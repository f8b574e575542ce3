"""Figures for Prometheus, in a registry of their own.

- ``requests``: what the guard sees
- ``pictures``: what the limiter does
- ``backends``: how each picture server does
- ``texts``: what is written, and which pictures were there already
- ``server``: how it is
- ``exposition``: ``GET /metrics``
"""

from limner.server.metrics.backends import BackendMetrics
from limner.server.metrics.exposition import Exposition
from limner.server.metrics.pictures import PictureMetrics
from limner.server.metrics.requests import RequestMetrics
from limner.server.metrics.server import ServerMetrics
from limner.server.metrics.texts import CountingStore, TextMetrics

__all__ = [
    "BackendMetrics",
    "CountingStore",
    "Exposition",
    "PictureMetrics",
    "RequestMetrics",
    "ServerMetrics",
    "TextMetrics",
]
