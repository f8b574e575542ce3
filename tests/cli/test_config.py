"""`limner config`: what counts, where it comes from, and what is wrong."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from tests.cli.conftest import Command

from limner.config import ServeSettings, Settings, load_settings
from limner.config.example import example
from limner.config.origin import effective

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
    told = {one.name: one for one in effective(settings, options)}
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
    plain = {name for name in Settings.model_fields if name != "serve"}
    nested = {f"serve.{name}" for name in ServeSettings.model_fields if name != "budget"}
    assert (plain | nested) - names == set()


def test_each_setting_tells_whom_it_is_for(limner: Command, file: str) -> None:
    """For people and for programs; a table's holds for all that is in it."""
    rows = json.loads(limner("config", "--config", file, "--json").out)["settings"]
    users = {row["name"]: row["used_by"] for row in rows}
    assert users["serve.port"] == ["serve"]
    assert users["serve.budget.per_day"] == ["serve", "mcp"]
    assert users["rates"] == ["illustrate", "demo", "resume", "redraw", "serve", "mcp"]
    assert "demo" not in users["patterns"] + users["library"]
    assert all(users.values())
    (line,) = [one for one in limner("config").out.splitlines() if one.startswith("rates ")]
    assert line.endswith("illustrate, demo, resume, redraw, serve, mcp")


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
    assert "LIMNER_LIBARY is no setting; did you mean 'library'?" in ran.err
