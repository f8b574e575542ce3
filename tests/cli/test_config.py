"""`limner config`: what counts, where it comes from, and what is wrong."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from tests.cli.conftest import Command

from limner.config import KeepSettings, ServeSettings, Settings, WorkSettings, load_settings
from limner.config.example import example
from limner.config.origin import effective
from limner.config.tables import TracingSettings

FILE = """\
llm_url = "http://me:the-password@127.0.0.1:8080/v1?api_key=the-query-key"
max_concurrent = 5
[[upstreams]]
url = "http://127.0.0.1:8081/v1"
key = "sk-upstream"
[serve]
port = 9000
[serve.tokens]
anna = "the-token-of-anna"
[serve.budget]
per_day = 100
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A settings file."""
    place = tmp_path / "limner.toml"
    place.write_text(FILE)
    return str(place)


def origins(out: str) -> dict[str, tuple[object, str]]:
    """Name to value and origin."""
    rows = json.loads(out)["settings"]
    return {row["name"]: (row["value"], row["origin"]) for row in rows}


def test_each_setting_tells_where_it_comes_from(
    limner: Command, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment goes before the file, the file before the defaults, also within a table."""
    monkeypatch.setenv("LIMNER_SERVE__PORT", "9001")
    monkeypatch.setenv("LIMNER_SERVE__BUDGET__PER_HOUR", "10")
    told = origins(limner("config", "--config", file, "--json").out)
    assert told["serve.port"] == (9001, "environment")
    assert told["serve.budget.per_hour"] == (10, "environment")
    assert told["serve.budget.per_day"] == (100, "file")
    assert told["max_concurrent"] == (5, "file")
    assert told["serve.host"] == ("127.0.0.1", "default")


def test_an_option_goes_before_everything(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is told as one."""
    monkeypatch.setenv("LIMNER_SERVE__PORT", "9001")
    options = {"serve": {"port": 9002}}
    settings = load_settings(file, **options)
    told = {one.name: one for one in effective(settings, options, file=Path(file))}
    assert (told["serve.port"].value, told["serve.port"].origin) == (9002, "option")
    assert told["serve.budget.per_day"].origin == "file"


def test_no_secret_is_shown(limner: Command, file: str) -> None:
    """Neither a key nor a token nor a password in an address, in no form of the output."""
    for form in ([], ["--json"], ["--check"]):
        ran = limner("config", "--config", file, *form)
        assert ran.code == 0
        for secret in ("the-password", "the-query-key", "sk-upstream", "the-token-of-anna"):
            assert secret not in ran.out + ran.err


def test_every_setting_is_shown(limner: Command) -> None:
    """For people, one a line."""
    out = limner("config").out
    names = {line.split(" ")[0] for line in out.splitlines()}
    plain = {
        name for name in Settings.model_fields if name not in ("keep", "serve", "tracing", "work")
    }
    nested = {f"serve.{name}" for name in ServeSettings.model_fields if name != "budget"}
    nested |= {f"keep.{name}" for name in KeepSettings.model_fields}
    nested |= {f"tracing.{name}" for name in TracingSettings.model_fields}
    nested |= {f"work.{name}" for name in WorkSettings.model_fields}
    assert (plain | nested) - names == set()


def test_each_setting_tells_whom_it_is_for(limner: Command, file: str) -> None:
    """For people and for programs; a table's holds for all that is in it."""
    rows = json.loads(limner("config", "--config", file, "--json").out)["settings"]
    users = {row["name"]: row["used_by"] for row in rows}
    assert users["serve.port"] == ["serve"]
    assert users["serve.budget.per_day"] == ["serve", "mcp"]
    assert users["rates"] == ["illustrate", "demo", "resume", "redraw", "serve", "work", "mcp"]
    assert "demo" not in users["patterns"] + users["library"]
    assert all(users.values())
    (line,) = [one for one in limner("config").out.splitlines() if one.startswith("rates ")]
    assert line.endswith("illustrate, demo, resume, redraw, serve, work, mcp")


def test_the_example_is_valid_and_sets_nothing(limner: Command, tmp_path: Path) -> None:
    """As it is printed; and every line in it can be switched on."""
    printed = limner("config", "--example").out
    place = tmp_path / "example.toml"
    place.write_text(printed)
    assert limner("config", "--config", str(place), "--check").code == 0
    told = origins(limner("config", "--config", str(place), "--json").out)
    assert {origin for _, origin in told.values()} == {"default"}
    switched_on = [
        line.removeprefix("# ")
        for line in example().splitlines()
        if re.match(r"(# \[\[|\[|# [a-z_]+ = )", line)
    ]
    assert set(tomllib.loads("\n".join(switched_on))) > {"serve", "upstreams", "rates"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[serve]\nprot = 1", "no setting 'serve.prot'; did you mean 'port'?"),
        ("[serve.budget]\nper_days = 1", "did you mean 'per_day'?"),
        (
            "[[upstreams]]\nadress = 'x'\nurl = 'http://h'",
            "no setting 'upstreams.0.adress'",
        ),
        ("[serve]\ntoken = 'short'", "serve.token"),
        ("[serve]\nmode = 'sideways'", "serve.mode"),
        ("[serve]\npublic_url = 'ftp://h'", "cannot be the public URL"),
        ("backend = 'no-such'", "no-such"),
        ("llm_url = 'localhost'", "must begin with http://"),
        ("[serve.tokens]\na = 'one-and-the-same-'\nb = 'one-and-the-same-'", "are the same"),
        ("[serve", "cannot read the settings"),
    ],
)
def test_what_is_wrong_is_one_line(limner: Command, tmp_path: Path, text: str, told: str) -> None:
    """With the setting's name, a guess at what was meant, and no value."""
    place = tmp_path / "wrong.toml"
    place.write_text(text)
    ran = limner("config", "--config", str(place), "--check")
    assert ran.code == 2
    assert told in ran.err
    assert ran.err.count("\n") == 1
    assert "short" not in ran.err


def test_a_variable_that_is_no_setting_is_told(
    limner: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a guess; to --check it is a mistake."""
    monkeypatch.setenv("LIMNER_LIBARY", "x")
    ran = limner("config", "--check")
    assert ran.code == 2
    assert "LIMNER_LIBARY is no setting; did you mean LIMNER_LIBRARY?" in ran.err


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("LIMNER_LIBARY", "LIMNER_LIBARY is no setting; did you mean LIMNER_LIBRARY?"),
        ("LIMNER_PORT", "LIMNER_PORT is no setting; did you mean LIMNER_SERVE__PORT?"),
        ("LIMNER_SERVER__PORT", "did you mean LIMNER_SERVE__PORT?"),
        ("limner_hosts", "limner_hosts is no setting; did you mean LIMNER_SERVE__HOSTS?"),
        ("LIMNER_FOO", "LIMNER_FOO is no setting"),
    ],
)
def test_every_command_tells_of_such_a_variable_once(
    limner: Command, monkeypatch: pytest.MonkeyPatch, variable: str, told: str
) -> None:
    """In a line, and goes on: the variable may be meant for another version."""
    monkeypatch.setenv(variable, "9000")
    ran = limner("migrate", "--library", "tales")
    assert (ran.code, ran.err.count("\n")) == (0, 1)
    assert f"{told}\n" in ran.err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LIMNER_TOKEN", "secret"),
        ("LIMNER_TEST_KEY", "secret"),
        ("LIMNER_CONFIG", ""),
        ("LIMNER_PORT", "tcp://10.0.0.1:8750"),
        ("LIMNER_SERVICE_HOST", "10.0.0.1"),
        ("LIMNER_SERVICE_PORT_HTTP", "8750"),
        ("LIMNER_PORT_8750_TCP_ADDR", "10.0.0.1"),
        ("LIMNER_OBJECTS_SERVICE_PORT", "9000"),
        ("LIMNER_HORDE_KEY", "secret"),
    ],
)
def test_variables_that_others_set_are_left_alone(
    limner: Command, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Those of the files that come with limner, and of a cluster that knows a service limner."""
    monkeypatch.setenv(variable, value)
    ran = limner("migrate", "--library", "tales")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LIMNER_BACKEND_OPTIONS", "{", "the variable LIMNER_BACKEND_OPTIONS is not written as"),
        ("LIMNER_SERVE", "x", "set one by one, as LIMNER_SERVE__HOST"),
    ],
)
def test_a_variable_that_is_no_json_is_told_in_words(
    limner: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    """By its own name, with what can be done."""
    monkeypatch.setenv(name, value)
    ran = limner("list")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert told in ran.err


def test_what_an_option_says_wrong_is_told_of_the_option(limner: Command) -> None:
    """Not of a setting in the environment."""
    for option, value in (("--draw", "nowhere"), ("--mode", "foo"), ("--host", "")):
        ran = limner("serve", option, value)
        assert ran.code == 2
        assert ran.err.startswith(f"limner: the option {option} is wrong: ")
        assert "environment" not in ran.err


@pytest.mark.parametrize("command", ["doctor", "models"])
def test_the_servers_of_a_settings_file_are_looked_over(
    limner: Command, tmp_path: Path, command: str
) -> None:
    """Of the one that the command names."""
    (tmp_path / "my.toml").write_text('llm_url = "http://127.0.0.1:1/v1"')
    ran = limner(command, "--config", "my.toml", *(["--no-picture"] if command == "doctor" else []))
    assert ran.code == 1
    assert "http://127.0.0.1:1" in ran.out + ran.err
