"""Run what takes too long for every day, one after another and unattended: ``make proof``.

Each part is a target of the Makefile. What it said goes into a file of its own, and a report tells
of all: when, of which commit, how long, whether it held, and its last words. A part whose foreign
program is not there is told as left out, never as held. Parts can be named: ``make proof ARGS='soak
faults'`` renews these, and the report keeps what it knows of the others.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAID = ROOT / "build" / "proof"
REPORT = ROOT / "benchmarks" / "proof.md"
LAST_LINES = 12
"""How many of a part's last lines the report quotes."""
TOOLS_WORDS = re.compile(r"make(\[\d+\])?: (Enter|Leav)ing|WARNING: Location |npm (notice|warn) ")
"""What is no word of a part's own."""
TOLD = ("aiohttp", "fastapi", "hypothesis", "numpy", "pillow", "sqlalchemy", "uvicorn", "uvloop")
"""The packages whose versions the report names."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is proved.

    Attributes:
        name: What it is called, and its file.
        shows: What holds when it is well.
        command: What is run.
        needs: A variable of the environment that it needs, such as a checkout's path.
    """

    name: str
    shows: str
    command: tuple[str, ...]
    needs: str | None = None


def target(name: str, shows: str, *more: str, needs: str | None = None) -> Part:
    """A target of the Makefile, without the ``ARGS`` that name the parts: make hands them on."""
    return Part(name, shows, ("make", name, "ARGS=", *more), needs)


FUZZ = ("make", "test", "ARGS=--hypothesis-profile=explore -m hypothesis")

PARTS = (
    target("check", "style, types, layers"),
    target("light", "what works without any other package"),
    target("pythons", "the same on other Pythons", needs="PYTHONS"),
    target("test", "every test"),
    target("thorough", "what `make test` has one example of: all of it"),
    Part("fuzz", "every property, with many examples that nobody has seen", FUZZ),
    target("soak", "a million random things done to the limiter"),
    target("faults", "a library that is locked, full, away and damaged while stories are told"),
    target("chart", "the chart for Kubernetes, rendered and judged by its schemas"),
    target("cluster", "servers, workers, Valkey and PostgreSQL that die, hang and come back"),
    target("sillytavern", "the real SillyTavern, with the extension and without"),
    target("open-webui", "the real Open WebUI, and pictures that grow in both"),
    target("sdks", "six SDKs, directly and through limner"),
    target("protocols", "the real clients of the other protocols"),
    target("proxies", "nginx and Caddy, as the documentation has them"),
    target("live-pictures", "pictures that grow, in Chromium and Firefox"),
    target("page", "the page, as people use it"),
    target("books", "ten stories as books, checked by epubcheck"),
    target("comfyui", "a real ComfyUI", needs="COMFYUI"),
    target("bench", "the figures of the benchmarks"),
    target("dist", "the release, installed"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part ended.

    Attributes:
        name: Which.
        code: Its exit code; ``None``: it was left out.
        seconds: How long it took.
        words: Its last lines.
        when: The day and the minute, UTC, at which it ended.
        commit: What was checked out; with a mark if it was changed.
        where: The machine, without its name, and the versions that count.
    """

    name: str
    code: int | None
    seconds: float = 0.0
    words: str = ""
    when: str = ""
    commit: str = ""
    where: str = ""

    @property
    def verdict(self) -> str:
        """In a word."""
        if not self.when:
            return "not run"
        return "left out" if self.code is None else "failed" if self.code else "holds"


ROW = re.compile(
    r"\| (?P<name>[\w-]+) \| .* \| (?P<verdict>holds|failed|left out)"
    r" \| (?P<minutes>\d+):(?P<seconds>\d\d) \| (?P<when>[^|]+) \| `(?P<commit>[^`]+)` \|"
)
CODES = {"holds": 0, "failed": 1, "left out": None}


def remembered(told: str) -> dict[str, Outcome]:
    """How each part ended last, as a report tells it: it is all that is kept of a proof."""
    words = {
        name: (where, said)
        for name, where, said in re.findall(
            r"^## ([\w-]+)\n\n([^\n]*)\n\n```text\n(.*?)\n?```$", told, re.MULTILINE | re.DOTALL
        )
    }
    found = {}
    for row in ROW.finditer(told):
        where, said = words.get(row["name"], ("", ""))
        found[row["name"]] = Outcome(
            row["name"],
            CODES[row["verdict"]],
            60.0 * int(row["minutes"]) + int(row["seconds"]),
            said,
            row["when"],
            row["commit"],
            where,
        )
    return found


def run(part: Part) -> Outcome:
    """Run a part to its end; what it says goes into a file."""
    here = commit()
    if part.needs is not None and not os.environ.get(part.needs):
        return Outcome(part.name, None, words=f"{part.needs} names none", when=now(), commit=here)
    said = SAID / f"{part.name}.txt"
    more = (f"{part.needs}={os.environ[part.needs]}",) if part.needs else ()
    began = time.monotonic()
    with said.open("wb") as file:
        code = subprocess.run(
            (*part.command, *more), cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, check=False
        ).returncode
    seconds = time.monotonic() - began
    return Outcome(part.name, code, seconds, last_words(said), now(), here, machine())


def now() -> str:
    """The day and the minute, UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}"


def last_words(said: Path) -> str:
    """The end of what a part said, as text without colours."""
    text = said.read_text(encoding="utf-8", errors="replace")
    text = text.replace(str(ROOT), ".").replace(str(Path.home()), "~")
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"/tmp/[\w.-]+", "/tmp/...", text)
    lines = [line for line in text.splitlines() if line.strip() and not TOOLS_WORDS.match(line)]
    return "\n".join(line.rstrip()[:160] for line in lines[-LAST_LINES:])


def report(outcomes: list[Outcome]) -> Iterator[str]:
    """The report, in lines."""
    shows = {part.name: part.shows for part in PARTS}
    yield "# The last proof"
    yield ""
    yield "What takes too long for every day, by `make proof`. Each part tells when it was run"
    yield "last, and of which commit; what was *not run* proves nothing. Times are UTC."
    yield ""
    yield "| part | what it shows | | time | run | commit |"
    yield "|---|---|---|--:|---|---|"
    for one in outcomes:
        minutes, seconds = divmod(round(one.seconds), 60)
        ran = f"{minutes}:{seconds:02} | {one.when} | `{one.commit}`" if one.when else " | |"
        yield f"| {one.name} | {shows[one.name]} | {one.verdict} | {ran} |"
    for one in outcomes:
        if not one.when:
            continue
        yield from ("", f"## {one.name}", "", one.where, "", "```text", one.words, "```")


def commit() -> str:
    """What is checked out; with a mark if more than the report was changed."""
    others = ("git", "status", "--porcelain", "-uno", "--", ".", f":!{REPORT.relative_to(ROOT)}")
    number = said_by("git", "rev-parse", "--short=8", "HEAD")
    return f"{number}{' and changes' if said_by(*others) else ''}" if number else "unknown"


def said_by(*command: str) -> str:
    """What a command prints."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def machine() -> str:
    """The machine and what is installed, without its name."""
    known = {one.metadata["Name"].lower(): one.version for one in distributions()}
    versions = ", ".join(f"{name} {known[name]}" for name in TOLD if name in known)
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {gigabytes:.0f} GB, "
        f"load {load:.1f} at the end; Python {platform.python_version()}, {versions}"
    )


def main(names: list[str]) -> int:
    """Run the parts that are named, or all; 1 if one failed."""
    unknown = set(names) - {part.name for part in PARTS}
    if unknown:
        known = ", ".join(part.name for part in PARTS)
        print(f"there is no part {', '.join(sorted(unknown))}; there are {known}", file=sys.stderr)
        return 2
    SAID.mkdir(parents=True, exist_ok=True)
    failed = False
    for part in PARTS:
        if names and part.name not in names:
            continue
        print(f"{part.name}: {part.shows} ...", end=" ", flush=True)
        outcome = run(part)
        print(f"{outcome.verdict}, {outcome.seconds:.0f} s", flush=True)
        failed = failed or bool(outcome.code)
        # Read anew each time: it may have been merged meanwhile with what others have proved.
        before = remembered(REPORT.read_text("utf-8") if REPORT.is_file() else "")
        before[part.name] = outcome
        told = report([before.get(one.name, Outcome(one.name, None)) for one in PARTS])
        REPORT.write_text("\n".join(told) + "\n", encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
