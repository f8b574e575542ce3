"""Spans for whoever speaks OpenTelemetry's protocol (OTLP), by its own variables; an extra.

- ``asked``: what the variables ask for
- ``tracer``: `limner.tracing.Tracer` by OpenTelemetry's packages
- ``sending``: where spans go, without holding anybody up

Nothing but ``asked`` needs those packages, and nothing else is loaded before spans are asked for.
"""

from limner.telemetry.asked import Asked, asked_for

__all__ = ["Asked", "asked_for"]
