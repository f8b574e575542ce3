"""Where spans go: by OpenTelemetry's variables, and so that nobody waits for whoever takes them."""

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from tests.cli.conftest import spawn
from tests.cluster.replicas import Spawn
from tests.telemetry.collector import Collector
from tests.waiting import until

from limner.composition import open_tracing
from limner.config import Settings
from limner.telemetry import Asked
from limner.telemetry.sending import TellingExporter, sending

__all__ = ["spawn"]

pytestmark = [pytest.mark.real_time, pytest.mark.needs("opentelemetry.sdk")]

HERE = Asked(by="it", shown="http://tempo:4318")
STORY = 'Once <!--img-prompt="a fox" size="64x64"--> upon.'


def test_nothing_of_it_is_loaded_where_nobody_asks_for_it(tmp_path: Path) -> None:
    """Though it is installed; a name for the service asks for nothing."""
    (tmp_path / "story.md").write_text(STORY)
    program = """
        import sys
        from limner.cli import main
        sys.argv = "limner illustrate story.md -o out.md --no-library".split()
        try:
            main()
        finally:
            print([one for one in sys.modules if one.startswith("opentelemetry")])
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=tmp_path, env={**os.environ, "OTEL_SERVICE_NAME": "tales"},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "[]\n"), ran.stderr


async def test_where_it_is_not_installed_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And all is done as if nobody had asked."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    monkeypatch.delitem(sys.modules, "limner.telemetry.sending")
    lines: list[str] = []
    async with open_tracing(Settings(), lines.append) as spans:
        assert spans is None
    assert lines == [
        "no spans are sent: what OTEL_EXPORTER_OTLP_ENDPOINT asks for needs the package "
        "'opentelemetry', which is not installed: pip install 'limner[otel]'"
    ]


async def test_a_command_is_one_trace(
    tmp_path: Path, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent at its end at the latest; under the name that the service is given."""
    (tmp_path / "story.md").write_text(STORY)
    with Collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "tales")
        running = spawn("illustrate", "story.md", "-o", "out.md", "--no-library")
        code, _, said = await running.ended()
        assert code == 0, said
    (root,) = collector.named("limner illustrate")
    assert root.parent == ""
    (picture,) = collector.below(root)
    assert [one.name.rpartition(".")[2] for one in collector.below(picture)] == [
        "wait", "draw", "keep",
    ]  # fmt: skip
    assert {(one.service, one.trace) for one in collector.spans} == {("tales", root.trace)}
    assert b"fox" not in collector.raw


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """A collector that takes connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


async def test_whoever_never_answers_is_waited_for_no_longer_than_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long it takes it, and however much there is to send; the loop goes on meanwhile."""
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "600")
    loop = asyncio.get_running_loop()
    with silent() as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        ended_at = 0.0
        async with sending(HERE, last=0.2) as tracer:
            for _ in range(5000):
                tracer.begin("one").end()
            ended_at = loop.time()
        assert loop.time() - ended_at < 5.0  # ten times as long as it is said; not a send's time


class Broken(SpanExporter):
    """Takes nothing, for a while."""

    def __init__(self) -> None:
        self.works = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Take some."""
        if not self.works:
            raise OSError("no route to ann:secret@tempo")
        return SpanExportResult.SUCCESS


def test_one_line_tells_that_nobody_takes_spans(caplog: pytest.LogCaptureFixture) -> None:
    """However often it is tried; and one that somebody does again."""
    caplog.set_level(logging.INFO)
    inner = Broken()
    exporter = TellingExporter(inner, "http://tempo:4318")
    for works in (False, False, False, True, True):
        inner.works = works
        exporter.export([])
    lost, back = caplog.messages
    assert lost.startswith("http://tempo:4318 takes no spans;")
    assert back == "http://tempo:4318 takes spans again"


async def test_a_dead_collector_costs_one_line_and_no_picture(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The packages' own complaints about each try are left out."""
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    async with open_tracing(Settings()) as spans:
        assert spans is not None
        spans.tracer.begin("one").end()
    assert [one.split(";")[0] for one in caplog.messages if "spans" in one] == [
        "http://127.0.0.1:1 takes no spans"
    ]
    assert not any(one.name.startswith("opentelemetry") for one in caplog.records)
    await until(lambda: not any(one.name == "last spans" for one in threading.enumerate()))


@pytest.mark.parametrize(
    ("variables", "said"),
    [({"OTEL_TRACES_EXPORTER": "zipkin"}, "zipkin"),
     ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "grpc")],
)  # fmt: skip
async def test_what_cannot_be_done_is_said_in_a_line_and_all_else_goes_on(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    """The variables may be meant for other programs."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    lines: list[str] = []
    async with open_tracing(Settings(), lines.append) as spans:
        assert spans is None
    assert len(lines) == 1
    assert said in lines[0]
