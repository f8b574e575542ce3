"""Run what takes too long for every day, one after another and unattended: ``make proof``.

Each part is a target of the Makefile. What it said goes into a file of its own, and a report tells
of all: how long, whether it held, and its last words. A part whose foreign program is not there is
told as left out, never as held. Parts can be named: ``make proof ARGS='soak faults'``.
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
    """A target of the Makefile."""
    return Part(name, shows, ("make", name, *more), needs)


PARSERS = (
    "tests/prompts", "tests/server/proxy", "tests/server/api/test_fuzz.py", "tests/backends",
    "tests/illustration/rendering",
)  # fmt: skip
"""Where what comes from others is taken apart: streams, tags, histories, files, pictures."""
FUZZ = ("make", "test", f"ARGS=--hypothesis-profile=explore {' '.join(PARSERS)}")

PARTS = (
    target("check", "style, types, layers"),
    target("light", "what works without any other package"),
    target("test", "every test"),
    Part("fuzz", "every parser, with examples that nobody has seen", FUZZ),
    target("soak", "a million random things done to the limiter"),
    target("faults", "a library that is locked, full, away and damaged while stories are told"),
    target("frontends", "the real SillyTavern and Open WebUI"),
    target("sdks", "six SDKs, directly and through limner"),
    target("protocols", "the real clients of the other protocols"),
    target("proxies", "nginx and Caddy, as the documentation has them"),
    target("live-pictures", "pictures that grow, in Chromium and Firefox"),
    target("page", "the page, as people use it"),
    target("comfyui", "a real ComfyUI", needs="COMFYUI"),
    target("bench", "the figures of the benchmarks"),
    target("dist", "the release, installed"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part ended.

    Attributes:
        part: Which.
        code: Its exit code; ``None``: it was left out.
        seconds: How long it took.
        words: Its last lines.
    """

    part: Part
    code: int | None
    seconds: float = 0.0
    words: str = ""

    @property
    def verdict(self) -> str:
        """In a word."""
        return "left out" if self.code is None else "failed" if self.code else "holds"


def run(part: Part) -> Outcome:
    """Run a part to its end; what it says goes into a file."""
    if part.needs is not None and not os.environ.get(part.needs):
        return Outcome(part, None, words=f"{part.needs} names none")
    said = SAID / f"{part.name}.txt"
    more = (f"{part.needs}={os.environ[part.needs]}",) if part.needs else ()
    began = time.monotonic()
    with said.open("wb") as file:
        code = subprocess.run(
            (*part.command, *more), cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, check=False
        ).returncode
    return Outcome(part, code, time.monotonic() - began, last_words(said))


def last_words(said: Path) -> str:
    """The end of what a part said, as text without colours."""
    text = said.read_text(encoding="utf-8", errors="replace").replace(str(ROOT), ".")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    return "\n".join(line.rstrip()[:160] for line in lines[-LAST_LINES:])


def report(outcomes: list[Outcome]) -> Iterator[str]:
    """The report, in lines."""
    yield "# The last proof"
    yield ""
    yield f"`make proof`, ended {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, of commit `{commit()}`."
    yield f"{machine()}."
    yield ""
    yield "| part | what it shows | | time |"
    yield "|---|---|---|--:|"
    for one in outcomes:
        minutes, seconds = divmod(round(one.seconds), 60)
        yield f"| {one.part.name} | {one.part.shows} | {one.verdict} | {minutes}:{seconds:02} |"
    for one in outcomes:
        yield from ("", f"## {one.part.name}", "", "```text", one.words, "```")


def commit() -> str:
    """What is checked out; with a mark if it was changed."""
    told = ("git", "describe", "--always", "--dirty")
    done = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


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
    outcomes: list[Outcome] = []
    for part in PARTS:
        if names and part.name not in names:
            continue
        print(f"{part.name}: {part.shows} ...", end=" ", flush=True)
        outcomes.append(run(part))
        print(f"{outcomes[-1].verdict}, {outcomes[-1].seconds:.0f} s", flush=True)
        REPORT.write_text("\n".join(report(outcomes)) + "\n", encoding="utf-8")
    return int(any(one.code for one in outcomes))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
