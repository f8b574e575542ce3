"""Workload files: TOML or JSON, and a clear error for everything else."""

import json
from pathlib import Path

import pytest

from limner.errors import ConfigError
from limner.simulation.scenario import read_table, scenario_from

TABLE = {
    "duration": "2h",
    "seed": 3,
    "users": {"weights": {"ada": 1, "bob": 2}, "day": "evening"},
    "answers": {"tags": "2-4", "writing_time": "uniform:10:50"},
    "pictures": {"time": [3, 4.5], "failures": 0.1},
    "limits": {"max_concurrent": [2, 4], "retry": 2},
}

TOML = """
duration = "2h"
seed = 3
[users]
weights = { ada = 1, bob = 2 }
day = "evening"
[answers]
tags = "2-4"
writing_time = "uniform:10:50"
[pictures]
time = [3, 4.5]
failures = 0.1
[limits]
max_concurrent = [2, 4]
retry = 2
"""


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    """A workload can be written in either; a byte order mark does no harm."""
    (tmp_path / "w.toml").write_text(TOML, encoding="utf-8-sig")
    (tmp_path / "w.json").write_text(json.dumps(TABLE))
    scenarios = [scenario_from(read_table(tmp_path / name)) for name in ("w.toml", "w.json")]
    assert scenarios[0] == scenarios[1]
    assert scenarios[0].workload.users.number == 2
    assert [limits.slots for limits in scenarios[0].limits] == [2, 4]


def test_nothing_said_is_the_usual() -> None:
    """An empty table is fifty users for an hour, with three slots; "none" takes the slots away."""
    scenario = scenario_from({})
    assert scenario.workload.expected_pictures == 1800
    assert [limits.slots for limits in scenario.limits] == [3]
    free = scenario_from({"limits": {"max_concurrent": "none"}})
    assert free.limits[0].slots is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("w.toml", b"duration = ["),
        ("w.json", b"{"),
        ("w.json", b"[1]"),
        ("w.json", b"[" * 100_000),
        ("w.toml", b"\xff\xfe\x00"),
        ("w.toml", b"\x00"),
    ],
)
def test_a_broken_file_is_a_clear_error(tmp_path: Path, name: str, content: bytes) -> None:
    """The error names the file."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=name):
        read_table(tmp_path / name)


def test_what_is_no_file_is_a_clear_error(tmp_path: Path) -> None:
    """Missing, a directory, an endless device, or too large."""
    with (tmp_path / "big.toml").open("wb") as big:
        big.truncate(2**25)
    for path in (tmp_path / "absent", tmp_path, Path("/dev/zero"), tmp_path / "big.toml"):
        with pytest.raises(ConfigError, match="cannot read"):
            read_table(path)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"user": {}}, "there is no setting user; known: duration, seed, users"),
        ({"users": {"number": 3}}, "there is no setting users.number; known: count"),
        ({"users": 3}, "users must be a table, not 3"),
        ({"limits": [1]}, "limits must be a table, not \\[1\\]"),
        ({"users": {"count": 0}}, "users.count is wrong: .* not 0"),
        ({"users": {"weights": {"ada": -1}}}, "users.weights is wrong: .* not -1"),
        ({"users": {"answers_per_hour": 1, "answers_per_day": 1}}, "users: give .* not both"),
        ({"pictures": {"time": "x" * 1000}}, "pictures.time: .{60,120}$"),
        ({"duration": "soon"}, "duration: 'soon' is not a span"),
    ],
)
def test_a_wrong_setting_is_a_clear_error(table: dict[str, object], told: str) -> None:
    """One line names the setting as it stands in the file."""
    with pytest.raises(ConfigError, match=told) as error:
        scenario_from(table)
    assert "\n" not in str(error.value)


def test_errors_can_name_options() -> None:
    """What came from the command line is called as it is there."""
    with pytest.raises(ConfigError, match=r"^--users is wrong"):
        scenario_from({"users": {"count": 0}}, options={"users.count": "--users"})
