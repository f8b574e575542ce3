"""One line for every request."""

import logging
from collections.abc import Callable

from limner.server.guard.visit import Visit
from limner.server.logs.formatting import FIELDS

log = logging.getLogger("limner.access")

_QUIET = ("/healthz", "/readyz", "/metrics")
"""What machines ask every few seconds."""


class AccessLog:
    """Logs requests: those refused as warnings, our own failures as errors.

    Paths are logged without their query, which may hold a token.

    Args:
        clock: Seconds, as the guard has them.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def streaming(self, visit: Visit) -> None:
        """A stream is logged when it has ended."""

    def ended(self, visit: Visit) -> None:
        """Log a request."""
        level = _level(visit)
        if not log.isEnabledFor(level):
            return
        took = self._clock() - visit.begun_at
        status = str(visit.status) if visit.status else "gone"
        reason = f" ({visit.refusal.code})" if visit.refusal else ""
        mode = f", pictures {visit.mode}" if visit.mode else ""
        fields = {
            "request_id": visit.id,
            "method": visit.method,
            "path": visit.path[:500],
            "status": visit.status,
            "seconds": round(took, 4),
            "bytes": visit.sent,
            "client": visit.client,
            "owner": visit.owner,
            "mode": visit.mode or None,
            "refused": visit.refusal.code if visit.refusal else None,
        }
        log.log(
            level,
            "%s %s %s%s %.0f ms %d bytes%s",
            visit.method,
            visit.path[:500],
            status,
            reason,
            took * 1000,
            visit.sent,
            mode,
            extra={FIELDS: fields, "request_id": visit.id},
        )


def _level(visit: Visit) -> int:
    if visit.status >= 500:
        return logging.ERROR
    if visit.refusal is not None:
        return logging.WARNING
    return logging.DEBUG if visit.path in _QUIET else logging.INFO
