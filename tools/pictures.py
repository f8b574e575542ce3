"""Make the pictures that the documentation shows of limner itself: ``make pictures``.

The page is `limner serve` as installed, with nothing set, in a real browser; the terminal is what
the commands print. SillyTavern's and Open WebUI's pictures come from ``make frontends``.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
SHOWN = ROOT / "docs" / "pictures"
BROWSER = next(filter(os.path.exists, ("/usr/bin/chromium", "/usr/bin/google-chrome")), None)
PATIENCE = 120_000
"""Milliseconds within which the first story is told and drawn."""

FADED = 700
"""Milliseconds after which a picture that has come is wholly there."""

STORY = """# The Lamp

Ann climbed the stairs of the lighthouse. A storm came up from the sea, and the lamp was dark.

She lit it with her last match. Far out, a ship turned.

In the morning there was a fox on the beach, looking up at her window.

## The Ship

The captain stood on the pier in his red coat, with a parrot on his shoulder. "You kept your
promise," he said. Behind him the ship lay in the harbour, and the sun rose over the town.
"""
COMMANDS = (
    "limner illustrate lamp.md -o lamp.epub --every 40",
    "limner pictures lamp",
    'limner redraw lamp 1 --prompt "a lighthouse in a storm at night"',
)


def home(folder: Path) -> dict[str, str]:
    """The environment of somebody who has just installed it."""
    command = Path(sys.executable).parent
    return {
        "HOME": str(folder), "PATH": f"{command}:{os.environ['PATH']}", "LANG": "C.UTF-8",
        "COLUMNS": "96", "PYTHONPATH": str(ROOT / "src"),
    }  # fmt: skip


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server with nothing set; gives its address."""
    with subprocess.Popen(
        ["limner", "serve", "--port", "0"],
        env=home(folder), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as server:  # fmt: skip
        try:
            said = iter(server.stdout or ())
            found = next(filter(None, (re.search(r"http://127[.\d]+:\d+", line) for line in said)))
            yield found[0]
        finally:
            server.terminate()


def keep(name: str, taken: bytes) -> None:
    """Write a picture as the pages want it."""
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    picture.save(SHOWN / f"{name}.webp", quality=82, method=6)


def page(browser: Browser, address: str) -> None:
    """The page while its first story is told, and the picture that one looks at."""
    opened = browser.new_page(viewport={"width": 1200, "height": 800}, locale="en-GB")
    opened.goto(address)
    drawn = opened.locator(".picture[data-state=ready]")
    drawn.nth(1).wait_for(timeout=PATIENCE)
    drawn.first.evaluate("picture => picture.scrollIntoView({ block: 'end' })")
    opened.wait_for_timeout(FADED)
    keep("page", opened.screenshot(type="png"))
    opened.close()


def terminal(browser: Browser, folder: Path) -> None:
    """What a writer sees."""
    (folder / "lamp.md").write_text(STORY, encoding="utf-8")
    console = Console(record=True, width=96, file=io.StringIO(), force_terminal=True)
    for command in COMMANDS:
        done = subprocess.run(
            shlex.split(command), env=home(folder), cwd=folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
        )  # fmt: skip
        said = done.stdout.replace(str(folder), "~")
        console.print(Text.from_ansi(f"\x1b[1;32m$\x1b[0m \x1b[1m{command}\x1b[0m\n{said}"))
    shown = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title=""), flags=re.DOTALL)
    shown = shown.replace("Fira Code", "DejaVu Sans Mono")
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    opened.set_content(f"<body style='margin:0'>{shown}")
    keep("terminal", opened.locator("svg").screenshot(type="png", omit_background=True))
    opened.close()


def main() -> None:
    """Make them."""
    if BROWSER is None:
        raise SystemExit("this needs Chromium (Debian: apt install chromium)")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        (Path(name) / "writer").mkdir()
        with serving(Path(name)) as address:
            page(browser, address)
        terminal(browser, Path(name) / "writer")
        browser.close()


if __name__ == "__main__":
    main()
