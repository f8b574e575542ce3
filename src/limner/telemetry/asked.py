"""What OpenTelemetry's variables ask for, before any of its packages is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
EXPORTER = "OTEL_TRACES_EXPORTER"
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
USUAL = "http://localhost:4318"
"""Where spans go if nobody says so."""
HTTP = "http/protobuf"
"""The protocol that they are sent by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """That spans are asked for.

    Attributes:
        by: The variable that does.
        shown: Where they go, without anything secret.
        console: Whether they are shown on standard error in place of being sent.
        problem: Why there are none after all; ``""``: nothing stands against it.
    """

    by: str
    shown: str
    console: bool = False
    problem: str = ""


def asked_for(environment: Mapping[str, str]) -> Asked | None:
    """What is asked for; ``None``: no spans.

    They are asked for by an address, or by ``OTEL_TRACES_EXPORTER``; an empty variable is none.

    Args:
        environment: The variables.

    Examples:
        >>> asked_for({}) is None, asked_for({"OTEL_SERVICE_NAME": "tales"}) is None
        (True, True)
        >>> asked_for({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:secret@tempo:4318"}).shown
        'http://tempo:4318'
        >>> both = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://tempo:4318", "OTEL_SDK_DISABLED": "true"}
        >>> asked_for(both) is None
        True
        >>> asked_for({"OTEL_TRACES_EXPORTER": "zipkin"}).problem
        'OTEL_TRACES_EXPORTER is zipkin, and limner knows otlp, console and none'
    """
    said = {name: value.strip() for name, value in environment.items() if name.startswith("OTEL_")}
    exporter = said.get(EXPORTER, "").lower()
    place = next((name for name in ENDPOINTS if said.get(name)), "")
    off = said.get("OTEL_SDK_DISABLED", "").lower() == "true" or exporter == "none"
    if off or not (exporter or place):
        return None
    by, shown = EXPORTER if exporter else place, _shown(said.get(place) or USUAL)
    if exporter not in ("", "otlp", "console"):
        told = f"{EXPORTER} is {exporter}, and limner knows otlp, console and none"
        return Asked(by=by, shown=shown, problem=told)
    if exporter == "console":
        return Asked(by=by, shown="standard error", console=True)
    wished = next((name for name in PROTOCOLS if said.get(name)), "")
    if wished and said[wished].lower() != HTTP:
        told = f"{wished} is {said[wished]}, and limner sends spans by {HTTP} alone"
        return Asked(by=by, shown=shown, problem=told)
    return Asked(by=by, shown=shown)


def _shown(url: str) -> str:
    """An address without user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
