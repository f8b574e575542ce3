"""One trace from a front-end's request to its pictures, told by real servers and workers."""

import asyncio
from typing import Any

import pytest
from tests.cluster.conftest import MakeReplicas
from tests.cluster.test_elsewhere import ELSEWHERE, all_drawn
from tests.telemetry.collector import Collector, Span
from tests.waiting import until

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.needs("pgqueuer", "opentelemetry.exporter.otlp.proto.http"),
]

ASKED = "POST /v1/chat/completions"


def path(collector: Collector, span: Span) -> list[str]:
    """The names of a span and of what it is a part of, up to a span that nobody has told of."""
    known = {one.id: one for one in collector.spans}
    names = [span.name]
    while span.parent in known:
        span = known[span.parent]
        names.append(span.name)
    return names


async def test_one_trace_goes_from_the_request_to_pictures_that_workers_draw(
    replicas: MakeReplicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over PostgreSQL; who goes on after a worker's death has a link to what that had begun."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    options: dict[str, Any] = {**ELSEWHERE, "gate": asyncio.Event(), "more": "max_concurrent = 6"}
    with Collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        async with replicas(**options) as cluster:
            (here,) = await cluster.start(1)
            (first,) = await cluster.hire(1)
            await here.tell("One")
            await until(lambda: cluster.pictures.running == 6)
            await until(lambda: len(collector.named("limner.picture.wait")) == 12)
            first.kill()
            await until(lambda: cluster.pictures.running == 0)
            await cluster.hire(1)
            await until(lambda: cluster.pictures.running == 6)
            options["gate"].set()
            await until(lambda: all_drawn(here, "One"), every=0.1)
            await until(lambda: len(collector.named("limner.picture")) == 12)
    (request,) = collector.named(ASKED)
    drawn = collector.named("limner.picture.draw")
    assert len(drawn) == 6
    for one in drawn:
        assert path(collector, one) == [
            "limner.picture.draw", "limner.picture", "limner.picture.order", "limner.picture",
            "chat test-model", ASKED,
        ]  # fmt: skip
        assert one.trace == request.trace
        assert one.process != request.process
        assert one.facts["limner.backend.kind"] == "openai"
        assert one.facts["limner.outcome"] == "drawn"
    begun = {one.parent for one in collector.named("limner.picture.wait")}
    taken_over = [one for one in collector.named("limner.picture") if one.links]
    assert len(taken_over) == 6
    for one in taken_over:
        assert one.facts["limner.taken_over"]
        assert one.links[0] in begun - {span.id for span in collector.spans}
    assert b"fox" not in collector.raw
