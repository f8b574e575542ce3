"""The files to be adapted for several machines: as their formats want them, and true of limner.

The schema beside this file is that of the Compose Specification (see NOTICE). Nothing is started.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import typer
import yaml  # type: ignore[import-untyped]
from prometheus_client import CollectorRegistry
from tests.server.served import served

from limner.cli.app import app
from limner.composition.elsewhere import check_elsewhere
from limner.config import load_settings

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
SCHEMA = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
GIVEN = {
    "LIMNER_TOKEN": "a-token-of-many-characters",
    "POSTGRES_PASSWORD": "secret",
    "OBJECTS_PASSWORD": "another secret",
    "LLM_URL": "http://llm:8080/v1",
}
METRIC = re.compile(r"\blimner_\w+")
LABELS = re.compile(r"\bby \(([^)]*)\)")
SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "info": ["_info"]}
ADDED = {"instance", "le"}
"""Labels that Prometheus adds, or that are a histogram's own."""


def filled(text: str) -> str:
    """What Compose makes of variables; one that must be given is."""
    return VARIABLE.sub(
        lambda found: GIVEN[found[1]] if found[2] == "?" else GIVEN.get(found[1], found[3] or ""),
        text,
    )


def compose(name: str) -> dict[str, Any]:
    """A file for Compose, as it is read."""
    read: dict[str, Any] = yaml.safe_load(filled((DEPLOY / name).read_text()))
    return read


@pytest.mark.parametrize("name", ["compose.yaml", "cluster.yaml"])
def test_files_for_compose_are_as_its_schema_says(name: str) -> None:
    """Before and after their variables are filled in."""
    for read in (yaml.safe_load((DEPLOY / name).read_text()), compose(name)):
        jsonschema.Draft7Validator(SCHEMA).validate(read)


@pytest.mark.parametrize(
    ("file", "service", "command"),
    [("compose.yaml", "limner", "serve"), ("cluster.yaml", "serve", "serve"),
     ("cluster.yaml", "work", "work"), ("cluster.yaml", "migrate", "migrate")],
)  # fmt: skip
def test_what_they_tell_limner_it_knows(
    file: str, service: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every variable is a setting whose value makes sense, every option one of the command."""
    told = compose(file)["services"][service]
    for name, value in told["environment"].items():
        if str(value):
            monkeypatch.setenv(name, str(value))
    settings = load_settings()
    if file == "cluster.yaml":
        check_elsewhere(settings, "it")
    parameters = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]
    known = {option for parameter in parameters for option in parameter.opts}
    assert [
        word for word in told.get("command", []) if word.startswith("--") and word not in known
    ] == []


def test_several_servers_and_workers_share_all_they_must() -> None:
    """One database, one Valkey that throws nothing away, one place for pictures."""
    services = compose("cluster.yaml")["services"]
    assert services["serve"]["deploy"]["replicas"] == 2
    assert services["work"]["deploy"]["replicas"] == 4
    assert "elsewhere" in services["serve"]["command"]
    assert "noeviction" in services["valkey"]["command"]
    shared = ("LIMNER_LIBRARY", "LIMNER_LIBRARY_PICTURES", "LIMNER_SHARED_LIMITS")
    for name in shared:
        assert (
            len({services[one]["environment"][name] for one in ("migrate", "serve", "work")}) == 1
        )
    environment = services["serve"]["environment"]
    assert environment["LIMNER_LIBRARY_PICTURES"].startswith("s3://limner/")
    told = services["objects"]["environment"]
    keys = [environment[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")]
    assert keys == [told["MINIO_ROOT_USER"], told["MINIO_ROOT_PASSWORD"]]
    for one in ("serve", "work"):
        assert services[one]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }


def shown(registry: CollectorRegistry) -> tuple[set[str], set[str]]:
    """The names of all figures there are, and of their labels."""
    names, labels = set(), set(ADDED)
    suffixes = {
        "counter": ["_total"],
        "histogram": ["_bucket", "_sum", "_count"],
        "info": ["_info"],
    }
    for family in registry.collect():
        names |= {family.name + suffix for suffix in suffixes.get(family.type, [""])}
        for sample in family.samples:
            labels |= sample.labels.keys()
    return names, labels


@pytest.mark.real_time
async def test_the_dashboard_shows_figures_that_there_are(tmp_path: Path) -> None:
    """By labels that they have, each in a place of its own."""
    dashboard = json.loads((DEPLOY / "grafana.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    async with served(tmp_path) as server:
        drawing = {"prompt": "a fox", "size": "64x64"}
        assert await server.status("POST", "/v1/images/generations", json=drawing) == 200
        assert await server.status("GET", "/api/nothing") == 404
        names, labels = shown(server.running.registry)
    used = {name for expression in asked for name in METRIC.findall(expression)}
    assert used - names == set()
    by = {
        one.strip() for text in asked for group in LABELS.findall(text) for one in group.split(",")
    }
    assert by - labels - {"kind", "reason"} == set()  # these two come with what goes wrong
    places = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)
