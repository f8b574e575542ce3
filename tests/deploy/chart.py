"""The chart for Kubernetes: rendered by Helm's own library, as its schemas want, true of limner.

Nothing is started.
"""

import json
from typing import Any

import pytest
import typer
import yaml  # type: ignore[import-untyped]
from tests.deploy.test_deploy import DEPLOY, GIVEN

from limner.cli.app import app
from limner.composition.elsewhere import check_elsewhere
from limner.config import load_settings

CHART = DEPLOY / "chart"
SECRET = {
    "LIMNER_LIBRARY": "postgresql://limner:secret@postgres/limner",
    "LIMNER_SHARED_LIMITS": "valkey://valkey:6379/0",
    "LIMNER_SERVE__TOKEN": GIVEN["LIMNER_TOKEN"],
}
CUTTING = 5
"""Seconds in which a server cuts what is not done after its grace."""


def rendered(**values: Any) -> list[dict[str, Any]]:
    """What Helm makes of the chart."""
    import helm_python

    made = helm_python.Chart.load(CHART).render(values, name="tales", namespace="stories")
    texts = (text for name, text in made.items() if name.endswith(".yaml"))
    return [one for text in texts for one in yaml.safe_load_all(text) if one]


def of_kind(kind: str, part: str = "", **values: Any) -> dict[str, Any]:
    """The one of a kind, of servers or workers."""
    (found,) = (
        one
        for one in rendered(**values)
        if one["kind"] == kind and one["metadata"]["name"].endswith(part)
    )
    return found


def container(part: str) -> dict[str, Any]:
    """What runs in a pod."""
    kind = "Job" if part == "migrate" else "Deployment"
    (found,) = of_kind(kind, part)["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    "values",
    [
        {},
        {
            "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "tls"},
            "serviceAccount": {"name": "tales"},
            "imagePullSecrets": [{"name": "registry"}],
            "settings": {"LIMNER_MIN_INTERVAL": 1},
            "work": {"annotations": {"a": "b"}, "nodeSelector": {"gpu": "yes"},
                     "tolerations": [{"key": "gpu", "operator": "Exists"}]},
            "serve": {"annotations": {"a": "b"}, "nodeSelector": {"gpu": "no"}},
        },
    ],
)  # fmt: skip
def test_all_of_it_is_as_kubernetes_wants(values: dict[str, Any]) -> None:
    """Every manifest by the schema of its kind, strictly; Helm finds nothing wrong either."""
    import helm_python
    import kubernetes_validate

    report = helm_python.lint(CHART, values, strict=True)
    assert [one for one in report["messages"] if one["severity"] > 1] == []
    made = rendered(**values)
    assert {one["kind"] for one in made} >= {"Deployment", "Service", "Job", "ConfigMap"}
    for one in made:
        for version in ("1.29", "1.34"):
            kubernetes_validate.validate(one, version, strict=True)
    names = [(one["kind"], one["metadata"]["name"]) for one in made]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("part", ["serve", "work", "migrate"])
def test_what_it_tells_limner_it_knows(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable is a setting whose value makes sense, every option one of the command."""
    pod = container(part)
    assert [next(iter(one.values()))["name"] for one in pod["envFrom"]] == ["tales", "limner"]
    for name, value in {**of_kind("ConfigMap")["data"], **SECRET}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    check_elsewhere(settings, "it")
    assert settings.serve.draw == "elsewhere"
    assert settings.serve.hosts == ("tales", "tales.stories.svc", "limner.example")
    assert (settings.library_pictures or "").startswith("s3://")
    assert pod["command"] == ["limner", part]
    parameters = typer.main.get_command(app).commands[part].params  # type: ignore[attr-defined]
    known = {option for parameter in parameters for option in parameter.opts}
    assert {word for word in pod.get("args", []) if word.startswith("--")} <= known


def test_there_are_many_and_none_is_stuck_to() -> None:
    """Sixteen servers and sixty-four workers, of which few go at once; any server answers."""
    counts = {part: of_kind("Deployment", part)["spec"]["replicas"] for part in ("serve", "work")}
    assert counts == {"serve": 16, "work": 64}
    assert of_kind("Service")["spec"]["sessionAffinity"] == "None"
    for part, count in counts.items():
        budget, made = of_kind("PodDisruptionBudget", part), of_kind("Deployment", part)
        assert 0 < budget["spec"]["maxUnavailable"] < count / 4
        labels = made["spec"]["template"]["metadata"]["labels"]
        for selector in (budget["spec"]["selector"], made["spec"]["selector"]):
            assert selector["matchLabels"].items() <= labels.items()
    served = of_kind("Deployment", "serve")["spec"]["template"]["metadata"]["labels"]
    assert of_kind("Service")["spec"]["selector"].items() <= served.items()


def test_who_ends_has_the_time_it_needs() -> None:
    """To be forgotten by balancers, to finish, and to cut the rest; with other graces too."""
    for serve, work in ((20, 60), (100, 300)):
        values: dict[str, Any] = {"serve": {"grace": serve}, "work": {"grace": work}}
        told = of_kind("ConfigMap", **values)["data"]
        assert told["LIMNER_SERVE__GRACE"] == str(serve)
        assert told["LIMNER_WORK__GRACE"] == str(work)
        pods = {
            part: of_kind("Deployment", part, **values)["spec"]["template"]["spec"]
            for part in ("serve", "work")
        }
        (server,) = pods["serve"]["containers"]
        _, drain = server["lifecycle"]["preStop"]["exec"]["command"]
        needed = {"serve": int(drain) + serve + CUTTING, "work": work + CUTTING}
        for part, pod in pods.items():
            assert pod["terminationGracePeriodSeconds"] > needed[part]


def test_the_tables_are_there_before_anybody_works() -> None:
    """A job brings them up to date before an installation or an upgrade, after its settings."""
    weights = {}
    for kind in ("ConfigMap", "Job"):
        about = of_kind(kind)["metadata"]["annotations"]
        assert about["helm.sh/hook"] == "pre-install,pre-upgrade"
        weights[kind] = int(about["helm.sh/hook-weight"])
    assert weights["ConfigMap"] < weights["Job"]


def test_a_changed_setting_begins_new_pods() -> None:
    """What a pod was made of stands on it."""

    def of_pods(**values: Any) -> list[str]:
        return [
            of_kind("Deployment", part, **values)["spec"]["template"]["metadata"]["annotations"][
                "limner/settings"
            ]
            for part in ("serve", "work")
        ]

    assert of_pods() == of_pods()
    for old, new in zip(of_pods(), of_pods(maxConcurrent=5), strict=True):
        assert old != new
    assert json.dumps(rendered()).count("secret@postgres") == 0
