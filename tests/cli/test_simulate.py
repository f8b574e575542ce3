"""`limner simulate`: figures, drawings, comparisons, and clear errors."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

Command = Callable[..., Any]

PAGE = Path(__file__).parents[2] / "docs" / "simulate.md"
SHORT = ("--duration", "10m", "--users", "20")


def figures(ran: Any) -> list[dict[str, Any]]:
    """What `--json` printed."""
    return [json.loads(line) for line in ran.out.splitlines()]


def test_the_figures_are_a_plain_table_where_nobody_sees_colours(limner: Command) -> None:
    """First the traffic and the limits in words, then a figure a line."""
    ran = limner("simulate", *SHORT)
    assert ran.code == 0
    assert ran.err == ""
    assert ran.out.startswith("20 users, 12 answers an hour each, 3 pictures an answer, ")
    assert "\nmax_concurrent 3\n" in ran.out
    assert re.search(r"^95 of 100 wait at most +[0-9.]+ s$", ran.out, re.MULTILINE)
    assert "\x1b" not in ran.out


def test_the_same_seed_says_the_same_and_another_does_not(limner: Command) -> None:
    """A run can be repeated to the last digit."""
    first = limner("simulate", *SHORT, "--json", "--failures", "0.1", "--retry", "3")
    again = limner("simulate", *SHORT, "--json", "--failures", "0.1", "--retry", "3")
    other = limner("simulate", *SHORT, "--json", "--failures", "0.1", "--retry", "3", "--seed", "2")
    assert first.out == again.out != other.out
    assert figures(first)[0]["attempts"] > figures(first)[0]["pictures"]


def test_values_with_commas_are_compared_on_the_same_traffic(limner: Command) -> None:
    """A row for each combination; more slots never wait longer in all."""
    ran = limner("simulate", *SHORT, "--max-concurrent", "1,2,4", "--json")
    found = figures(ran)
    assert [line["limits"]["max_concurrent"] for line in found] == [1, 2, 4]
    assert len({line["pictures"] for line in found}) == 1
    waits = [line["wait"]["mean"] for line in found]
    assert waits == sorted(waits, reverse=True)
    table = limner("simulate", *SHORT, "--max-concurrent", "1,2,4", "--limit", "fair=false,true")
    rows = table.out.splitlines()[2:]
    assert rows[0].split()[:3] == ["max", "concurrent", "fair"]
    assert [tuple(row.split()[:2]) for row in rows[1:]] == [
        (slots, fair) for slots in "124" for fair in ("no", "yes")
    ]


def test_every_option_reaches_its_place(limner: Command) -> None:
    """What the options say is what is simulated."""
    ran = limner(
        "simulate", "--duration", "1h", "--weights", "ada=1,bob=3", "--answers-per-day", "240",
        "--arrivals", "fixed", "--day", "1,1", "--tags", "2", "--writing-time", "0s",
        "--spacing", "end", "--picture-time", "2s", "--failures", "0", "--expiration", "9s",
        "--queue-timeout", "1m", "--max-concurrent", "none", "--min-interval", "0.5",
        "--rate", "9/10s", "--rate", "100/1m", "--retry", "2", "--fair", "--limit", "aging=30s",
        "--limit", 'reservoir={amount = 50, refresh_amount = 50, refresh_every = "1m"}',
        "--seed", "4", "--json",
    )  # fmt: skip
    (found,) = figures(ran)
    assert found["limits"] == {
        "max_concurrent": "none",
        "min_interval": 0.5,
        "rates": ["9/10s", "100/1m"],
        "retry": 2,
        "fair": True,
        "aging": "30s",
        "reservoir": {"amount": 50, "refresh_amount": 50, "refresh_every": "1m"},
    }
    assert found["seed"] == 4
    assert found["pictures"] == found["made"] == 40
    # Two at once, half a second apart: the second waits, and each takes 2 s.
    assert found["wait"]["maximum"] == 0.5
    assert found["delay"]["p50"] in (2.0, 2.5)


def test_the_server_behind_the_limiter_can_be_described(limner: Command) -> None:
    """Narrow, away twice, choosy and with a quota: by options as in a file."""
    text = (
        "--users", "1", "--answers-per-hour", "1", "--arrivals", "fixed", "--writing-time", "0s",
        "--tags", "6", "--picture-time", "2s", "--json",
    )  # fmt: skip
    ran = limner(
        "simulate", *text, "--server-width", "1", "--server-away", "3s-9s",
        "--server-away", "12s-20s", "--server-quota", "100/1m", "--server-bad", "2,5",
        "--server-refusal", "502",
    )  # fmt: skip
    (found,) = figures(ran)
    assert (found["made"], found["failed"]) == (4, 2)
    assert 9 < found["makespan"] < 120
    about = limner("simulate", *text[:-1], "--server-bad", "2", "--server-refusal", "429/3s").out
    assert "a server that dislikes picture 2 and refuses with 429, come back after 3 s" in about


def test_a_cluster_is_simulated_and_its_deaths_are_drawn(limner: Command, tmp_path: Path) -> None:
    """By options; the figures tell of the nodes, and one process has none."""
    nodes = (
        "--replicas", "2", "--workers", "3", "--worker-width", "2", "--deaths-per-hour", "90",
        "--back-after", "3s", "--grant-delay", "20ms",
    )  # fmt: skip
    traffic = ("--duration", "10m", "--users", "9", "--chats-per-day", "20000")
    (found,) = figures(limner("simulate", *traffic, *nodes, "--json", "-o", "out.svg"))
    assert found["nodes"]["died"] > 3
    assert found["attempts"] == found["pictures"] + found["nodes"]["cut"]
    assert 'class="death"' in (tmp_path / "out.svg").read_text()
    about = limner("simulate", *traffic, *nodes).out
    assert "2 replicas and 3 workers of width 2, 90 deaths an hour and another after 3 s" in about
    assert "nodes that died" in about
    (alone,) = figures(limner("simulate", *SHORT, "--json"))
    assert "nodes" not in alone


def test_options_go_before_the_file(limner: Command, tmp_path: Path) -> None:
    """A file is a start; options change it, also in other units."""
    (tmp_path / "w.toml").write_text(
        'duration = "10m"\n[users]\ncount = 5\nanswers_per_day = 1\n[limits]\nmax_concurrent = 9\n'
    )
    ran = limner("simulate", "w.toml", "--users", "7", "--answers-per-hour", "60")
    assert ran.out.startswith("7 users, 60 answers an hour each")
    assert "\nmax_concurrent 9\n" in ran.out
    assert limner("simulate", "w.toml", "--weights", "1,2,3").out.startswith("3 users")


def test_a_page_is_drawn_for_all_and_a_picture_for_one(limner: Command, tmp_path: Path) -> None:
    """The page holds a timeline for each limit; both are whole files and nothing else is left."""
    ran = limner("simulate", *SHORT, "--max-concurrent", "1,2", "-o", "out.html")
    assert ran.code == 0
    assert ran.err == "drawn in out.html\n"
    assert (tmp_path / "out.html").read_text().count("<svg") == 2
    assert limner("simulate", *SHORT, "-o", "out.svg", "--from", "1m", "--to", "2m").code == 0
    svg = (tmp_path / "out.svg").read_text()
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert "From 0:01:00 to 0:02:00" in svg
    assert {path.name for path in tmp_path.iterdir()} == {"out.html", "out.svg"}


BAD = {
    "no users": (["--users", "0"], "--users is wrong"),
    "users that are no number": (["--users", "many"], "--users is wrong"),
    "both paces": (["--answers-per-hour", "1", "--answers-per-day", "1"], "not both"),
    "unknown time": (["--picture-time", "weibull:3"], "--picture-time: 'weibull:3'"),
    "bad duration": (["--duration", "soon"], "--duration: 'soon'"),
    "too many failures": (["--failures", "2"], "--failures is wrong"),
    "unknown limit": (["--limit", "speed=3"], "there is no limit 'speed'; known: max_concurrent"),
    "no limit at all": (["--limit", "fair"], "NAME=VALUE"),
    "broken table": (["--limit", "reservoir={amount"], "--limit"),
    "bad rate": (["--rate", "15"], "no rate such as 15/10s"),
    "bad slots": (["--max-concurrent", "2,x"], "max_concurrent must be an int, not 'x'"),
    "no slots": (["--max-concurrent", "0"], "can never start"),
    "never enough": (["--limit", "reservoir=5"], "can never start under these limits"),
    "too many limits": (["--max-concurrent", ",".join("1" * 51)], "51 combinations"),
    "too much": (["--users", "1000000", "--duration", "30d"], "the most is 2,000,000"),
    "no width": (["--server-width", "0"], "--server-width is wrong"),
    "no stretch": (["--server-away", "soon"], "--server-away: 'soon' is no stretch"),
    "no quota": (["--server-quota", "15"], "--server-quota: '15' is no quota"),
    "no picture": (["--server-bad", "first"], "--server-bad: 'first'"),
    "no refusal": (["--server-refusal", "200"], "--server-refusal: '200' is none of"),
    "missing file": (["absent.toml"], "absent.toml"),
    "directory": (["folder"], "folder"),
    "broken file": (["broken.toml"], "broken.toml"),
    "unknown setting": (["unknown.toml"], "there is no setting users.number"),
    "unknown ending": (["-o", "x.png"], ".html or .svg"),
    "no folder": (["-o", "no/such/x.html"], "no/such"),
    "output is a folder": (["-o", "folder.html"], "directory"),
    "a picture of two": (["--max-concurrent", "1,2", "-o", "x.svg"], "x.svg holds one timeline"),
    "a part of nothing": (["--from", "1m"], "-o"),
    "a part after the end": (["-o", "x.html", "--from", "20h"], "nothing happens after"),
    "a part backwards": (["-o", "x.html", "--from", "2m", "--to", "1m"], "before it begins"),
    "a part that is no time": (["-o", "x.html", "--to", "noon"], "--to: 'noon'"),
    "unknown option": (["--colour"], "--colour"),
}


@pytest.mark.parametrize(("arguments", "named"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_clear_line(
    limner: Command, tmp_path: Path, arguments: list[str], named: str
) -> None:
    """Each says what is wrong with what, on one line, with exit code 2, and leaves no file."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "broken.toml").write_text("duration = [")
    (tmp_path / "unknown.toml").write_text("[users]\nnumber = 3")
    before = {path.name for path in tmp_path.iterdir()}
    ran = limner("simulate", *arguments)
    assert ran.code == 2
    assert ran.err.count("\n") == 1, ran.err
    assert ran.err.startswith("limner: ")
    assert named in ran.err
    assert ran.out == ""
    assert {path.name for path in tmp_path.iterdir()} == before


def blocks() -> list[tuple[str, str]]:
    """The fenced blocks of the page: language and content, in their order."""
    return re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


TAKES_LONG = "limner simulate evening.toml --users 2000"
"""How the one begins that takes as long as all others, and below which nothing is printed."""


@pytest.mark.parametrize("all_of_them", [False, pytest.param(True, marks=pytest.mark.proof)])
def test_the_page_shows_what_its_commands_print(
    limner: Command, tmp_path: Path, all_of_them: bool
) -> None:
    """Every command on the page runs, and prints the block below it, to the last character."""
    found = blocks()
    assert any(TAKES_LONG in content for _, content in found)
    ran = shown = 0
    printed = ""
    for kind, content in found:
        if kind == "toml":
            (tmp_path / "evening.toml").write_text(content)
        elif kind == "sh":
            for line in content.replace("\\\n", " ").splitlines():
                name, *arguments = shlex.split(line)
                assert name == "limner"
                if line.startswith(TAKES_LONG) and not all_of_them:
                    continue
                result = limner(*arguments)
                assert result.code == 0, result.err
                printed = result.out
                ran += 1
        elif kind == "text":
            assert content == printed
            shown += 1
    assert ran >= 5
    assert shown >= 3
    assert len((tmp_path / "evening.html").read_bytes()) < 2_000_000
